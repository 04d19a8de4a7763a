package source

import (
	"sync"
	"sync/atomic"

	"pushbench/servers/wire"
)

// Say takes a message that a client has sent. It is published as Publish does,
// and the journal knows it for a client's; of a source with the option Absorb it
// is no event: nobody gets it, and the journal keeps its instants apart. The
// errors are ErrPayload.
func (t *Topic) Say(m wire.Message) error {
	var pub int64
	if t.source.opts.Absorb {
		if err := t.check(&m); err != nil {
			return err
		}
		pub = wire.Now()
		if t.source.opts.Journal != nil {
			t.source.opts.Journal.take(m.Due, pub)
		}
	} else {
		e, err := t.publish(m, true)
		if err != nil {
			return err
		}
		pub = e.Pub
	}
	t.source.asks.ask(t.index, pub)
	return nil
}

// asks are the messages that a load of the kind Reply has not answered yet.
type asks struct {
	heard atomic.Bool // somebody answers
	mu    sync.Mutex
	open  []asked
}

// asked is one such message.
type asked struct {
	topic int
	at    int64 // when it was taken
}

func (a *asks) ask(topic int, at int64) {
	if !a.heard.Load() {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.open = append(a.open, asked{topic, at})
}

// take returns the messages since the last call, appended to dst.
func (a *asks) take(dst []asked) []asked {
	a.mu.Lock()
	defer a.mu.Unlock()
	dst = append(dst, a.open...)
	a.open = a.open[:0]
	return dst
}
