package source

import (
	"errors"
	"fmt"
	"testing"

	"pushbench/servers/wire"
)

// published is a source whose only topic has n events, of which it keeps some.
func published(t *testing.T, keep, n int) *Topic {
	t.Helper()
	topic := New(Options{Keep: keep}, "t0").Topics()[0]
	publish(t, topic, n)
	return topic
}

func publish(t *testing.T, topic *Topic, n int) {
	t.Helper()
	for range n {
		if _, err := topic.Publish(wire.Message{Data: []byte("1")}); err != nil {
			t.Fatal(err)
		}
	}
}

// summary is a reading in a line.
func summary(r Reading, err error) string {
	if err != nil {
		return err.Error()
	}
	line := ""
	if r.Gap != nil {
		line = fmt.Sprintf("gap %d-%d ", r.Gap.From, r.Gap.To)
	}
	return line + fmt.Sprintf("%d events to %d", len(r.Entries), r.Cursor)
}

func TestSlowSubscriberIsTreatedByItsPolicy(t *testing.T) { // Q1
	for _, c := range []struct {
		name    string
		policy  Policy
		limit   Limit
		publish int
		want    string
	}{
		{"skip, on the log", Skip, Limit{}, 8, "8 events to 10"},
		{"skip, off the log", Skip, Limit{}, 20, "gap 3-14 8 events to 22"},
		{"skip, at the bound", Skip, Limit{Events: 4}, 4, "4 events to 6"},
		{"skip, over the bound", Skip, Limit{Events: 4}, 5, "gap 3-7 0 events to 7"},
		{"disconnect, on the log", Disconnect, Limit{}, 8, "8 events to 10"},
		{"disconnect, off the log", Disconnect, Limit{}, 9, "too slow"},
		{"disconnect, at the bound", Disconnect, Limit{Events: 4}, 4, "4 events to 6"},
		{"disconnect, over the bound", Disconnect, Limit{Events: 4}, 5, "too slow"},
	} {
		t.Run(c.name, func(t *testing.T) {
			topic := published(t, 8, 2)
			sub, _ := topic.SubscribeHead()
			defer sub.Close()
			f := sub.Follow(c.policy, c.limit, "somebody")
			if got, want := summary(f.Next(64, nil)), "0 events to 2"; got != want {
				t.Fatalf("up to date: %s, want %s", got, want)
			}
			publish(t, topic, c.publish)
			r, err := f.Next(64, nil)
			if got := summary(r, err); got != c.want {
				t.Errorf("after %d more: %s, want %s", c.publish, got, c.want)
			}
			if c.want == "too slow" && !errors.Is(err, ErrSlow) {
				t.Errorf("error %v, want ErrSlow", err)
			}
		})
	}
}

func TestSubscriberThatComesBackIsNotTooSlow(t *testing.T) { // Q1
	topic := published(t, 8, 20)
	for _, c := range []struct {
		after uint64
		want  []string
	}{
		{14, []string{"3 events to 17", "3 events to 20"}}, // further behind than the bound, but never up to date
		{3, []string{"gap 4-12 3 events to 15", "3 events to 18"}},
	} {
		sub := topic.Subscribe(c.after)
		f := sub.Follow(Disconnect, Limit{Events: 4}, "somebody")
		for _, want := range c.want {
			if got := summary(f.Next(3, nil)); got != want {
				t.Errorf("from %d: %s, want %s", c.after, got, want)
			}
		}
		sub.Close()
	}
}

func TestSkippedSubscriberGoesOn(t *testing.T) { // Q1
	topic := published(t, 8, 0)
	sub, _ := topic.SubscribeHead()
	defer sub.Close()
	f := sub.Follow(Skip, Limit{Events: 2}, "somebody")
	var got []string
	for _, n := range []int{0, 5, 1, 0} {
		publish(t, topic, n)
		got = append(got, summary(f.Next(64, nil)))
	}
	want := "[0 events to 0 gap 1-5 0 events to 5 1 events to 6 0 events to 6]"
	if fmt.Sprint(got) != want {
		t.Errorf("readings %v, want %s", got, want)
	}
}
