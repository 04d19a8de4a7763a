package scenarios_test
import ("testing";"time";"os";"pushbench/scenarios";"fmt";"strings")
func FuzzZZ(f *testing.F){
 for _, name := range scenarios.Names() { text, _ := scenarios.Source(name); f.Add(text) }
	f.Add([]byte(strings.Repeat("[", 1000)))
 f.Fuzz(func(t *testing.T, text []byte){
  tm := time.AfterFunc(300*time.Millisecond, func(){ os.WriteFile(fmt.Sprintf("/tmp/slow-%d", time.Now().UnixNano()), text, 0o644) })
  defer tm.Stop()
  scenarios.Decode("f.yaml", text)
 })
}
