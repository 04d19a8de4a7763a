package source

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pushbench/servers/wire"
)

func TestDrivePublishesEachEventWhenItIsDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		journal := &Journal{}
		s := New(Options{Journal: journal}, TopicNames(3)...)
		start := wire.Now() + int64(time.Second)
		load := Load{Schedule{Kind: Constant, Rate: 10}, Payload{Min: 64, Max: 64, Content: Text}, start, start + int64(2*time.Second), 0}
		n, err := s.Drive(t.Context(), load, Timer{})
		if n != 60 || err != nil {
			t.Fatalf("Drive = %d, %v; want 60 events", n, err)
		}
		for topic, stamps := range journal.Topics() {
			if len(stamps.Due) != 20 || stamps.First != 1 {
				t.Errorf("topic %d has %d events from number %d, want 20 from 1", topic, len(stamps.Due), stamps.First)
			}
			for i, due := range stamps.Due {
				if stamps.Pub[i] != due {
					t.Errorf("topic %d event %d was due at %d and published at %d", topic, i, due, stamps.Pub[i])
				}
			}
		}
	})
}

// A stalled source must not skip: what was due meanwhile goes out late, each
// with the instant at which it was due.
func TestAStallDelaysEventsAndSkipsNone(t *testing.T) { // G6
	synctest.Test(t, func(t *testing.T) {
		journal := &Journal{}
		s := New(Options{Journal: journal}, "t0")
		start := wire.Now()
		load := Load{Schedule{Kind: Constant, Rate: 10}, Payload{Min: 8, Max: 8, Content: Text}, start, start + int64(3*time.Second), 0}
		stall := &stalling{at: start + int64(time.Second), length: 500 * time.Millisecond}
		if n, err := s.Drive(t.Context(), load, stall); n != 30 || err != nil {
			t.Fatalf("Drive = %d, %v; want 30 events", n, err)
		}
		stamps := journal.Topics()[0]
		var late int
		for i, due := range stamps.Due {
			if want := start + int64(i)*int64(100*time.Millisecond); due != want {
				t.Errorf("event %d was due at %d, want %d", i, due, want)
			}
			if stamps.Pub[i] > due {
				late++
			}
		}
		if late != 5 {
			t.Errorf("%d events were late, want the 5 due within the stall", late)
		}
	})
}

// stalling is a Waiter that oversleeps once, as a process does that the kernel
// did not run.
type stalling struct {
	Timer
	at     int64
	length time.Duration
	done   bool
}

func (s *stalling) WaitUntil(ctx context.Context, instant int64) error {
	if !s.done && instant >= s.at {
		s.done = true
		instant += int64(s.length)
	}
	return s.Timer.WaitUntil(ctx, instant)
}

func TestDriveEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(Options{}, "t0")
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		for _, kind := range []Kind{Constant, Saturate} {
			load := Load{Schedule{Kind: kind, Rate: 0.1}, Payload{Content: Text}, wire.Now(), wire.Now() + int64(time.Hour), 0}
			if _, err := s.Drive(ctx, load, Timer{}); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s: Drive = %v, want its deadline", kind, err)
			}
		}
	})
}

func TestSaturatePublishesTheNextEventWhenEveryCursorHasTheLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(Options{}, "t0")
		topic := s.Topics()[0]
		const events = 50
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var readers sync.WaitGroup
		for i := range 3 {
			sub, _ := topic.SubscribeHead()
			readers.Go(func() {
				defer sub.Close()
				for sub.Cursor() < events {
					reading := sub.Next(10, nil) // says that the one before is written
					if len(reading.Entries) == 0 {
						<-sub.Changed()
						continue
					}
					<-time.After(time.Duration(i+1) * time.Millisecond) // the slowest sets the pace
					if behind := topic.Head() - reading.Cursor; behind != 0 {
						t.Errorf("event %d was still being written when the head was %d ahead", reading.Cursor, behind)
					}
				}
				sub.Next(1, nil)
			})
		}
		readers.Go(func() { // and a client that polls
			for n := uint64(0); n < events; n = topic.Head() {
				topic.Presented("client", n)
				<-time.After(2 * time.Millisecond)
			}
			s.Left("client")
		})
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

// saturate drives the source at saturation for that long.
func saturate(t *testing.T, s *Source, length time.Duration) <-chan int {
	published := make(chan int, 1)
	go func() {
		load := Load{Schedule{Kind: Saturate}, Payload{Min: 8, Max: 8, Content: Text}, wire.Now(), wire.Now() + int64(length), 0}
		n, err := s.Drive(t.Context(), load, Timer{})
		if err != nil {
			t.Errorf("Drive = %v", err)
		}
		published <- n
	}()
	return published
}

// drain reads what a subscription has, and says that it is written.
func drain(sub *Subscription) {
	for len(sub.Next(64, nil).Entries) > 0 {
	}
}

