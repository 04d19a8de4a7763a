package source

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"pushbench/servers/wire"
)

// numbered is a reading in words, by the numbers of its events.
func numbered(gap *wire.Gap, entries []*Entry) string {
	line := ""
	if gap != nil {
		line = fmt.Sprintf("gap %d-%d ", gap.From, gap.To)
	}
	for _, e := range entries {
		line += fmt.Sprintf("%d ", e.N)
	}
	return line
}

func TestASpanGivesAReaderWhatItWouldHaveReadAlone(t *testing.T) { // D7, D12, Q1, Q2
	rapid.Check(t, func(t *rapid.T) {
		var found Findings
		topic := New(Options{
			Keep:      rapid.SampledFrom([]int{-1, 1, 4, 9}).Draw(t, "keep"),
			KeepBytes: rapid.SampledFrom([]int{1, 300, 1 << 20}).Draw(t, "keep bytes"),
			Found:     &found,
		}, "t").Add("t")
		policy := rapid.SampledFrom([]Policy{Skip, Disconnect}).Draw(t, "policy")
		limit := rapid.SampledFrom([]Limit{{}, {Events: 3}, {Bytes: 500}}).Draw(t, "limit")
		publish := func(t *rapid.T) {
			for range rapid.IntRange(1, 6).Draw(t, "events") {
				if _, err := topic.Publish(wire.Message{Data: []byte(`"0123456789"`)}); err != nil {
					t.Fatal(err)
				}
			}
		}
		publish(t)
		start := uint64(rapid.IntRange(0, int(topic.Head())).Draw(t, "start"))
		alone, sharing := topic.Subscribe(start), topic.Subscribe(start)
		defer alone.Close()
		defer sharing.Close()
		one, other := alone.Follow(policy, limit, "one"), sharing.Follow(policy, limit, "other")
		var span Span
		slow := false
		t.Repeat(map[string]func(*rapid.T){
			"publish": publish,
			"read": func(t *rapid.T) {
				if slow {
					t.Skip("disconnected")
				}
				most := rapid.IntRange(1, 7).Draw(t, "most")
				if !span.Holds(topic, other.Cursor()) {
					span.Look(topic, other.Cursor(), most)
				}
				r, err := one.Next(len(span.Entries), nil) // a span may be an older look, with another bound
				want := numbered(r.Gap, r.Entries)
				instead, failed := other.Take(&span)
				got := numbered(span.Gap, span.Entries)
				if instead != nil || failed != nil {
					got = numbered(instead, nil)
				}
				if slow = err != nil; slow {
					want = ""
				}
				if got != want || !errors.Is(failed, err) || !slow && other.Cursor() != one.Cursor() {
					t.Fatalf("by a span %q up to %d, %v; alone %q up to %d, %v", got, other.Cursor(), failed, want, one.Cursor(), err)
				}
				other.Wrote()
			},
			"": func(t *rapid.T) {
				if got, want := other.Current(), other.Cursor() >= topic.Head(); got != want {
					t.Fatalf("at %d of %d it is current: %v", other.Cursor(), topic.Head(), got)
				}
				notes := map[string]int{}
				for _, f := range found.All() {
					notes[f.Client]++
				}
				if notes["one"] != notes["other"] {
					t.Fatalf("found too slow, by client: %v", notes)
				}
			},
		})
	})
}

func TestASpanHoldsForItsCursorUntilThereIsMore(t *testing.T) {
	s := New(Options{View: third}, "t", "u")
	topic, other := s.Add("t"), s.Add("u")
	publish(t, topic, 2)
	publish(t, other, 2)
	var span Span
	span.Look(topic, 1, 10)
	for _, c := range []struct {
		name  string
		topic *Topic
		after uint64
		want  bool
	}{{"the same", topic, 1, true}, {"another cursor", topic, 0, false}, {"another topic", other, 1, false}} {
		if got := span.Holds(c.topic, c.after); got != c.want {
			t.Errorf("%s: holds %v", c.name, got)
		}
	}
	publish(t, topic, 1) // which the view holds back
	if !span.Holds(topic, 1) || topic.Tip() != 2 {
		t.Error("an event that is held back is told")
	}
	publish(t, topic, 1)
	if span.Holds(topic, 1) || topic.Tip() != 4 {
		t.Error("a span outlives the next event")
	}
	publish(t, topic, 2)
	s.tell()
	if topic.Tip() != 6 {
		t.Errorf("after the end of the load the newest event to be shown is %d, want 6", topic.Tip())
	}
}

