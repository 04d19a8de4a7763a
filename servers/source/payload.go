package source

import (
	"fmt"
	"math/rand/v2"

	"pushbench/servers/wire"
)

// A Payload says how big events are and what is in them.
type Payload struct {
	Min     int     `json:"min"` // bytes of the text, without quotes
	Max     int     `json:"max"` // sizes are uniform from Min to Max
	Content Content `json:"content"`
	Raw     bool    `json:"raw,omitempty"` // the bare text: no quotes, no seal
}

// Content is what a payload's text is made of.
type Content string

const (
	Text   Content = "text"   // words: a compressor shortens it well
	Random Content = "random" // six random bits a byte: hard to compress
	// Clockwork is the textbook's demonstration: events that tell the time. It has
	// sizes of its own.
	Clockwork Content = "clock"
)

// MaxPayload is the largest payload in bytes.
const MaxPayload = 8 << 20

// Check says what is impossible about the payload.
func (p Payload) Check() error {
	switch {
	case p.Min < 0 || p.Max < p.Min || p.Max > MaxPayload:
		return fmt.Errorf("payload of %d to %d bytes (have 0 to %d)", p.Min, p.Max, MaxPayload)
	case p.Content == Clockwork && !p.Raw:
		return fmt.Errorf("payload content %s is bare text: it must be raw", Clockwork)
	case p.Content != Text && p.Content != Random && p.Content != Clockwork:
		return fmt.Errorf("unknown payload content %q (have %s, %s, %s)", p.Content, Text, Random, Clockwork)
	}
	return nil
}

// Sealed says whether a text of the smallest size has room for its checksum:
// only then can every payload be checked for damage.
func (p Payload) Sealed() bool { return !p.Raw && p.Min >= wire.SealSize }

// Maker returns a function that makes one payload after the other: a JSON
// string or, raw, its bare text. The same seed gives the same payloads. It is
// for one goroutine; what it returned stays unchanged.
func (p Payload) Maker(seed uint64) func() []byte {
	r := rand.New(rand.NewPCG(seed, 0xda7a))
	return func() []byte {
		size := p.Min
		if p.Max > p.Min {
			size += r.IntN(p.Max - p.Min + 1)
		}
		if p.Raw {
			return p.appendText(make([]byte, 0, size), size, r)
		}
		data := make([]byte, 1, size+2)
		data[0] = '"'
		if size < wire.SealSize {
			return append(p.appendText(data, size, r), '"')
		}
		data = p.appendText(data, size-wire.SealSize, r)
		wire.AppendSeal(data[1:]) // in place: there is room for it
		return append(data[:1+size], '"')
	}
}

const (
	alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	prose    = "the price of one share rose by a little and then fell by a little more while everyone watched "
)

func (p Payload) appendText(dst []byte, n int, r *rand.Rand) []byte {
	if p.Content == Text {
		for at := r.IntN(len(prose)); n > 0; at = 0 {
			k := min(n, len(prose)-at)
			dst = append(dst, prose[at:at+k]...)
			n -= k
		}
		return dst
	}
	for n > 0 {
		bits := r.Uint64()
		for range min(n, 10) {
			dst = append(dst, alphabet[bits&63])
			bits >>= 6
		}
		n -= 10
	}
	return dst
}
