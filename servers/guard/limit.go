package guard

import (
	"net/netip"
	"sync"
)

// A Limit bounds how many connections a server has at once. Its methods are safe
// for concurrent use, and a nil Limit bounds nothing.
type Limit struct {
	// Total is how many in all, and PerAddress of one client's address. Zero is no
	// bound. They are set before use.
	Total, PerAddress int

	mu      sync.Mutex
	total   int
	of      map[netip.Addr]int
	refused int64
}

// Enter counts a connection from the address, or says that it is one too many.
// Leave must follow when it is not.
func (l *Limit) Enter(from netip.Addr) bool {
	if l == nil {
		return true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.Total > 0 && l.total >= l.Total || l.PerAddress > 0 && l.of[from] >= l.PerAddress {
		l.refused++
		return false
	}
	l.total++
	if l.PerAddress > 0 {
		if l.of == nil {
			l.of = make(map[netip.Addr]int)
		}
		l.of[from]++
	}
	return true
}

// Leave undoes one Enter.
func (l *Limit) Leave(from netip.Addr) {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.total--
	if l.PerAddress > 0 {
		if l.of[from]--; l.of[from] == 0 {
			delete(l.of, from) // or the map would grow with every client there ever was
		}
	}
}

// Refused is how many connections were too many.
func (l *Limit) Refused() int64 {
	if l == nil {
		return 0
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.refused
}