func TestALookKeepsNothingOfTheOneBefore(t *testing.T) {
	topic := published(t, 8, 8)
	var span Span
	span.Look(topic, 0, 8)
	entries := span.Entries
	span.Look(topic, 7, 8)
	for i, e := range entries[1:] {
		if e != nil {
			t.Errorf("entry %d of an earlier look is still there", i+1)
		}
	}
}

func TestALookAllocatesNothing(t *testing.T) {
	topic := published(t, 8, 8)
	sub := topic.Subscribe(0)
	defer sub.Close()
	f := sub.Follow(Skip, Limit{}, "somebody")
	var span Span
	span.Look(topic, 0, 8)
	if got := testing.AllocsPerRun(100, func() {
		f.cursor = 0
		if !f.Current() {
			span.Look(topic, 0, 8)
			f.Take(&span)
			f.Wrote()
		}
	}); got != 0 {
		t.Errorf("a look allocates %v times", got)
	}
}

func TestSaturateWaitsForWhoReadsBySpans(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const events = 50
		s := New(Options{}, "t0")
		topic := s.Topics()[0]
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var readers sync.WaitGroup
		for i := range 3 {
			sub, _ := topic.SubscribeHead()
			f := sub.Follow(Skip, Limit{}, "somebody")
			readers.Go(func() {
				defer sub.Close()
				var span Span
				for f.Cursor() < events {
					<-f.Changed()
					span.Look(topic, f.Cursor(), 10)
					if instead, err := f.Take(&span); instead != nil || err != nil {
						t.Errorf("%+v, %v", instead, err)
					}
					<-time.After(time.Duration(i+1) * time.Millisecond)
					if behind := topic.Head() - f.Cursor(); behind != 0 {
						t.Errorf("event %d was still being written when the head was %d ahead", f.Cursor(), behind)
					}
					f.Wrote()
				}
			})
		}
		drive := make(chan error, 1)
		go func() {
			load := Load{Schedule{Kind: Saturate}, Payload{Min: 8, Max: 8, Content: Text}, wire.Now(), wire.Now() + int64(time.Hour), 0}
			_, err := s.Drive(ctx, load, Timer{})
			drive <- err
		}()
		readers.Wait()
		cancel()
		if err := <-drive; !errors.Is(err, context.Canceled) {
			t.Errorf("Drive = %v", err)
		}
	})
}

// Whoever says that it has written while a load begins to wait for its readers is
// counted once: as behind or as up to date.
func TestWritingRacesWithTheBeginningOfASaturatingLoad(t *testing.T) {
	for range 2000 {
		s := New(Options{}, "t0")
		topic := s.Topics()[0]
		sub := topic.Subscribe(0)
		publish(t, topic, 1)
		sub.cursor = 1 // handed out, and not written
		var both sync.WaitGroup
		both.Go(sub.Wrote)
		both.Go(s.pace)
		both.Wait()
		if behind := s.behind.Load(); behind != 0 {
			t.Fatalf("%d cursors are behind, and all is written", behind)
		}
	}
}

func TestWhatIsHandedOutIsNotWritten(t *testing.T) {
	topic := published(t, 8, 3)
	sub := topic.Subscribe(0)
	defer sub.Close()
	f := sub.Follow(Skip, Limit{}, "somebody")
	var span Span
	wrote := func() (n uint64) {
		topic.Written(func(up uint64) { n = up })
		return n
	}
	for range 2 {
		span.Look(topic, f.Cursor(), 1)
		before := wrote()
		f.Take(&span)
		if wrote() != before {
			t.Errorf("event %d is written as soon as it is handed out", f.Cursor())
		}
		if f.Wrote(); wrote() != f.Cursor() {
			t.Errorf("written up to %d, want %d", wrote(), f.Cursor())
		}
	}
}
