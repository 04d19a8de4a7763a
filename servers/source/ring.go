package source

import "iter"

// Subscriptions are the live ones of a topic: a ring through all of them, which
// needs less memory than a set beside them. The zero value is none.
type subscriptions struct {
	end   Subscription // stands before the first and behind the last, and is none itself
	count int
}

// A ring is a subscription's place among those of its topic; without neighbours
// it has none.
type ring struct{ next, prev *Subscription }

func (l *subscriptions) add(s *Subscription) {
	end := &l.end
	if end.ring.next == nil {
		end.ring = ring{end, end}
	}
	s.ring = ring{next: end, prev: end.ring.prev}
	s.ring.prev.ring.next = s
	end.ring.prev = s
	l.count++
}

// remove says whether it was there.
func (l *subscriptions) remove(s *Subscription) bool {
	if s.ring.next == nil {
		return false
	}
	s.ring.prev.ring.next, s.ring.next.ring.prev = s.ring.next, s.ring.prev
	s.ring = ring{}
	l.count--
	return true
}

// all are the subscriptions in the order in which they came.
func (l *subscriptions) all() iter.Seq[*Subscription] {
	return func(yield func(*Subscription) bool) {
		for s := l.end.ring.next; s != nil && s != &l.end; s = s.ring.next {
			if !yield(s) {
				return
			}
		}
	}
}
