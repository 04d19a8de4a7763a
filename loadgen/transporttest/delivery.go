package transporttest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync/atomic"
	"time"

	"pushbench/results"
	"pushbench/servers/source"
	"pushbench/servers/wire"
)

// everyClientGetsEveryEvent publishes in a burst, which readers meet in all
// states, and then one by one as soon as everybody has the one before.
func everyClientGetsEveryEvent(ctx context.Context, s Subject) error {
	g, err := s.gather(ctx, plan{clients: 24, topics: []string{"a", "b"}})
	if err != nil {
		return err
	}
	defer g.end()
	for _, count := range []int{80, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1} {
		for _, topic := range []string{"a", "b"} {
			if err := g.publish(topic, count); err != nil {
				return err
			}
		}
		if err := g.await(ctx, g.heads()); err != nil {
			return err
		}
	}
	account, err := g.account()
	if err != nil {
		return err
	}
	if want := int64(24 * 90); account.Owed != want || account.Delivered != want {
		return fmt.Errorf("24 clients and 90 events: accounted for %+v", account)
	}
	return nil
}

// everyOwedEventIsAccountedFor drives a log that is too short, loses some
// clients for good, and cuts the load in the middle, as an interrupt does.
func everyOwedEventIsAccountedFor(ctx context.Context, s Subject) error {
	const clients = 12
	topics := []string{"a", "b", "c"}
	g, err := s.gather(ctx, plan{
		clients: clients, topics: topics, log: source.Options{Keep: 8}, judge: lenient, sealed: true,
		breaker: func(i int) breaker {
			if i%4 == 0 {
				return forGood(1000)
			}
			return nil
		},
	})
	if err != nil {
		return err
	}
	defer g.end()
	driving, cut := context.WithCancelCause(ctx)
	driven := make(chan error, 1)
	go func() {
		load := source.Load{
			Schedule: source.Schedule{Kind: source.Burst, Rate: 10_000, Burst: 32},
			Payload:  source.Payload{Min: 64, Max: 64, Content: source.Random},
			Start:    wire.Now(),
			End:      g.to(),
		}
		_, err := g.source.Drive(driving, load, g.fault.Begin(load, source.Timer{}))
		driven <- err
	}()
	err = g.await(ctx, map[string]uint64{"a": 500, "b": 500, "c": 500})
	cut(errBroken)
	if failed := <-driven; !errors.Is(failed, errBroken) {
		return fmt.Errorf("drive: %w", failed)
	}
	if err != nil {
		return err
	}
	// What has not come in a quarter of the time is the accounting's to explain.
	drain, cancel := quarterOf(ctx)
	defer cancel()
	silence := g.await(drain, g.heads())
	var published int64
	for n := range maps.Values(g.heads()) {
		published += int64(n)
	}
	sum := g.sum()
	account, err := g.account()
	if err != nil {
		return err
	}
	lost := account.Lost[results.LostGap] + account.Lost[results.LostDisconnected]
	switch {
	case account.Unexplained != 0 || account.InFlight != 0 || account.Owed != account.Delivered+lost:
		return fmt.Errorf("the sums are not right: %+v", account)
	case account.Duplicated != 0 || account.Reordered != 0 || account.Negative != 0 || account.Clipped != 0:
		return fmt.Errorf("more or other events than there were: %+v", account)
	case account.Published != published || account.Owed != published*clients/int64(len(topics)):
		return fmt.Errorf("%d events were published: %+v", published, account)
	case account.Delivered != sum.got || account.Lost[results.LostGap] != sum.missed || account.Lost[results.LostDisconnected] == 0:
		return fmt.Errorf("clients got %d and missed %d events: %+v", sum.got, sum.missed, account)
	}
	return silence
}

// quarterOf ends when a quarter of the time is over that ctx still has.
func quarterOf(ctx context.Context) (context.Context, context.CancelFunc) {
	end, _ := ctx.Deadline()
	return context.WithTimeoutCause(ctx, time.Until(end)/4, ErrSilence)
}

// brokenConnectionLosesNothing breaks each client's connection three times, at
// any byte, within what the log keeps.
func brokenConnectionLosesNothing(ctx context.Context, s Subject) error {
	const clients, times = 16, 3
	g, err := s.gather(ctx, plan{
		clients: clients, topics: []string{"a"},
		breaker: func(i int) breaker { return atRandom(uint64(i), times, 4000) },
	})
	if err != nil {
		return err
	}
	defer g.end()
	for range 10 {
		if err := g.publish("a", 40); err != nil {
			return err
		}
		if err := g.await(ctx, g.heads()); err != nil {
			return err
		}
	}
	if sum := g.sum(); sum.broken != clients*times {
		return fmt.Errorf("%d connections were broken, want %d", sum.broken, clients*times)
	}
	account, err := g.account()
	if err != nil {
		return err
	}
	if account.Delivered != account.Owed || account.Duplicated+account.Reordered+account.Gaps != 0 {
		return fmt.Errorf("accounted for %+v, want all delivered", account)
	}
	return nil
}

// longAbsenceIsTold keeps every client away while more is published than the
// log keeps, and lets it come back.
func longAbsenceIsTold(ctx context.Context, s Subject) error {
	const clients, keep, before, during = 8, 16, 10, 100
	var away atomic.Bool
	g, err := s.gather(ctx, plan{
		clients: clients, topics: []string{"a"}, log: source.Options{Keep: keep}, judge: withGaps,
		breaker: func(int) breaker { return whileSet(&away) },
	})
	if err != nil {
		return err
	}
	defer g.end()
	if err := errors.Join(g.publish("a", before), g.await(ctx, g.heads())); err != nil {
		return err
	}
	away.Store(true)
	if err := g.publish("a", during); err != nil {
		return err
	}
	// Broken once more, a client's next connection begins after all of this.
	if err := g.awaitBreaks(ctx, 1); err != nil {
		return err
	}
	away.Store(false)
	if err := g.await(ctx, g.heads()); err != nil {
		return err
	}
	sum := g.sum()
	account, err := g.account()
	if err != nil {
		return err
	}
	gone := int64(clients * (during - keep))
	if sum.missed != gone || account.Lost[results.LostGap] != gone || account.Delivered != account.Owed-gone || account.Unexplained != 0 {
		return fmt.Errorf("notices named %d events, want %d: %+v", sum.missed, gone, account)
	}
	return nil
}

// topicsAreKeptApart follows two topics; each subscriber is told of its own.
func topicsAreKeptApart(ctx context.Context, s Subject) error {
	st, err := s.open(ctx, source.Options{}, "a", "b/&c d")
	if err != nil {
		return err
	}
	defer st.close()
	for _, topics := range [][2]string{{"a", "b/&c d"}, {"b/&c d", "a"}} {
		mine, yours := topics[0], topics[1]
		c, at, err := st.join(ctx, mine)
		if err != nil {
			return err
		}
		defer c.hangUp()
		if err := errors.Join(st.publish(yours, 3), st.publish(mine, 1), st.publish(yours, 1), st.publish(mine, 2)); err != nil {
			return err
		}
		if err := c.events(ctx, mine, at.N+1, at.N+3); err != nil {
			return fmt.Errorf("subscribed to %q: %w", mine, err)
		}
	}
	return nil
}
