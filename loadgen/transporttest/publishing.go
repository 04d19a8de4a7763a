package transporttest

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"pushbench/loadgen/engine"
	"pushbench/loadgen/uplink"
	"pushbench/servers/source"
	"pushbench/servers/wire"
)

// subscriptionBeginsAmidEvents subscribes and resumes while events are published
// as fast as that goes: what follows the cursor of the hello, or the one
// presented, is the event after it.
func subscriptionBeginsAmidEvents(ctx context.Context, s Subject) error {
	const clients, follow, keep = 8, 100, 1 << 15
	st, err := s.open(ctx, source.Options{Epoch: "now", Keep: keep}, "a")
	if err != nil {
		return err
	}
	defer st.close()
	if err := st.publish("a", 2*follow); err != nil {
		return err
	}
	var publishing, subscribing sync.WaitGroup
	done := make(chan struct{})
	var failed error
	publishing.Go(func() {
		// Bounded, so that what clients follow is still kept when they come to it.
		for n := 2 * follow; n < keep-follow && failed == nil; n++ {
			select {
			case <-done:
				failed = st.publish("a", follow) // for who subscribed last
				return
			default:
				failed = st.publish("a", 1)
			}
		}
		failed = errors.Join(failed, st.publish("a", follow))
	})
	errs := make([]error, clients)
	for i := range clients {
		subscribing.Go(func() { errs[i] = st.followTwice(ctx, follow) })
	}
	subscribing.Wait()
	close(done)
	publishing.Wait()
	return errors.Join(append(errs, failed)...)
}

// followTwice reads count events after a hello, and on a second connection the
// same and more from the hello's cursor on.
func (st *stand) followTwice(ctx context.Context, count uint64) error {
	c, at, err := st.join(ctx, "a")
	if err != nil {
		return err
	}
	defer c.hangUp()
	if err := c.events(ctx, "a", at.N+1, at.N+count); err != nil {
		return fmt.Errorf("after hello %v: %w", at, err)
	}
	c.hangUp()
	if err := resume(ctx, st, at, nil, at.N+1, at.N+count); err != nil {
		return fmt.Errorf("resumed after %v: %w", at, err)
	}
	return nil
}

// saidComesBackOnce lets a client speak, over its own connection where the
// transport carries that and else by POST, and lets it hear itself.
func saidComesBackOnce(ctx context.Context, s Subject) error {
	st, err := s.open(ctx, source.Options{}, "a", "b")
	if err != nil {
		return err
	}
	defer st.close()
	c, at, err := st.join(ctx, "a")
	if err != nil {
		return err
	}
	defer c.hangUp()
	say, release, err := st.voice(ctx, c)
	if err != nil {
		return err
	}
	defer release()
	for i := range uint64(3) {
		n := at.N + 2*i + 1
		m := wire.Message{Due: wire.Now() - int64(i), Data: text("a", n)}
		if i == 2 {
			m.Type = "tick"
		}
		if err := say(&m); err != nil {
			return fmt.Errorf("say %q: %w", m.Data, err)
		}
		if err := c.message(ctx, m, n, false); err != nil {
			return err
		}
		// Were it told twice, this would not be next.
		if err := errors.Join(st.publish("a", 1), c.events(ctx, "a", n+1, n+1)); err != nil {
			return err
		}
	}
	return nil
}

// voice is how the client speaks.
func (st *stand) voice(ctx context.Context, c *client) (say func(*wire.Message) error, release func(), err error) {
	if sayer, ok := c.half.(engine.Sayer); ok {
		return func(m *wire.Message) error {
			_, err := c.conn.Write(sayer.Say(nil, m))
			return err
		}, func() {}, nil
	}
	e := st.endpoint("a")
	e.Path = "/publish"
	post := uplink.New(e)
	post.Open()
	conn, release, err := st.dial(ctx)
	if err != nil {
		return nil, nil, err
	}
	buffer := make([]byte, 4<<10)
	return func(m *wire.Message) error {
		if _, err := conn.Write(post.Say(nil, m)); err != nil {
			return err
		}
		for done := false; !done; {
			n, err := conn.Read(buffer)
			if err != nil {
				return err
			}
			if done, err = post.Receive(buffer[:n]); err != nil {
				return err
			}
		}
		return nil
	}, release, nil
}
