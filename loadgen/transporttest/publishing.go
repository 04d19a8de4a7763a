package transporttest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"pushbench/loadgen/engine"
	"pushbench/loadgen/uplink"
	"pushbench/servers/source"
	"pushbench/servers/wire"
)

// subscriptionBeginsAmidEvents subscribes and resumes while events are published
// in quick bursts: what follows the cursor of the hello, or the one presented,
// is the event after it.
func subscriptionBeginsAmidEvents(ctx context.Context, s Subject) error {
	const clients, follow, burst, bursts = 8, 100, 25, 1000
	st, err := s.open(ctx, source.Options{Epoch: "now", Keep: follow + burst*bursts}, "a")
	if err != nil {
		return err
	}
	defer st.close()
	var joined, subscribing sync.WaitGroup
	joined.Add(clients)
	errs := make([]error, clients)
	for i := range clients {
		subscribing.Go(func() { errs[i] = st.followTwice(ctx, follow, joined.Done) })
	}
	done := make(chan struct{})
	go func() {
		subscribing.Wait()
		close(done)
	}()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for range bursts { // bounded: the log still keeps what a client comes back for
		err = errors.Join(err, st.publish("a", burst))
		select {
		case <-tick.C:
		case <-done:
			return errors.Join(append(errs, err)...)
		}
	}
	joined.Wait()
	err = errors.Join(err, st.publish("a", follow)) // for who subscribed last
	<-done
	return errors.Join(append(errs, err)...)
}

// followTwice reads count events after a hello, and on a second connection the
// same from the hello's cursor on. It calls joined after the hello.
func (st *stand) followTwice(ctx context.Context, count uint64, joined func()) error {
	c, at, err := st.join(ctx, "a")
	joined()
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

// eventAtAnyMomentArrives publishes each event a little after the client has got
// the one before, so that some fall between its answer and its next question,
// and some into the moment in which a server decides that there is nothing.
func eventAtAnyMomentArrives(ctx context.Context, s Subject) error {
	rounds := 500
	if s.Interval > 0 {
		rounds = 20 // all fall between two questions anyway
	}
	st, err := s.open(ctx, source.Options{}, "a")
	if err != nil {
		return err
	}
	defer st.close()
	c, at, err := st.join(ctx, "a")
	if err != nil {
		return err
	}
	defer c.hangUp()
	dice := rand.New(rand.NewPCG(1, 0x14))
	for n := at.N + 1; n <= at.N+uint64(rounds); n++ {
		due := wire.Now() + dice.Int64N(int64(150*time.Microsecond))
		published := make(chan error, 1)
		go func() {
			for wire.Now() < due { // no timer is that precise
			}
			published <- st.publish("a", 1)
		}()
		if err := errors.Join(c.events(ctx, "a", n, n), <-published); err != nil {
			return err
		}
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
