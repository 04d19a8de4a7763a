package source

import (
	"container/heap"
	"context"
	"time"

	"pushbench/servers/wire"
)

// look is how often a replying drive looks for messages, at least.
const look = 10 * time.Millisecond

// reply answers each message that a client says with so many events on the
// client's topic: the first is due one distance of the rate after the message was
// taken, and each of the others one after that. So the rate within an answer is
// as open a loop as any schedule's, however late the source is.
func (s *Source) reply(ctx context.Context, l Load, topics []*Topic, w Waiter) (published int, err error) {
	s.asks.heard.Store(true)
	defer s.asks.heard.Store(false)
	every := float64(time.Second) / l.Schedule.Rate
	payload := l.contents()
	pause := min(int64(look), int64(every/2)+1)
	var open answers
	var heard []asked
	for {
		now := wire.Now()
		heard = s.asks.take(heard[:0])
		for _, a := range heard {
			heap.Push(&open, &answering{asked: a, every: every, of: l.Schedule.Length})
		}
		for len(open) > 0 && open[0].due() <= now && open[0].due() < l.End {
			next := open[0]
			tick := Tick{After: time.Duration(next.due() - l.Start), Topic: next.topic}
			m := payload(tick)
			m.Due = next.due()
			if _, err := topics[next.topic].Publish(m); err != nil {
				return published, err
			}
			published++
			if next.sent++; next.sent == next.of {
				heap.Pop(&open)
			} else {
				heap.Fix(&open, 0)
			}
		}
		if now >= l.End {
			return published, nil
		}
		wake := min(now+pause, l.End)
		if len(open) > 0 {
			wake = min(wake, max(now, open[0].due()))
		}
		if err := w.WaitUntil(ctx, wake); err != nil {
			return published, err
		}
	}
}

// An answering is an answer that is under way.
type answering struct {
	asked
	every    float64 // ns
	sent, of int
}

// due is when its next event is.
func (a *answering) due() int64 { return a.at + int64(float64(a.sent+1)*a.every) }

// answers are a heap with the one on top whose event is due first.
type answers []*answering

func (a answers) Len() int           { return len(a) }
func (a answers) Less(i, k int) bool { return a[i].due() < a[k].due() }
func (a answers) Swap(i, k int)      { a[i], a[k] = a[k], a[i] }
func (a *answers) Push(x any)        { *a = append(*a, x.(*answering)) }
func (a *answers) Pop() any {
	last := len(*a) - 1
	top := (*a)[last]
	(*a)[last] = nil
	*a = (*a)[:last]
	return top
}
