package transporttest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"pushbench/loadgen/crowd"
	"pushbench/loadgen/engine"
	"pushbench/loadgen/recorder"
	"pushbench/results"
	"pushbench/servers/source"
	"pushbench/servers/wire"
)

// A plan is a crowd to gather at a stand.
type plan struct {
	clients int
	topics  []string // client i follows topic i modulo their number
	log     source.Options
	judge   rules
	sealed  bool // the crowd checks seals itself
	breaker func(i int) breaker
}

// A gathering is a crowd of real clients on a real engine, all subscribed.
type gathering struct {
	*stand
	*audience
	breaker func(i int) breaker
	journal *source.Journal
	record  *recorder.Recorder
	from    int64        // the measured phase begins before the first client comes
	end     func() error // stops the clients, then the server; may be called again
}

// gather opens a stand and returns when everybody has had a hello. Its end
// must be called.
func (s Subject) gather(ctx context.Context, p plan) (*gathering, error) {
	journal := new(source.Journal)
	p.log.Journal = journal
	st, err := s.open(ctx, p.log, p.topics...)
	if err != nil {
		return nil, err
	}
	e, err := s.Engine(engine.Options{Remote: st.address})
	if err != nil {
		return nil, errors.Join(err, st.close())
	}
	g := &gathering{
		stand:    st,
		breaker:  p.breaker,
		audience: newAudience(p.judge),
		journal:  journal,
		record:   recorder.New(recorder.Options{Clients: p.clients, Topics: len(p.topics), Shards: e.Shards()}),
		from:     wire.Now(),
	}
	g.record.Measure(g.from, g.to())
	c := crowd.New(crowd.Options{
		Clients:     p.clients,
		Topics:      p.topics,
		Endpoint:    *st.endpoint(""),
		Half:        g.half,
		Sealed:      p.sealed,
		ConnectRate: 1e6,
		Interval:    s.Interval,
		Silence:     s.Silence,
		Backoff:     crowd.Backoff{First: time.Millisecond, Max: 10 * time.Millisecond},
		Seed:        1,
	}, e, g.record, g.from)
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	ran := make(chan error, 1)
	go func() { ran <- e.Run(running) }()
	g.end = sync.OnceValue(func() error {
		stop()
		return errors.Join(<-ran, st.close())
	})
	select {
	case <-c.Ready():
		if n, why := c.Refused(); n > 0 {
			return nil, errors.Join(fmt.Errorf("%d clients turned away: %w", n, why), g.end())
		}
		g.begin()
		return g, nil
	case <-ctx.Done():
		return nil, errors.Join(fmt.Errorf("gather %d clients: %w", p.clients, context.Cause(ctx)), g.end())
	}
}

// half is what client i, in the order of calls, speaks with.
func (g *gathering) half(e *engine.Endpoint) engine.Conversation {
	var b breaker
	if g.breaker != nil {
		b = g.breaker(len(g.seats))
	}
	return g.seat(g.subject.Half(e), e.Topic, b)
}

// to is the end of the measured phase, which no check sees.
func (g *gathering) to() int64 { return g.from + int64(time.Hour) }

// heads are the topics' newest numbers: the goals when nothing more is
// published.
func (g *gathering) heads() map[string]uint64 {
	heads := make(map[string]uint64)
	for _, t := range g.source.Topics() {
		heads[t.Name()] = t.Head()
	}
	return heads
}

// account ends the gathering, of which everybody has what can still come, and
// does the sums.
func (g *gathering) account() (results.Accounting, error) {
	t, err := g.trial()
	return t.Events, err
}

// trial is account with everything else that was recorded.
func (g *gathering) trial() (t results.Trial, err error) {
	var unwritten int64
	for _, t := range g.source.Topics() {
		head := t.Head()
		t.Written(func(wrote uint64) { unwritten += int64(head - wrote) })
	}
	if err := g.end(); err != nil {
		return t, err
	}
	err = g.record.Snapshot(&t, g.record.Books(recorder.Journal{
		Topics: g.journal.Topics(), Unwritten: unwritten, From: g.from, To: g.to(),
	}))
	return t, err
}
