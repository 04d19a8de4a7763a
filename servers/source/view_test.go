package source

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"pushbench/servers/wire"
)

// third holds back each third event until there is another one, and changes
// nothing else.
var third = &View{
	Show:  func(fresh []*Entry, _ *Entry) ([]*Entry, uint64) { return fresh, fresh[len(fresh)-1].N },
	Holds: func(n uint64) bool { return n%3 == 0 },
}

func is(c <-chan struct{}) string {
	select {
	case <-c:
		return "told"
	default:
		return "waiting"
	}
}

func TestAHeldBackEventIsToldWithTheNext(t *testing.T) { // D11
	s := New(Options{View: third}, "t")
	topic := s.Add("t")
	publish := func(count int) {
		for range count {
			if _, err := topic.Publish(wire.Message{Data: []byte(`1`)}); err != nil {
				t.Fatal(err)
			}
		}
	}
	publish(2)
	changed := topic.Changed(2)
	publish(1)
	if got := is(changed) + ", " + is(topic.Changed(2)); got != "waiting, waiting" {
		t.Errorf("of a held back event a reader is %s; else it would ask in vain, again and again", got)
	}
	for after, want := range map[uint64]string{0: "2 to cursor 2, more false", 2: "0 to cursor 2, more false", 3: "0 to cursor 3, more false"} {
		r := topic.Since(after, 10, nil)
		if got := fmt.Sprintf("%d to cursor %d, more %v", len(r.Entries), r.Cursor, r.More); got != want {
			t.Errorf("after %d: %s, want %s", after, got, want)
		}
	}
	sub, head := topic.SubscribeHead() // who comes now begins behind it
	if head != 3 || is(sub.Changed()) != "waiting" {
		t.Errorf("a new reader begins at %d and is %s", head, is(sub.Changed()))
	}
	publish(1)
	if got := is(changed) + ", " + is(sub.Changed()); got != "told, told" {
		t.Errorf("of the event after it they are %s", got)
	}
	if r := topic.Since(2, 10, nil); len(r.Entries) != 2 || r.Cursor != 4 {
		t.Errorf("%d entries to cursor %d, want both", len(r.Entries), r.Cursor)
	}
	if r := sub.Next(10, nil); len(r.Entries) != 1 || r.Entries[0].N != 4 {
		t.Errorf("the new reader gets %v, want event 4", r.Entries)
	}
}

func TestAViewSeesWhatFollowsItsReading(t *testing.T) {
	var saw []string
	view := &View{Show: func(fresh []*Entry, next *Entry) ([]*Entry, uint64) {
		follower := uint64(0)
		if next != nil {
			follower = next.N
		}
		saw = append(saw, fmt.Sprint(fresh[len(fresh)-1].N, follower))
		return fresh, max(follower, fresh[len(fresh)-1].N)
	}}
	s := New(Options{View: view}, "t")
	for range 3 {
		if _, err := s.Publish("t", wire.Message{Data: []byte(`1`)}); err != nil {
			t.Fatal(err)
		}
	}
	first := s.Add("t").Since(0, 1, nil)
	rest := s.Add("t").Since(first.Cursor, 1, nil)
	if got, want := fmt.Sprint(saw, first.Cursor, first.More, rest.Cursor, rest.More), "[1 2 3 0] 2 true 3 false"; got != want {
		t.Errorf("a view saw %s, want %s", got, want)
	}
}

func TestTheEndOfALoadTellsWhatWasHeldBack(t *testing.T) { // D11
	for name, kind := range map[string]Kind{"its end": Constant, "a halt": Constant, "a load that waits for its readers": Saturate} {
		synctest.Test(t, func(t *testing.T) {
			s := New(Options{View: third}, "t")
			topic := s.Add("t")
			load := Load{Schedule{Kind: Constant, Rate: 10}, Payload{Min: 8, Max: 8, Content: Text}, wire.Now(), wire.Now() + int64(300*time.Millisecond), 0}
			ctx, halt := context.WithCancelCause(t.Context())
			defer halt(nil)
			halted := errors.New("halted")
			if name == "a halt" {
				load.End += int64(time.Hour)
				load.Schedule.Rate = 0.9 // the next event is long after the third
				go func() {
					<-time.After(3 * time.Second)
					halt(halted)
				}()
			}
			if kind == Saturate { // whose first event would be the third
				for range 2 {
					if _, err := topic.Publish(wire.Message{Data: []byte(`1`)}); err != nil {
						t.Fatal(err)
					}
				}
				load.Schedule.Kind = Saturate
			}
			sub := topic.Subscribe(topic.Head())
			defer sub.Close()
			told := make(chan struct{}, 1)
			go func() {
				for sub.Cursor() < 3 {
					<-sub.Changed()
					sub.Next(10, nil)
				}
				told <- struct{}{}
			}()
			if _, err := s.Drive(ctx, load, Timer{}); err != nil && err != halted {
				t.Fatal(err)
			}
			synctest.Wait()
			select {
			case <-told:
			default:
				t.Errorf("after %s a reader still waits for the third event", name)
			}
		})
	}
}
