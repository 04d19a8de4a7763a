package target

import (
	"slices"
	"strings"
	"testing"

	"pushbench/servers/host"
	"pushbench/servers/source"
)

// words are those of two processes that have published the same: two events of one
// topic, one of another, of which each had a message that is no event.
func words() []host.Word {
	word := func(pub int64) host.Word {
		return host.Word{
			Driven: 3, Unwritten: 2,
			Topics: []source.Stamps{
				{First: 1, Due: []int64{10, 20}, Pub: []int64{11 + pub, 22 - pub}},
				{First: 1, Due: []int64{15}, Pub: []int64{15 + pub}},
			},
			Taken: source.Taken{Due: []int64{5 + pub}, Pub: []int64{6 + pub}},
		}
	}
	return []host.Word{word(0), word(1)}
}

func TestSeveralProcessesHaveOneJournal(t *testing.T) {
	a := together(words())
	if a.Apart != "" || a.Driven != 3 || a.Unwritten != 4 || a.Spoken != 2 {
		t.Errorf("%+v; want three events once, four deliveries to write, and what clients said to both", a)
	}
	// An event is published when the first process has published it.
	if first := a.Topics[0]; !slices.Equal(first.Due, []int64{10, 20}) || !slices.Equal(first.Pub, []int64{11, 21}) {
		t.Errorf("the first topic's events: %+v", first)
	}
	if !slices.Equal(a.Topics[1].Pub, []int64{15}) || !slices.Equal(a.Taken.Pub, []int64{6, 7}) {
		t.Errorf("%+v", a)
	}
	one := together(words()[:1])
	if one.Apart != "" || one.Driven != 3 || one.Unwritten != 2 || one.Spoken != 1 || !slices.Equal(one.Topics[0].Pub, []int64{11, 22}) {
		t.Errorf("one by itself: %+v", one)
	}
}

func TestProcessesThatHaveNotPublishedTheSameAreSaidToDiffer(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*host.Word)
		want   string
	}{
		"an event less":   {func(w *host.Word) { w.Topics[0].Due = w.Topics[0].Due[:1]; w.Topics[0].Pub = w.Topics[0].Pub[:1] }, "topic 0: one had published 1 events, another 2"},
		"a topic less":    {func(w *host.Word) { w.Topics = w.Topics[:1]; w.Driven = 2 }, "one had published 2 events of the load, another 3"},
		"another instant": {func(w *host.Word) { w.Topics[1].Due[0]++ }, "topic 1: event 1"},
		"other numbers":   {func(w *host.Word) { w.Topics[1].First++ }, "topic 1: the first event"},
		"an event more": {func(w *host.Word) {
			w.Topics[1].Due = append(w.Topics[1].Due, 30)
			w.Topics[1].Pub = append(w.Topics[1].Pub, 30)
			w.Driven++
		}, "one had published 4 events of the load, another 3"},
		"more of one only": {func(w *host.Word) {
			w.Topics[1].Due = append(w.Topics[1].Due, 30)
			w.Topics[1].Pub = append(w.Topics[1].Pub, 30)
		}, "topic 1: one had published 1 events, another 2"},
	} {
		for _, changed := range []int{0, 1} {
			all := words()
			c.change(&all[changed])
			got := together(all)
			if changed == 0 && strings.Contains(c.want, "of the load") {
				c.want = "of the load" // the other way round
			}
			if !strings.Contains(got.Apart, c.want) {
				t.Errorf("%s of process %d: %q, want %q", name, changed, got.Apart, c.want)
			}
		}
	}
	// What is missing of a topic of one is still known of the other.
	all := words()
	all[0].Topics = all[0].Topics[:1]
	if got := together(all); len(got.Topics) != 2 || len(got.Topics[1].Due) != 1 || got.Apart == "" {
		t.Errorf("%+v", got)
	}
}
