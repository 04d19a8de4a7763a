package source

import "iter"

// Waiters are those who wait for a topic's next event: all on one channel, which
// wakes them in the order in which they came; or, where the order is rotated,
// dealt out to several. The zero value is nobody.
type waiters struct {
	all   chan struct{}
	turns *turns
}

// Turns are channels that those who wait are dealt out to. The group that is
// woken first moves on with every event, and because everyone comes back in the
// order in which it was served, the groups are new ones each time: nobody is
// first, or last, for long.
type turns struct {
	groups [groups]chan struct{}
	dealt  int
}

// groups are a compromise: closing a channel costs as much as waking one more
// client, and within a group the order is that of coming.
const groups = 16

// join is the channel for one more.
func (w *waiters) join(rotate bool) <-chan struct{} {
	place := &w.all
	if rotate {
		if w.turns == nil {
			w.turns = new(turns)
		}
		place = &w.turns.groups[w.turns.dealt%groups]
		w.turns.dealt++
	}
	if *place == nil {
		*place = make(chan struct{})
	}
	return *place
}

// wake wakes them, because of event n.
func (w waiters) wake(n uint64) {
	for channel := range w.inTurn(n) {
		close(channel)
	}
}

// inTurn are their channels in the order in which event n closes them.
func (w waiters) inTurn(n uint64) iter.Seq[chan struct{}] {
	return func(yield func(chan struct{}) bool) {
		if w.all != nil && !yield(w.all) || w.turns == nil {
			return
		}
		for i := range uint64(groups) {
			if group := w.turns.groups[(n+i)%groups]; group != nil && !yield(group) {
				return
			}
		}
	}
}
