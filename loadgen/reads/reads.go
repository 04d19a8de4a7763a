// Package reads is for tests of client halves: all the ways in which reads can
// cut a stream, and what a conversation makes of them.
package reads

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"pushbench/loadgen/engine"
	"pushbench/servers/wire"
)

// Reads are pieces of a stream as a socket could bring them.
type Reads [][]byte

// Each calls f with the stream whole, byte by byte, in every two pieces, and in
// twenty random ways. A long stream is cut in two at some places only.
func Each[S string | []byte](t *testing.T, stream S, f func(name string, r Reads)) {
	t.Helper()
	b := []byte(stream)
	f("whole", Reads{b})
	f("byte by byte", slices.Collect(slices.Chunk(b, 1)))
	for at := 1; at < len(b); at += 1 + len(b)/2000 {
		f(fmt.Sprintf("in two at %d", at), Reads{b[:at], b[at:]})
	}
	for seed := range uint64(20) {
		f(fmt.Sprintf("at random with seed %d", seed), Random(b, seed))
	}
}

// Random cuts b at places that the seed chooses, into many pieces or into few.
func Random(b []byte, seed uint64) (r Reads) {
	rng := rand.New(rand.NewPCG(seed, 1))
	longest := 1 + rng.IntN(1+len(b)/2)
	for len(b) > 0 {
		n := min(len(b), 1+rng.IntN(longest))
		r, b = append(r, b[:n]), b[n:]
	}
	return r
}

// Bring hands f each read in the same buffer and spoils that afterwards, as an
// engine does, so that what keeps its input is found out. It stops at an error.
func (r Reads) Bring(f func(in []byte) error) error {
	var buffer []byte
	for _, b := range r {
		buffer = append(buffer[:0], b...)
		err := f(buffer)
		for i := range buffer {
			buffer[i] = '!'
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// To brings a conversation what it reads and returns what it told, what it
// answered, and how it ended.
func (r Reads) To(c engine.Conversation) (told Told, out []byte, err error) {
	err = r.Bring(func(in []byte) (err error) {
		out, err = c.Receive(in, out, &told)
		return err
	})
	return told, out, err
}

// Told is a Listener that keeps what it is told, one line for each.
type Told []string

var _ engine.Listener = (*Told)(nil)

// Hello implements engine.Listener.
func (t *Told) Hello(c wire.Cursor) { *t = append(*t, fmt.Sprintf("hello %v", c)) }

// Event implements engine.Listener.
func (t *Told) Event(e *wire.Event) {
	*t = append(*t, fmt.Sprintf("event %d due %d pub %d wall %d type %q: %s", e.N, e.Due, e.Pub, e.Wall, e.Type, e.Data))
}

// Gap implements engine.Listener.
func (t *Told) Gap(g *wire.Gap) {
	*t = append(*t, fmt.Sprintf("gap %d to %d at %v of %q", g.From, g.To, g.Cursor, g.Epoch))
}

// Deaf is a Listener that counts events.
type Deaf struct{ Events int }

var _ engine.Listener = (*Deaf)(nil)

// Hello implements engine.Listener.
func (d *Deaf) Hello(wire.Cursor) {}

// Event implements engine.Listener.
func (d *Deaf) Event(*wire.Event) { d.Events++ }

// Gap implements engine.Listener.
func (d *Deaf) Gap(*wire.Gap) {}
