package transporttest

import (
	"pushbench/loadgen/engine"
	"pushbench/servers/wire"
)

// An observed conversation has a witness beside its listener, and connections
// that break.
type observed struct {
	engine.Conversation
	witness *witness
	breaker breaker // nil: they last
}

// Receive implements engine.Conversation.
func (o *observed) Receive(in, out []byte, l engine.Listener) ([]byte, error) {
	var broken error
	if o.breaker != nil {
		var seen int
		if seen, broken = o.breaker(len(in)); broken != nil {
			defer o.witness.broke(engine.Final(broken))
		}
		in = in[:seen]
	}
	out, err := o.Conversation.Receive(in, out, both{l, o.witness})
	if err == nil {
		err = broken
	}
	return out, err
}

// both are told the same.
type both struct{ first, second engine.Listener }

// Hello implements engine.Listener.
func (b both) Hello(c wire.Cursor) {
	b.first.Hello(c)
	b.second.Hello(c)
}

// Event implements engine.Listener.
func (b both) Event(ev *wire.Event) {
	b.first.Event(ev)
	b.second.Event(ev)
}

// Gap implements engine.Listener.
func (b both) Gap(g *wire.Gap) {
	b.first.Gap(g)
	b.second.Gap(g)
}
