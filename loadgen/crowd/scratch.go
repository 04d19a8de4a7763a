package crowd

import "sync"

// Scratch buffers hold what is about to be sent, for the length of one call: a
// buffer per client would be the largest part of it.
var scratches = sync.Pool{New: func() any { return new(make([]byte, 0, 1024)) }}

func getScratch() *[]byte { return scratches.Get().(*[]byte) }

func putScratch(b *[]byte) {
	if cap(*b) <= 64<<10 {
		scratches.Put(b)
	}
}
