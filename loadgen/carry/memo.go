package carry

import (
	"sync"

	"pushbench/servers/wire"
)

// A Memo is what a conversation needs while it understands a read, and else is
// without: an event to read others into, which would be half of what an idle client
// takes; and how the latest events were read. Thousands of clients are told the same
// bytes, and to compare them with those that another client has been told takes a
// fraction of the time in which they are read. It is for one goroutine at a time.
type Memo struct {
	Event wire.Event // what it holds before is of no meaning, but that the same Type needs no memory

	known [remembered]known
}

const (
	// remembered is how many events are known: those of some full reads.
	remembered = 128
	// longest is up to which size they are, in bytes.
	longest = 1 << 10
)

// A known event is one that has been read, with the bytes that it was read from.
type known struct {
	bytes []byte
	epoch string
	event wire.Event // its Data is of those bytes
}

// Knows is event n of the epoch, if in begins with the very bytes that it has been
// read from before, and how many those are; else nil. Nobody may change it.
func (m *Memo) Knows(n uint64, epoch string, in []byte) (ev *wire.Event, size int) {
	k := &m.known[n%remembered]
	if size = len(k.bytes); size == 0 || k.event.N != n || size > len(in) || string(in[:size]) != string(k.bytes) || k.epoch != epoch {
		return nil, 0
	}
	return &k.event, size
}

// Learn remembers that those bytes were read as the event, which ends with its Data
// but for so many bytes behind that.
func (m *Memo) Learn(ev *wire.Event, epoch string, bytes []byte, behind int) {
	if len(bytes) > longest {
		return
	}
	k := &m.known[ev.N%remembered]
	k.bytes = append(k.bytes[:0], bytes...)
	k.epoch, k.event = epoch, *ev
	end := len(k.bytes) - behind
	k.event.Data = k.bytes[end-len(ev.Data) : end : end]
}

// Memos go round like large buffers. Whoever reads the same bytes differently needs
// others: the zero value has none yet. They are safe for concurrent use.
type Memos struct{ pool sync.Pool }

// Take is a memo for the length of one read.
func (m *Memos) Take() *Memo {
	if memo, ok := m.pool.Get().(*Memo); ok {
		return memo
	}
	return new(Memo)
}

// Give gives it back.
func (m *Memos) Give(memo *Memo) {
	memo.Event.Data = nil // it may alias what was read
	m.pool.Put(memo)
}
