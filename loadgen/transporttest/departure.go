package transporttest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"pushbench/loadgen/crowd"
	"pushbench/loadgen/engine"
	"pushbench/servers/source"
	"pushbench/servers/wire"
)

// slowClientDelaysNobody has a client that asks for more than the sockets on the
// way hold and reads none of it, while another gets everything. Then it reads
// on, and has lost nothing that was kept.
func slowClientDelaysNobody(ctx context.Context, s Subject) error {
	// 12.5 MiB: the kernel lets a receive buffer grow only while it is read, and
	// a send buffer to 4 MiB.
	const events, size = 200, 64 << 10
	st, err := s.open(ctx, source.Options{KeepBytes: 2 * events * size}, "a")
	if err != nil {
		return err
	}
	defer st.close()
	slow, _, err := st.join(ctx, "a")
	if err != nil {
		return err
	}
	defer slow.hangUp()
	fast, _, err := st.join(ctx, "a")
	if err != nil {
		return err
	}
	defer fast.hangUp()
	payload := source.Payload{Min: size, Max: size, Content: source.Random}.Maker(1)
	var messages []wire.Message
	for i := range events {
		m := wire.Message{Due: wire.Now(), Data: payload()}
		messages = append(messages, m)
		if _, err := st.source.Publish("a", m); err != nil {
			return err
		}
		if i == events/2 && slow.asker != nil && slow.asker.Asking() != engine.Waiting {
			if err := slow.ask(ctx); err != nil {
				return err
			}
		}
	}
	for i, m := range messages {
		if err := fast.message(ctx, m, uint64(i)+1, false); err != nil {
			return fmt.Errorf("beside a client that does not read: %w", err)
		}
	}
	for i, m := range messages {
		if err := slow.message(ctx, m, uint64(i)+1, false); err != nil {
			return fmt.Errorf("after not reading: %w", err)
		}
	}
	return nil
}

// silentConnectionIsGivenUp lets each second connection go half-open, which no
// error tells anybody, and publishes on.
func silentConnectionIsGivenUp(ctx context.Context, s Subject) error {
	const clients, silent, events = 12, 6, 20
	s.Fault, s.Silence = "vanish=2@0s", 100*time.Millisecond
	g, err := s.gather(ctx, plan{clients: clients, topics: []string{"a"}})
	if err != nil {
		return err
	}
	defer g.end()
	if err := errors.Join(g.publish("a", events), g.await(ctx, g.heads())); err != nil {
		return err
	}
	t, err := g.trial()
	if err != nil {
		return err
	}
	if n := t.Traffic.Closed[crowd.Reason(crowd.ErrSilent)]; n < silent {
		return fmt.Errorf("%d of %d silent connections were given up", n, silent)
	}
	if t.Events.Owed != clients*events || t.Events.Delivered != t.Events.Owed || t.Events.Duplicated != 0 {
		return fmt.Errorf("accounted for %+v, want all delivered", t.Events)
	}
	return nil
}

// leavingClientIsForgotten lets clients leave, in order and by a reset, while
// nothing is published that would make the server notice.
func leavingClientIsForgotten(ctx context.Context, s Subject) error {
	st, err := s.open(ctx, source.Options{}, "a")
	if err != nil {
		return err
	}
	defer st.close()
	for i := range 6 {
		c, _, err := st.join(ctx, "a")
		if err != nil {
			return err
		}
		defer c.hangUp()
		if c.asker != nil { // a held question is left, too
			if err := c.ask(ctx); err != nil {
				return err
			}
		}
		if i%2 == 0 {
			if err := c.conn.(*net.TCPConn).SetLinger(0); err != nil {
				return err
			}
		}
		c.hangUp()
	}
	// Nobody announces that a subscription has ended, so this looks again.
	look := time.NewTicker(time.Millisecond)
	defer look.Stop()
	for st.audience() > 0 {
		select {
		case <-look.C:
		case <-ctx.Done():
			return fmt.Errorf("%d subscribers after all have left: %w", st.audience(), context.Cause(ctx))
		}
	}
	return nil
}

// audience is how many clients the server holds something for.
func (st *stand) audience() int {
	n := st.source.Subscribers()
	if half, ok := st.half.(interface{ Connections() int }); ok {
		n = max(n, half.Connections())
	}
	if half, ok := st.half.(interface{ Held() int }); ok {
		n = max(n, half.Held())
	}
	return n
}

// shutdownEndsEveryConnection ends a server with clients that are idle, each
// told in its transport's way.
func shutdownEndsEveryConnection(ctx context.Context, s Subject) error {
	st, err := s.open(ctx, source.Options{}, "a")
	if err != nil {
		return err
	}
	defer st.close()
	var clients []*client
	for range 4 {
		c, _, err := st.join(ctx, "a")
		if err != nil {
			return err
		}
		defer c.hangUp()
		if c.asker != nil {
			if err := c.ask(ctx); err != nil {
				return err
			}
		}
		clients = append(clients, c)
	}
	st.stop()
	for _, c := range clients {
		w, err := c.next(ctx)
		if err == nil || ctx.Err() != nil {
			return fmt.Errorf("got %v, error %v, want the end of the connection", w, err)
		}
		if errors.Is(err, engine.ErrProtocol) || engine.Final(err) {
			return fmt.Errorf("a shutdown is taken for %w", err)
		}
		c.hangUp()
	}
	select {
	case <-st.ended:
		return st.err
	case <-ctx.Done():
		return fmt.Errorf("the server did not end: %w", context.Cause(ctx))
	}
}
