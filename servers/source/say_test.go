package source

import (
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"pushbench/servers/wire"
)

func TestTheJournalKnowsWhatClientsSaid(t *testing.T) {
	journal := &Journal{}
	s := New(Options{Journal: journal}, "t0")
	topic := s.Topics()[0]
	want := []bool{false, true, true, false, false, false, false, false, true, false}
	for i, said := range want {
		m := wire.Message{Due: int64(i + 1), Data: []byte(`1`)}
		if said {
			if err := topic.Say(m); err != nil {
				t.Fatal(err)
			}
		} else if _, err := topic.Publish(m); err != nil {
			t.Fatal(err)
		}
	}
	stamps := journal.Topics()[0]
	var got []bool
	for i := range stamps.Due {
		got = append(got, stamps.FromClient(i))
	}
	if !slices.Equal(got, want) {
		t.Errorf("from clients are %v, want %v", got, want)
	}
	if topic.Head() != uint64(len(want)) || len(journal.Taken().Due) != 0 {
		t.Errorf("%d events and %d messages apart: what is said is an event", topic.Head(), len(journal.Taken().Due))
	}
	if len(stamps.Said) != 2 {
		t.Errorf("%d bytes for ten events, the ninth of a client", len(stamps.Said))
	}
}

func TestAnAbsorbedMessageReachesNobody(t *testing.T) {
	journal := &Journal{}
	s := New(Options{Journal: journal, Absorb: true}, "t0")
	topic := s.Topics()[0]
	woken := topic.Changed(0)
	if err := topic.Say(wire.Message{Due: 7, Data: []byte(`1`)}); err != nil {
		t.Fatal(err)
	}
	if err := topic.Say(wire.Message{Data: []byte(`{`)}); !errors.Is(err, ErrPayload) {
		t.Errorf("half an object is taken: %v", err)
	}
	select {
	case <-woken:
		t.Error("who waits for events was woken")
	default:
	}
	taken := journal.Taken()
	if topic.Head() != 0 || len(journal.Topics()) != 0 || !slices.Equal(taken.Due, []int64{7}) || len(taken.Pub) != 1 {
		t.Errorf("head %d, journal %+v, taken %+v", topic.Head(), journal.Topics(), taken)
	}
}

// A reply is an open loop like any schedule: what is due follows from when the
// message was taken, also while the source is late.
func TestAReplyIsDueAtItsRateFromTheMessageOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		journal := &Journal{}
		s := New(Options{Journal: journal, Absorb: true}, TopicNames(3)...)
		start := wire.Now()
		load := Load{
			Schedule: Schedule{Kind: Reply, Rate: 100, Length: 5}, Payload: Payload{Min: 16, Max: 16, Content: Text},
			Start: start, End: start + int64(time.Second),
		}
		stall := &stalling{at: start + int64(500*time.Millisecond), length: 100 * time.Millisecond}
		type driven struct {
			events int
			err    error
		}
		ended := make(chan driven)
		go func() {
			n, err := s.Drive(t.Context(), load, stall)
			ended <- driven{n, err}
		}()
		at := func(ms int, topics ...int) {
			<-time.After(wire.Until(start + int64(ms)*int64(time.Millisecond)))
			for _, topic := range topics {
				if err := s.Topics()[topic].Say(wire.Message{Data: []byte(`1`)}); err != nil {
					t.Error(err)
				}
			}
		}
		at(105, 2, 1)
		at(125, 1) // while the answer to another is under way
		at(505, 2) // the source does not look until 600 ms are over
		at(975, 0) // two of whose five are due before the end
		if got := <-ended; got.events != 22 || got.err != nil {
			t.Errorf("Drive = %+v, want 22 events", got)
		}
		var due [3][]int // ms
		late := 0
		for topic, stamps := range journal.Topics() {
			for i, instant := range stamps.Due {
				due[topic] = append(due[topic], int((instant-start)/int64(time.Millisecond)))
				if stamps.FromClient(i) {
					t.Errorf("topic %d: the answer's event %d is taken for a client's", topic, i)
				}
				if stamps.Pub[i] > instant {
					late++
				}
			}
		}
		want := [3][]int{{985, 995}, {115, 125, 135, 135, 145, 145, 155, 155, 165, 175}, {115, 125, 135, 145, 155, 515, 525, 535, 545, 555}}
		for topic := range want {
			if !slices.Equal(due[topic], want[topic]) {
				t.Errorf("topic %d: due after %v ms, want %v", topic, due[topic], want[topic])
			}
		}
		if late != 5 {
			t.Errorf("%d events were late, want the five that were due while the source stood still", late)
		}
		if err := s.Topics()[0].Say(wire.Message{Data: []byte(`1`)}); err != nil || len(s.asks.open) != 0 {
			t.Errorf("%d messages are kept for a load that has ended (%v)", len(s.asks.open), err)
		}
	})
}

func TestAReplyEndsWithTheLoadHoweverLateTheSourceIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		journal := &Journal{}
		s := New(Options{Journal: journal, Absorb: true}, "t0")
		start := wire.Now()
		load := Load{
			Schedule: Schedule{Kind: Reply, Rate: 100, Length: 50}, Payload: Payload{Min: 16, Max: 16, Content: Text},
			Start: start, End: start + int64(time.Second),
		}
		time.AfterFunc(905*time.Millisecond, func() { s.Topics()[0].Say(wire.Message{Data: []byte(`1`)}) })
		stall := &stalling{at: start + int64(950*time.Millisecond), length: 300 * time.Millisecond}
		n, err := s.Drive(t.Context(), load, stall)
		if due := journal.Topics()[0].Due; n != 9 || err != nil || due[len(due)-1] >= load.End {
			t.Errorf("Drive = %d, %v; want the 9 events that are due before the end", n, err)
		}
	})
}
