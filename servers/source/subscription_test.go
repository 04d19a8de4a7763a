package source_test

import (
	"sync"
	"testing"

	"pushbench/servers/source"
	"pushbench/servers/wire"
)

func TestFirstEventIsTheOneAfterTheHello(t *testing.T) { // D6, V12
	const events, subscribers = 20_000, 50
	topic := source.New(source.Options{Keep: events}).Add("t")
	var all sync.WaitGroup
	for range subscribers {
		all.Go(func() {
			for head := topic.Head(); head < events/2; head = topic.Head() { // publishing is in full swing
				if topic.Wait(t.Context(), head) != nil {
					return
				}
			}
			sub, hello := topic.SubscribeHead()
			defer sub.Close()
			want := hello + 1
			for want <= events {
				<-sub.Changed()
				r := sub.Next(64, nil)
				if r.Gap != nil {
					t.Errorf("gap %+v inside the window", *r.Gap)
					return
				}
				for _, e := range r.Entries {
					if e.N != want {
						t.Errorf("after hello %d came event %d, want %d", hello, e.N, want)
						return
					}
					want++
				}
			}
		})
	}
	for range events {
		if _, err := topic.Publish(wire.Message{Data: []byte(`1`)}); err != nil {
			t.Fatal(err)
		}
	}
	all.Wait()
}

func TestSubscriptionKnowsWhatItHasHandedOutAndWhatIsWritten(t *testing.T) {
	src := source.New(source.Options{}, "t")
	topic := src.Add("t")
	sub := topic.Subscribe(0)
	if got := src.Subscribers(); got != 1 {
		t.Errorf("there are %d subscribers, want 1", got)
	}
	for range 5 {
		publish(t, topic, `1`)
	}
	unwritten := func() (wrote []uint64) {
		topic.Written(func(n uint64) { wrote = append(wrote, n) })
		return wrote
	}
	r := sub.Next(2, nil)
	if events, _ := sub.Lacks(); len(r.Entries) != 2 || !r.More || sub.Cursor() != 2 || events != 3 {
		t.Errorf("Next(2) gave %v, more %v; cursor %d, behind %d", numbers(r), r.More, sub.Cursor(), events)
	}
	if got := unwritten(); len(got) != 1 || got[0] != 0 {
		t.Errorf("written up to %v after handing out, want 0: nobody has said so", got)
	}
	if r := sub.Next(1, nil); len(r.Entries) != 1 || r.Entries[0].N != 3 {
		t.Errorf("Next(1) gave %v, want event 3", numbers(r))
	}
	if got := unwritten(); len(got) != 1 || got[0] != 2 {
		t.Errorf("written up to %v, want 2: asking for the next ones said so", got)
	}
	if gap := sub.Skip(); gap == nil || gap.From != 4 || gap.To != 5 || gap.Cursor != topic.Cursor(5) {
		t.Errorf("Skip() = %s, want 4 to 5", gapOf(gap))
	}
	if gap := sub.Skip(); gap != nil {
		t.Errorf("Skip() with nothing to skip = %s", gapOf(gap))
	}
	sub.Close()
	sub.Close()
	if got := src.Subscribers(); got != 0 {
		t.Errorf("there are %d subscribers after Close, want 0", got)
	}
}
