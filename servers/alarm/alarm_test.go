package alarm

import (
	"testing"

	"pgregory.net/rapid"
)

// alarm is an Alarmer that does what it is told.
type alarm func(now int64)

func (a alarm) Alarm(now int64) { a(now) }

// The model is the instant of every timer, none for those that are not armed.
func TestTimersAgreeWithAListOfInstants(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var heap Timers
		all := make([]Timer, 40)
		model := make(map[*Timer]int64)
		var fired *Timer
		at := rapid.Int64Range(1, 50) // few, so that instants collide
		which := rapid.IntRange(0, len(all)-1)
		t.Repeat(map[string]func(*rapid.T){
			"arm": func(t *rapid.T) {
				timer, instant := &all[which.Draw(t, "timer")], at.Draw(t, "instant")
				heap.Set(timer, instant, alarm(func(int64) { fired = timer }))
				model[timer] = instant
			},
			"disarm": func(t *rapid.T) {
				timer := &all[which.Draw(t, "timer")]
				heap.Unset(timer)
				delete(model, timer)
			},
			"take the first": func(t *rapid.T) {
				if len(heap) == 0 {
					t.Skip("empty")
				}
				first := heap[0].timer
				first.alarmer.Alarm(0)
				if fired != first {
					t.Fatal("the alarm is another timer's")
				}
				heap.Unset(first)
				delete(model, first)
			},
			"": func(t *rapid.T) {
				if len(heap) != len(model) {
					t.Fatalf("%d timers armed, want %d", len(heap), len(model))
				}
				for i := range all {
					timer := &all[i]
					instant, set := model[timer]
					if timer.Armed() != set {
						t.Fatalf("timer %d: Armed() = %t, want %t", i, timer.Armed(), set)
					}
					if set && heap[timer.slot-1] != (armed{instant, timer}) {
						t.Fatalf("timer %d is not where it believes to be", i)
					}
					if set && heap[0].at > instant {
						t.Fatalf("the first is due at %d, timer %d earlier", heap[0].at, i)
					}
				}
			},
		})
	})
}

// A crowd arms thousands of timers while it arrives, and few when it is there.
func TestTimersThatAreOverTakeNoMemory(t *testing.T) { // G20
	const many, few = 20 * roomy, 10
	var heap Timers
	all := make([]Timer, many)
	last := int64(0)
	a := alarm(func(now int64) {
		if now != last+1 {
			t.Fatalf("an alarm at %d, after one at %d", now, last)
		}
		last = now
	})
	for i := range all {
		heap.Set(&all[i], int64(many-i), a)
	}
	for _, left := range []int{few, 0} {
		for len(heap) > left {
			at, _ := heap.Next()
			heap.Pop().Alarm(at)
		}
		if cap(heap) > roomy {
			t.Errorf("room for %d timers is kept, of which %d are left", cap(heap), left)
		}
	}
	if last != many {
		t.Errorf("the last alarm came at %d, want %d", last, many)
	}
}

// The cost of one poller that asks once a second, among ten thousand.
func BenchmarkRearm(b *testing.B) {
	var heap Timers
	const n = 10_000
	all := make([]Timer, n)
	a := alarm(func(int64) {})
	for i := range all {
		heap.Set(&all[i], int64(i), a)
	}
	b.ReportAllocs()
	for b.Loop() {
		first := heap[0]
		heap.Set(first.timer, first.at+n, a)
	}
}
