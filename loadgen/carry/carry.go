// Package carry is the memory for what one read leaves unfinished until another
// brings the rest. A client that keeps none of its own between events is small,
// but an event of 64 KiB then takes new memory each time, which costs more than
// to copy it; so large buffers go round.
package carry

import (
	"math/bits"
	"sync"
)

const (
	// small is up to where new memory is cheap, in bytes.
	small = 4 << 10
	// classes of buffers are powers of two from twice small on; what is larger than
	// the last is left to the collector.
	classes = 12
)

// pools hold *[]byte: a slice by itself would be copied into new memory by each Put.
var pools [classes]sync.Pool

// Append is append, with room that Drop has been given where much is needed. As of
// append's, only the result is to be used afterwards. It is safe for concurrent
// use, as long as nobody else has b.
func Append(b, more []byte) []byte {
	return append(Grow(b, len(b)+len(more)), more...)
}

// Grow is b with room for n bytes in all, where they are many: who knows what comes
// spares copying it twice. The rest is as of Append.
func Grow(b []byte, n int) []byte {
	if n <= cap(b) || n <= small {
		return b
	}
	grown := append(room(n), b...)
	Drop(b)
	return grown
}

// Drop gives a buffer back that Append has made. Nobody may use it, or what
// aliases it, afterwards. It is safe for concurrent use.
func Drop(b []byte) {
	if i, whole := class(cap(b)); whole {
		empty := b[:0] // by itself, so that what is small costs no memory here
		pools[i].Put(&empty)
	}
}

// room is an empty buffer for n bytes, more than small.
func room(n int) []byte {
	i, _ := class(n)
	if i >= classes {
		return make([]byte, 0, n)
	}
	if b, ok := pools[i].Get().(*[]byte); ok {
		return *b
	}
	return make([]byte, 0, small<<(i+1))
}

// class is the smallest whose buffers hold n bytes, and whether n is just what they
// hold.
func class(n int) (i int, whole bool) {
	if n <= small {
		return 0, false
	}
	i = bits.Len(uint(n-1)) - bits.Len(small)
	return i, i < classes && n == small<<(i+1)
}
