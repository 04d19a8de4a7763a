package faults

import (
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// A delay holds back every write by what its law draws, from the start of the
// load on.
type delay struct {
	law        law
	accepted   atomic.Uint64
	start, end atomic.Int64 // of the load, in wire.Now; zero before
	book       book
}

func delayed(value string, _ time.Duration) (Fault, error) {
	law, err := parseLaw(value)
	return Fault{link: &delay{law: law}}, err
}

func (d *delay) begin(start, end int64) {
	d.end.Store(end)
	d.start.Store(start)
}

// conn gives each connection dice of its own, so that what one draws does not
// depend on what others write.
func (d *delay) conn(c net.Conn) net.Conn {
	dice := rand.New(rand.NewPCG(0xde1a, d.accepted.Add(1)))
	return &laggingConn{Conn: c, limit: newLimit(), book: &d.book, hold: func(now int64) hold {
		start, end := d.start.Load(), d.end.Load()
		if start == 0 || now < start {
			return hold{}
		}
		progress := min(1, float64(now-start)/float64(max(1, end-start)))
		return hold{by: d.law(dice, progress), noted: now < end}
	}}
}

// A headersDelay holds back the first write of every connection.
type headersDelay struct{ by time.Duration }

func lateHeaders(value string, _ time.Duration) (Fault, error) {
	d, err := length(value, maxDelay)
	return Fault{link: headersDelay{d}}, err
}

func (h headersDelay) begin(int64, int64) {}

func (h headersDelay) conn(c net.Conn) net.Conn {
	by := h.by
	return &laggingConn{Conn: c, limit: newLimit(), hold: func(int64) hold {
		first := by
		by = 0
		return hold{by: first}
	}}
}

// A hold is what becomes of a write.
type hold struct {
	by    time.Duration
	noted bool // in the book
}

// A book has by how much writes were really held back.
type book struct {
	mu     sync.Mutex
	called []int64 // in wire.Now
	by     []int64 // ns
}

func (b *book) note(called, by int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.called = append(b.called, called)
	b.by = append(b.by, by)
}

// between is of the writes called from one instant on and before the other.
func (b *book) between(from, to int64) []int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	var by []int64
	for i, called := range b.called {
		if called >= from && called < to {
			by = append(by, b.by[i])
		}
	}
	return by
}
