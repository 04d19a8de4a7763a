package source

import (
	"fmt"
	"strings"
	"testing"

	"pushbench/servers/wire"
)

func TestALimitCountsEventsAndBytes(t *testing.T) { // Q2
	const size = 1000 // raw, so that a payload's bytes are the event's
	for _, c := range []struct {
		name      string
		limit     Limit
		fresh     int
		tooSlow   bool
		whatLacks string
	}{
		{"no limit", Limit{}, 8, false, "8 8000"},
		{"events, at the limit", Limit{Events: 4}, 4, false, "4 4000"},
		{"events, over it", Limit{Events: 4}, 5, true, "5 5000"},
		{"bytes, at the limit", Limit{Bytes: 4 * size}, 4, false, "4 4000"},
		{"bytes, over it", Limit{Bytes: 4*size - 1}, 4, true, "4 4000"},
		{"both, events first", Limit{Events: 2, Bytes: 8 * size}, 3, true, "3 3000"},
		{"both, bytes first", Limit{Events: 8, Bytes: 2 * size}, 3, true, "3 3000"},
		{"fallen off the log", Limit{Bytes: 100 * size}, 20, true, "20 8000"},
	} {
		for _, policy := range []Policy{Skip, Disconnect} {
			found := &Findings{}
			src := New(Options{Keep: 8, Raw: true, Found: found}, "t0")
			topic := src.Topics()[0]
			sub, _ := topic.SubscribeHead()
			f := sub.Follow(policy, c.limit, "somebody")
			if _, err := f.Next(64, nil); err != nil {
				t.Fatal(err)
			}
			for range c.fresh {
				if _, err := topic.Publish(wire.Message{Data: []byte(strings.Repeat("x", size))}); err != nil {
					t.Fatal(err)
				}
			}
			if got := fmt.Sprint(sub.Lacks()); got != c.whatLacks {
				t.Errorf("%s: lacks %s, want %s", c.name, got, c.whatLacks)
			}
			r, err := f.Next(64, nil)
			told := err == ErrSlow || r.Gap != nil
			if told != c.tooSlow || (err == ErrSlow) != (c.tooSlow && policy == Disconnect) {
				t.Errorf("%s, %s: gap %v, error %v; want too slow: %v", c.name, policy, r.Gap, err, c.tooSlow)
			}
			if got := found.All(); len(got) > 1 || (len(got) == 1) != c.tooSlow || c.tooSlow && (got[0].Client != "somebody" || got[0].What != TooSlow || got[0].At == 0) {
				t.Errorf("%s, %s: found %+v", c.name, policy, got)
			}
		}
	}
}

// The bytes that a subscriber lacks are those of the very entries that Next would
// hand out.
func TestBytesLackedAreThoseOfTheEntries(t *testing.T) { // Q2
	topic := published(t, 8, 0)
	sub := topic.Subscribe(0)
	for n := range 30 {
		if _, err := topic.Publish(wire.Message{Data: fmt.Appendf(nil, "%q", strings.Repeat("x", n*n))}); err != nil {
			t.Fatal(err)
		}
		want := int64(0)
		for _, e := range topic.Since(sub.Cursor(), 100, nil).Entries {
			want += int64(len(e.Bytes))
		}
		if _, got := sub.Lacks(); got != want {
			t.Errorf("after event %d: lacks %d bytes, want %d", n+1, got, want)
		}
		if n%5 == 0 {
			sub.Next(3, nil)
		}
	}
	if events, bytes := New(Options{Keep: -1}, "t").Topics()[0].Subscribe(0).Lacks(); events != 0 || bytes != 0 {
		t.Errorf("a topic that keeps nothing: lacks %d events, %d bytes", events, bytes)
	}
}

func TestFindingsAreBounded(t *testing.T) {
	var f Findings
	for range maxFindings + 10 {
		f.Note("somebody", GivenUp)
	}
	if got := len(f.All()); got != maxFindings {
		t.Errorf("%d findings kept, want %d", got, maxFindings)
	}
	var none *Findings
	if none.Note("x", GivenUp); none.All() != nil {
		t.Error("nobody keeps findings")
	}
}
