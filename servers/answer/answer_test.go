package answer

import (
	"fmt"
	"math"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"pushbench/servers/request"
	"pushbench/servers/source"
	"pushbench/servers/wire"
)

func publish(t testing.TB, topic *source.Topic, data string) {
	t.Helper()
	if _, err := topic.Publish(wire.Message{Data: []byte(data)}); err != nil {
		t.Fatal(err)
	}
}

func TestWhoAsksForTheSameSharesAnAnswer(t *testing.T) {
	src := source.New(source.Options{Epoch: "e", Keep: 4}, "t", "u")
	topic, other := src.Add("t"), src.Add("u")
	for range 6 {
		publish(t, topic, `1`)
		publish(t, other, `1`)
	}
	desk := NewDesk(src, 3)
	first := func(topic *source.Topic, c wire.Cursor) *Answer {
		return desk.First(request.Subscription{Topic: topic, Cursor: c}, "somebody")
	}
	asked := map[string]func() *Answer{
		"hello":           func() *Answer { return first(topic, wire.Cursor{}) },
		"nothing":         func() *Answer { return first(topic, topic.Cursor(6)) },
		"one":             func() *Answer { return first(topic, topic.Cursor(5)) },
		"two":             func() *Answer { return first(topic, topic.Cursor(4)) },
		"fell off":        func() *Answer { return first(topic, topic.Cursor(0)) },
		"other epoch":     func() *Answer { return first(topic, wire.Cursor{Epoch: "f", N: 5}) },
		"yet another":     func() *Answer { return first(topic, wire.Cursor{Epoch: "g", N: 5}) },
		"of another":      func() *Answer { return first(other, other.Cursor(5)) },
		"hello elsewhere": func() *Answer { return first(other, wire.Cursor{}) },
	}
	seen := make(map[*Answer]string)
	for name, ask := range asked {
		a := ask()
		if ask() != a {
			t.Errorf("%s is answered anew", name)
		}
		if before, ok := seen[a]; ok {
			t.Errorf("%s is answered as %s", name, before)
		}
		seen[a] = name
	}
	if a := desk.After(topic, 4); a != first(topic, topic.Cursor(4)) {
		t.Error("who waited for the same gets another answer")
	}
	stale := desk.After(topic, 5)
	publish(t, topic, `2`)
	if a := desk.After(topic, 5); a == stale {
		t.Error("a new event does not change the answer")
	}
}

func TestShelfKeepsItsEventsToItself(t *testing.T) {
	src := source.New(source.Options{}, "t")
	topic := src.Add("t")
	for range 6 {
		publish(t, topic, `1`)
	}
	desk := NewDesk(src, 8)
	desk.After(topic, 4)
	desk.After(topic, 4) // leaves room to look into
	kept := desk.After(topic, 5)
	for range 2 {
		desk.After(topic, 2) // which needs more room, and not the last one's
	}
	if desk.After(topic, 5) != kept {
		t.Error("looking for another answer spoilt the one on the shelf")
	}
}

func TestNoticeCoversWhatFellOffSinceItWasMade(t *testing.T) { // L6, V12
	src := source.New(source.Options{Epoch: "now", Keep: 2}, "t")
	topic := src.Add("t")
	for range 3 {
		publish(t, topic, `1`)
	}
	after, gap := topic.Resume(wire.Cursor{Epoch: "before", N: 9})
	publish(t, topic, `1`)
	var b wire.Batch
	if _, err := wire.CutBatch(&b, NewDesk(src, 8).from(topic, after, gap).body); err != nil {
		t.Fatal(err)
	}
	want := wire.Gap{From: 1, To: 2, Cursor: topic.Cursor(2), Epoch: "before"}
	if b.Gap == nil || *b.Gap != want || b.Cursor.N != 4 {
		t.Errorf("the answer has gap %+v and cursor %v, want %+v and now-4", b.Gap, b.Cursor, want)
	}
}

func TestManyAtOnceGetOneAnswer(t *testing.T) { // L8
	src := source.New(source.Options{}, "t")
	topic := src.Add("t")
	publish(t, topic, `1`)
	desk := NewDesk(src, 8)
	answers := make([]*Answer, 64)
	var all sync.WaitGroup
	for i := range answers {
		all.Go(func() { answers[i] = desk.After(topic, 0) })
	}
	all.Wait()
	for _, a := range answers {
		if a != answers[0] {
			t.Fatal("the same answer was made twice")
		}
	}
}

