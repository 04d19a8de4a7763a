package transporttest

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"slices"
	"time"

	"pushbench/loadgen/engine"
	"pushbench/servers/wire"
)

// A client drives one conversation over one connection, on the goroutine of the
// check that asks what it has been told.
type client struct {
	conn     net.Conn
	hangUp   func()
	half     engine.Conversation
	asker    engine.Asker // nil for the streaming transports
	interval time.Duration
	buffer   []byte
	words    []word // told and not yet asked for
	err      error  // of the conversation; comes after the words
}

// A word is one thing that a server told.
type word struct {
	hello wire.Cursor
	event *wire.Event
	gap   *wire.Gap
}

func (w word) String() string {
	switch {
	case w.event != nil:
		return fmt.Sprintf("event %d %.60q", w.event.N, w.event.Data)
	case w.gap != nil:
		return fmt.Sprintf("gap %d to %d, then %v, epoch %q", w.gap.From, w.gap.To, w.gap.Cursor, w.gap.Epoch)
	}
	return fmt.Sprintf("hello %v", w.hello)
}

// Hello implements engine.Listener.
func (c *client) Hello(at wire.Cursor) { c.words = append(c.words, word{hello: at}) }

// Event implements engine.Listener.
func (c *client) Event(ev *wire.Event) {
	mine := *ev
	mine.Data = slices.Clone(ev.Data)
	c.words = append(c.words, word{event: &mine})
}

// Gap implements engine.Listener.
func (c *client) Gap(g *wire.Gap) {
	mine := *g
	c.words = append(c.words, word{gap: &mine})
}

// subscribe connects and asks for what follows the cursor, or for a hello when
// that is zero. The connection ends with the context; hangUp ends it sooner.
func (st *stand) subscribe(ctx context.Context, topic string, after wire.Cursor) (*client, error) {
	return st.converse(ctx, st.subject.Half(st.endpoint(topic)), after)
}

func (st *stand) converse(ctx context.Context, half engine.Conversation, after wire.Cursor) (*client, error) {
	conn, hangUp, err := st.dial(ctx)
	if err != nil {
		return nil, err
	}
	c := &client{conn: conn, hangUp: hangUp, half: half, interval: st.subject.Interval, buffer: make([]byte, 32<<10)}
	c.asker, _ = half.(engine.Asker)
	if _, err := conn.Write(half.Open(nil, after)); err != nil {
		c.hangUp()
		return nil, err
	}
	return c, nil
}

// join is subscribe without a cursor, up to the hello.
func (st *stand) join(ctx context.Context, topic string) (*client, wire.Cursor, error) {
	c, err := st.subscribe(ctx, topic, wire.Cursor{})
	if err != nil {
		return nil, wire.Cursor{}, err
	}
	w, err := c.next(ctx)
	if err == nil && w.hello.IsZero() {
		err = fmt.Errorf("got %v", w)
	}
	if err != nil {
		c.hangUp()
		return nil, wire.Cursor{}, fmt.Errorf("want a hello: %w", err)
	}
	return c, w.hello, nil
}

// dial connects until hangUp is called, which may be more than once, or until
// the context ends.
func (st *stand) dial(ctx context.Context) (conn net.Conn, hangUp func(), err error) {
	if conn, err = new(net.Dialer).DialContext(ctx, "tcp", st.address.String()); err != nil {
		return nil, nil, err
	}
	release := context.AfterFunc(ctx, func() { conn.Close() })
	return conn, func() {
		release()
		conn.Close()
	}, nil
}

// next returns the next thing that the client is told.
func (c *client) next(ctx context.Context) (word, error) {
	for len(c.words) == 0 {
		if c.err != nil {
			return word{}, c.err
		}
		if err := c.step(ctx); err != nil {
			if ctx.Err() != nil {
				err = context.Cause(ctx)
			}
			return word{}, err
		}
	}
	w := c.words[0]
	c.words = c.words[1:]
	return w, nil
}

// step reads once, after asking where that is the client's turn.
func (c *client) step(ctx context.Context) error {
	if c.asker != nil && c.asker.Asking() != engine.Waiting {
		if err := c.ask(ctx); err != nil {
			return err
		}
	}
	n, err := c.conn.Read(c.buffer)
	if n > 0 {
		var answer []byte
		answer, c.err = c.half.Receive(c.buffer[:n], nil, c)
		if len(answer) > 0 {
			c.conn.Write(answer) // the next read says what came of it
		}
		return nil
	}
	return err
}

// ask sends the next question, when it is time for it.
func (c *client) ask(ctx context.Context) error {
	if c.asker.Asking() == engine.Idle && c.interval > 0 {
		pause := time.NewTimer(c.interval)
		defer pause.Stop()
		select {
		case <-pause.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	_, err := c.conn.Write(c.asker.Ask(nil))
	return err
}

// events reads the events numbered from first to last with the topic's texts,
// and wants nothing in between.
func (c *client) events(ctx context.Context, topic string, first, last uint64) error {
	for n := first; n <= last; n++ {
		w, err := c.next(ctx)
		if err != nil {
			return fmt.Errorf("want event %d of %d to %d: %w", n, first, last, err)
		}
		if w.event == nil || w.event.N != n || !bytes.Equal(w.event.Data, text(topic, n)) {
			return fmt.Errorf("got %v, want event %d %q", w, n, text(topic, n))
		}
	}
	return nil
}

// notice reads a gap notice that is to be the one given.
func (c *client) notice(ctx context.Context, want wire.Gap) error {
	w, err := c.next(ctx)
	if err != nil {
		return fmt.Errorf("want a %v: %w", word{gap: &want}, err)
	}
	if w.gap == nil || *w.gap != want {
		return fmt.Errorf("got %v, want %v", w, word{gap: &want})
	}
	return nil
}
