package scenarios_test

import (
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pushbench/scenarios"
)

// leaves are the keys of a scenario that have values, with their types.
func leaves(of reflect.Type, prefix string) map[string]reflect.Type {
	all := map[string]reflect.Type{}
	for field := range of.Fields() {
		key := prefix + field.Tag.Get("yaml")
		_, set := reflect.PointerTo(field.Type).MethodByName("Set")
		if field.Type.Kind() == reflect.Struct && !set {
			maps.Copy(all, leaves(field.Type, key+"."))
			continue
		}
		all[key] = field.Type
	}
	return all
}

// asks is a scenario that has this value of the key in its second line.
func asks(key, value string) string {
	outer, inner, nested := strings.Cut(key, ".")
	if nested {
		value = fmt.Sprintf("{%s: %s}", inner, value)
	}
	first := "schedule: {rate: 1/s}"
	if outer == "schedule" {
		first = "clients: 10"
	}
	return fmt.Sprintf("%s\n%s: %s\n", first, outer, value)
}

// Whatever somebody writes behind whatever key is refused with its line, its key
// and what would be right, or it is taken: nothing else.
func TestNonsenseBehindEachKeyIsToldWithItsLine(t *testing.T) { // R1
	prose := []string{"name", "title", "question", "about"}
	negative := map[string]string{"Duration": "-1s", "Rate": "-1/s", "Share": "-5%", "Percent": "-5%", "Size": "-1B", "Sizes": "-1B", "int": "-1", "uint64": "-1"}
	helps := regexp.MustCompile(`\b(want|have|did you mean|needs?|must|choose|say|leave|give|set|write|name)\b`)
	for key, kind := range leaves(reflect.TypeFor[scenarios.Scenario](), "") {
		wrong := []string{"{a: {b: 1}}", "[[1], {a: 1}]", "~"}
		if !slices.Contains(prose, key) {
			wrong = append(wrong, "nonsense!", "1e999", "99999999999999999999", `"\0"`, "0x")
		}
		if value, ok := negative[kind.Name()]; ok {
			wrong = append(wrong, value)
		}
		for _, value := range wrong {
			_, err := scenarios.Decode("x.yaml", []byte(asks(key, value)))
			if err == nil {
				t.Errorf("%s: %s is taken", key, value)
				continue
			}
			told := slices.ContainsFunc(problems(t, err), func(text string) bool {
				return strings.HasPrefix(text, "x.yaml:2: "+key[:strings.IndexByte(key+".", '.')]) && helps.MatchString(text)
			})
			if !told {
				t.Errorf("%s: %s is refused without its line, its key or what is right: %v", key, value, err)
			}
		}
	}
}