func TestAnswersAreRightWhileEventsArePublished(t *testing.T) { // L4, V12
	const events, clients = 5000, 8
	src := source.New(source.Options{Keep: 64}, "t")
	topic := src.Add("t")
	desk := NewDesk(src, 5)
	var all sync.WaitGroup
	for range clients {
		all.Go(func() {
			for at := uint64(0); at < events; {
				a := desk.After(topic, at)
				if a.Nothing() {
					if topic.Wait(t.Context(), at) != nil {
						return
					}
					continue
				}
				var b wire.Batch
				rest, err := wire.CutBatch(&b, a.body)
				if err == nil && b.Gap != nil {
					if b.Gap.From != at+1 {
						t.Errorf("after event %d a gap from %d", at, b.Gap.From)
						return
					}
					at = b.Gap.To
				}
				for err == nil && len(rest) > 0 {
					var e wire.Event
					if rest, err = wire.CutNext(&e, rest); e.N != at+1 {
						t.Errorf("after event %d came %d", at, e.N)
						return
					}
					at++
				}
				if err != nil || b.Cursor.N != at || a.etag[0] != `"`+b.Cursor.String()+`"` {
					t.Errorf("after event %d: cursor %v, ETag %s, %v", at, b.Cursor, a.etag[0], err)
					return
				}
			}
		})
	}
	for range events {
		publish(t, topic, `1`)
	}
	all.Wait()
}

func TestShelfIsBoundedByPlacesAndBytes(t *testing.T) {
	src := source.New(source.Options{}, "t")
	topic := src.Add("t")
	desk := NewDesk(src, math.MaxInt)
	for i := range 12 {
		size := 10
		if i%3 == 2 {
			size = shelfBytes / 2
		}
		if i == 11 {
			size = 2 * shelfBytes
		}
		publish(t, topic, `"`+strings.Repeat("x", size)+`"`)
		newest := desk.After(topic, uint64(i))
		s := desk.shelf(topic)
		bytes, count := 0, 0
		for _, k := range s.kept {
			if k.answer != nil {
				bytes += len(k.answer.body)
				count++
			}
		}
		if s.kept[0].answer != newest || bytes != s.bytes || bytes > shelfBytes && count > 1 {
			t.Errorf("after event %d the shelf holds %d bytes in %d answers and says %d", i+1, bytes, count, s.bytes)
		}
		if size == 10 && count < min(i+1, 2) {
			t.Errorf("after event %d the shelf holds %d answers", i+1, count)
		}
	}
}

func TestAnswerFromTheShelfAllocatesNothing(t *testing.T) {
	src := source.New(source.Options{}, "t")
	topic := src.Add("t")
	publish(t, topic, `1`)
	desk := NewDesk(src, 8)
	for after := range uint64(2) {
		desk.After(topic, after)
		desk.After(topic, after) // the shelf has its spare room now
		if got := testing.AllocsPerRun(100, func() { desk.After(topic, after) }); got != 0 {
			t.Errorf("an answer after event %d that is there allocates %v times, want 0", after, got)
		}
	}
}

// The views of servers that misbehave on purpose: what they show is what must
// be answered, even where the log has something else.
func TestViewIsAnsweredAsItIs(t *testing.T) { // D11
	hidden := uint64(2)
	src := source.New(source.Options{View: &source.View{Show: func(fresh []*source.Entry, _ *source.Entry) (shown []*source.Entry, upto uint64) {
		for _, e := range fresh {
			if e.N != hidden {
				shown = append(shown, e)
			}
			upto = e.N
		}
		return shown, upto
	}}}, "t")
	topic := src.Add("t")
	desk := NewDesk(src, 8)
	publish(t, topic, `1`)
	publish(t, topic, `2`)
	if got := string(desk.After(topic, 1).body); got != `{"cursor":"local-2","more":false,"events":[]}` {
		t.Errorf("a dropped event is answered with %s", got)
	}
	hidden = 0
	var b wire.Batch
	if rest, err := wire.CutBatch(&b, desk.After(topic, 1).body); err != nil || len(rest) == 0 {
		t.Errorf("the same question, once the event is shown, is answered with %q, %v", rest, err)
	}
}

func TestUnavailableSaysWhenToComeBack(t *testing.T) { // F1
	const each = 3000
	told := map[string]int{}
	for range 3 * each {
		w := httptest.NewRecorder()
		Unavailable(w)
		if got := fmt.Sprint(w.Code, w.Header()["Cache-Control"]); got != "503 [no-store]" {
			t.Fatalf("got %s", got)
		}
		told[w.Header().Get("Retry-After")]++
	}
	// Binomial: the standard deviation of each count is 45.
	for _, seconds := range []string{"1", "2", "3"} {
		if n := told[seconds]; n < each-500 || n > each+500 {
			t.Errorf("%d of %d are told to come back after %s s, want a third: %v", n, 3*each, seconds, told)
		}
	}
}

func BenchmarkAnswer(b *testing.B) {
	for _, events := range []int{0, 1, 64} {
		src := source.New(source.Options{}, "t")
		topic := src.Add("t")
		for range events {
			publish(b, topic, `"`+strings.Repeat("x", 100)+`"`)
		}
		b.Run(fmt.Sprintf("shared-%d", events), func(b *testing.B) {
			desk := NewDesk(src, 256)
			b.ReportAllocs()
			for b.Loop() {
				desk.After(topic, 0)
			}
		})
		b.Run(fmt.Sprintf("made-%d", events), func(b *testing.B) {
			desk := NewDesk(src, 256)
			b.ReportAllocs()
			for b.Loop() {
				desk.shelves.Clear()
				desk.After(topic, 0)
			}
		})
	}
}
