package lean

import (
	"sync"
	"sync/atomic"

	"pushbench/servers/source"
)

// A bulletin carries news from whoever publishes to one loop: a topic stands on
// it once, and the loop is woken once, however many events have been published
// until it gets there.
type bulletin struct {
	clock Clock
	pass  func(now int64) // made once, so that waking a loop allocates nothing
	known map[*source.Topic]*item

	mu    sync.Mutex
	fresh []*item
	taken []*item // those that are being passed on; the loop's own
}

// An item is a topic and who on this loop wants to know of it.
type item struct {
	board   *bulletin
	topic   *source.Topic
	heralds []Herald
	told    atomic.Bool // stands on the bulletin
}

func (b *bulletin) open(clock Clock) {
	b.clock, b.known, b.pass = clock, make(map[*source.Topic]*item), b.read
}

// watch adds a herald of the topic.
func (b *bulletin) watch(t *source.Topic, h Herald) {
	it, known := b.known[t]
	if !known {
		it = &item{board: b, topic: t}
		b.known[t] = it
	}
	it.heralds = append(it.heralds, h)
	if !known {
		t.Watch(it)
	}
}

// News implements source.Watcher, on any goroutine.
func (it *item) News() {
	if it.told.Swap(true) {
		return
	}
	b := it.board
	b.mu.Lock()
	b.fresh = append(b.fresh, it)
	first := len(b.fresh) == 1
	b.mu.Unlock()
	if first {
		b.clock.Post(b.pass)
	}
}

// read passes on what is new, on the loop.
func (b *bulletin) read(now int64) {
	b.mu.Lock()
	b.taken, b.fresh = b.fresh, b.taken[:0]
	b.mu.Unlock()
	for _, it := range b.taken {
		// Before the heralds look: what is published meanwhile is told again.
		it.told.Store(false)
		for _, h := range it.heralds {
			h.News(now, it.topic)
		}
	}
}