func TestSaturateKeepsToWhoPollsUntilItLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(Options{}, "t0", "t1")
		topic := s.Topics()[0]
		drive := saturate(t, s, time.Second)
		synctest.Wait()
		for range 20 {
			n := topic.Head()
			topic.Presented("client", n)
			<-time.After(5 * time.Millisecond)
			if head := topic.Head(); head != n+1 {
				t.Errorf("the head is %d while the client has %d, want the one after", head, n)
			}
		}
		left := topic.Head()
		s.Left("client")
		<-time.After(20 * time.Millisecond)
		if head := topic.Head(); head < left+10 {
			t.Errorf("in 20 ms without the client the head went from %d to %d", left, head)
		}
		<-drive
	})
}

func TestSaturateKeepsToASubscriberUntilItCloses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(Options{}, "t0")
		topic := s.Topics()[0]
		drive := saturate(t, s, time.Second)
		synctest.Wait()
		sub, n := topic.SubscribeHead()
		<-time.After(20 * time.Millisecond)
		if head := topic.Head(); head != n+1 {
			t.Errorf("the head is %d while the subscriber has %d, want the one after", head, n)
		}
		sub.Close()
		<-time.After(20 * time.Millisecond)
		if head := topic.Head(); head < n+10 {
			t.Errorf("in 20 ms without the subscriber the head went from %d to %d", n+1, head)
		}
		<-drive
	})
}

func TestASecondSaturatingDriveCountsAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(Options{}, "t0")
		topic := s.Topics()[0]
		sub, _ := topic.SubscribeHead()
		defer sub.Close()
		var readers sync.WaitGroup
		ended := make(chan struct{})
		each := func(every time.Duration, act func()) {
			readers.Go(func() {
				for {
					select {
					case <-time.After(every):
						act()
					case <-ended:
						return
					}
				}
			})
		}
		each(7*time.Millisecond, func() { drain(sub) })
		each(3*time.Millisecond, func() { topic.Presented("client", topic.Head()) })
		for drive := range 3 {
			// The time is up while both lack an event: 7 goes into 1002 less one.
			if n := <-saturate(t, s, 1002*time.Millisecond); n < 100 || n > 200 {
				t.Errorf("drive %d published %d events in a second, want about one in 7 ms", drive, n)
			}
		}
		close(ended)
		readers.Wait()
	})
}

func TestPayloadsHaveTheSizeAskedForAndASeal(t *testing.T) {
	for _, p := range []Payload{
		{Min: 0, Max: 0, Content: Text}, {Min: 1, Max: 1, Content: Random}, {Min: 9, Max: 9, Content: Text},
		{Min: 100, Max: 100, Content: Random}, {Min: 64, Max: 300, Content: Text}, {Min: 65536, Max: 65536, Content: Random},
	} {
		make := p.Maker(1)
		for range 20 {
			data := make()
			var text string
			if err := json.Unmarshal(data, &text); err != nil {
				t.Fatalf("%+v made %.40q: %v", p, data, err)
			}
			if len(text) < p.Min || len(text) > p.Max {
				t.Errorf("%+v made %d bytes", p, len(text))
			}
			if wire.Sealed(data) != p.Sealed() {
				t.Errorf("%+v: sealed %v, want %v", p, wire.Sealed(data), p.Sealed())
			}
		}
	}
	raw := Payload{Min: 30, Max: 30, Content: Text, Raw: true}
	if data := raw.Maker(1)(); len(data) != 30 || data[0] == '"' {
		t.Errorf("raw payload is %q", data)
	}
}

func TestADriveGoesOnWhereAnotherEnded(t *testing.T) { // D5
	load := Load{
		Schedule: Schedule{Kind: Poisson, Rate: 500, Seed: 3},
		Payload:  Payload{Min: 8, Max: 8, Content: Random},
		Start:    wire.Now() - int64(time.Hour), // all of it is due: no wait
	}
	load.End = load.Start + int64(time.Second)
	published := func(skip int) (due []int64, data []string) {
		journal := &Journal{}
		s := New(Options{Journal: journal, Keep: 4096}, "t0", "t1")
		l := load
		l.Skip = skip
		n, err := s.Drive(t.Context(), l, Timer{})
		if err != nil {
			t.Fatal(err)
		}
		for _, stamps := range journal.Topics() {
			due = append(due, stamps.Due...)
		}
		for _, topic := range s.Topics() {
			for _, e := range topic.Since(0, 4096, nil).Entries {
				data = append(data, string(e.Data))
			}
		}
		if n != len(due) {
			t.Errorf("it says %d events, the journal %d", n, len(due))
		}
		slices.Sort(due)
		slices.Sort(data)
		return due, data
	}
	due, data := published(0)
	const skip = 123
	restDue, restData := published(skip)
	if !slices.Equal(restDue, due[skip:]) {
		t.Errorf("after %d of %d events it published %d, of other instants", skip, len(due), len(restDue))
	}
	for _, d := range restData {
		if _, found := slices.BinarySearch(data, d); !found {
			t.Fatalf("the rest of the load has other data: %q", d)
		}
	}
	if none, _ := published(len(due)); len(none) != 0 {
		t.Errorf("with all events left out it publishes %d", len(none))
	}
}
