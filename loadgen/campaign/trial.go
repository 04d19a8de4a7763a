package campaign

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync/atomic"
	"time"

	"pushbench/loadgen/generator"
	"pushbench/loadgen/recorder"
	"pushbench/loadgen/target"
	"pushbench/results"
	"pushbench/results/doctor"
	"pushbench/servers/source"
	"pushbench/servers/wire"
)

// A trial is one execution of a cell under way.
type trial struct {
	*Campaign
	step
	result *results.Trial
	child  *target.Child
	shards int // of the record and the engine of each process
	play   *generator.Generator
	vigil  *vigil       // over the measured phase; nil before
	after  *aftermath   // of the scenario's faults; nil without any
	held   *target.Hold // the address of a server that ends and comes again; else nil
	lives  int          // of the source, before the present one
	phase  atomic.Value // string: where the trial is, for whoever watches
	from   int64        // the measured phase, in wire.Now
	to     int64
	start  int64            // of the schedule
	never  int64            // events due in the phase that the source did not come to publish
	differ string           // how the server's processes differ in what they have published; empty when they do not
	silent int64            // messages that clients sent and the source never had, unrefused
	found  []source.Finding // by the server, of clients
	spread []int64          // its connections by process, when they were last weighed; nil of one process

	slowed   int   // how often the ramp was
	slowedAt int64 // when it last was

	retransmitted resends // by all of this system within the phase

	glance atomic.Pointer[generator.Generator] // play, for whoever watches

	beside []*trial // those of other transports at the same time, whose server, generator and instants are these
	turn   int      // among them and their leader, from 0
	among  int      // how many they are
}

// errUnready ends a trial whose clients did not all subscribe.
var errUnready = errors.New("not every client could subscribe")

// trial runs one, with those beside it, and returns what is known of them, also
// when it failed: a trial that ended early is kept with the reason. The error says
// that the campaign cannot go on.
func (c *Campaign) trial(ctx context.Context, order int, s step) ([]*results.Trial, error) {
	debug.FreeOSMemory() // what the last trial left is not this one's to collect, or to weigh
	t := c.prepare(order, s)
	t.accompany()
	begun, err := t.execute(ctx)
	if !begun {
		return nil, err
	}
	t.share()
	var all []*results.Trial
	for _, one := range t.all() {
		all = append(all, one.result)
	}
	return all, err
}

// prepare makes a trial that has not begun.
func (c *Campaign) prepare(order int, s step) *trial {
	t := &trial{Campaign: c, step: s}
	t.enter("start")
	t.result = &results.Trial{
		Cell:    s.cell,
		Block:   s.block,
		Order:   order,
		Started: time.Now(),
		Clients: s.Scenario.Clients,
		Untimed: s.Scenario.Untimed(),
	}
	t.shards = cmp.Or(len(c.clients), runtime.GOMAXPROCS(0))
	return t
}

// execute runs the trial against a server of its own. It is false of one that was
// ended before it began.
func (t *trial) execute(ctx context.Context) (begun bool, err error) {
	if t.apart.State == doctor.Problem {
		t.blame(t.apart.Code, results.Invalid, t.apart.Text, t.apart.Mend)
	}
	watched, stop := context.WithCancel(context.WithoutCancel(ctx))
	watching := t.watch(watched)
	defer func() { stop(); <-watching }()
	if err := t.rest(ctx, results.TimeWait); err != nil {
		return false, err
	}
	before := overflowed()
	defer func() { t.accepted(overflowed() - before) }()
	if err := t.hold(); err != nil {
		return false, err
	}
	defer t.release()
	if t.child, err = target.Start(ctx, target.Config{
		Executable: t.Executable, Args: t.serveArgs(), CPUs: t.server, Processes: t.Scenario.Servers,
	}); err != nil {
		if ctx.Err() != nil {
			return false, err
		}
		return true, t.died(err)
	}
	defer t.child.Stop()
	return true, t.run(ctx)
}

// run is the trial from the first connection to the last delivery.
func (t *trial) run(ctx context.Context) error {
	u := &t.result.Usage
	var err error
	if u.ServerIdleRSS, u.ServerIdle, err = t.weigh(ctx); err != nil {
		return t.died(err)
	}
	if err := t.assign(ctx); err != nil {
		return err
	}
	defer t.play.Stop()
	books, err := t.measure(ctx)
	t.recovered()
	outcomes, failed := t.play.End(ctx)
	if !errors.Is(err, generator.ErrDied) { // else that is why
		err = errors.Join(err, failed)
	}
	switch {
	case ctx.Err() != nil:
		t.blame("interrupted", results.Invalid, "the trial was cut short", "let it run to its end")
	case err != nil && !errors.Is(err, target.ErrDied) && !errors.Is(err, errUnready):
		t.unplayed(err)
	}
	for i, outcome := range outcomes {
		if failed := outcome.Record.Snapshot(t.all()[i].result, books); failed != nil {
			err = errors.Join(err, failed)
		}
	}
	if t.vigil != nil {
		t.vigil.end(t)
	}
	t.exposed(outcomes)
	t.disagreed()
	t.result.Traffic.SayFailed += t.silent
	for _, one := range t.all() {
		if ctx.Err() == nil { // else not publishing them was what somebody wanted
			one.result.Events.Intended += t.never
		}
	}
	switch {
	case errors.Is(err, target.ErrDied):
		return t.died(err)
	case errors.Is(err, errUnready):
		t.blame("connect-failed", results.Invalid, err.Error(), "lower --clients or the connect rate, or look at the server")
		return nil
	}
	return err
}

// measure goes through the phases and returns the books of what was owed; nil
// when the trial ended before there were any.
func (t *trial) measure(ctx context.Context) (*recorder.Books, error) {
	u := &t.result.Usage
	own := t.play.RSS()
	if err := t.play.Begin(ctx, t.step.load().Clients); err != nil {
		return nil, err
	}
	t.glance.Store(t.play)
	t.enter("connect")
	if err := t.assemble(ctx); err != nil {
		return nil, err
	}
	var err error
	if u.ServerFullRSS, u.ServerFull, err = t.weigh(ctx); err != nil {
		return nil, err
	}
	u.ServerConns = t.spread
	// What made the clients is garbage: none of what they take, and it would be collected
	// amid the phase.
	if err := t.play.Settle(ctx); err != nil {
		return nil, err
	}
	u.GeneratorRSS = t.play.RSS() - own

	t.start = wire.Now() + int64(t.notice())
	t.from = t.start + int64(t.warmup())
	t.to = t.from + int64(t.Scenario.Duration)
	if err := t.play.Measure(ctx, t.from, t.to); err != nil {
		return nil, err
	}
	if err := t.child.Drive(ctx, t.load(t.start, t.to)); err != nil {
		return nil, err
	}
	if err := t.play.Speak(ctx, t.start, t.from, t.to); err != nil {
		return nil, err
	}

	t.vigil = t.keep(ctx)
	t.enter("warm up")
	before, err := t.begin(ctx)
	if err != nil {
		return t.cut(ctx, nil, err)
	}
	t.enter("measure")
	t.after = t.expect(ctx)
	end := t.close(ctx)
	if err := t.suffer(ctx); err != nil {
		return t.cut(ctx, &before, err)
	}
	after, err := t.finish(ctx, end)
	if err != nil {
		return t.cut(ctx, &before, err)
	}
	t.use(before, after)
	if err := t.look(ctx); err != nil {
		return nil, err
	}
	t.enter("drain")
	return t.drain(ctx)
}

// assemble waits until every client has had its hello.
func (t *trial) assemble(ctx context.Context) error {
	clients := t.step.load().Clients
	patience := time.Duration(float64(clients)/t.Scenario.Connect.PerSecond()*float64(time.Second)) + 20*time.Second
	timeout := time.NewTimer(patience)
	defer timeout.Stop()
	glances := time.NewTicker(rampGlance)
	defer glances.Stop()
	full := overflowed()
	for {
		now, err := t.play.Look(ctx, wire.Now())
		switch {
		case err != nil:
			return err
		case now.Ready && now.Refused > 0:
			return fmt.Errorf("%w: %d turned away: %s", errUnready, now.Refused, now.Why)
		case now.Ready:
			return nil
		}
		select {
		case <-glances.C:
			if now := overflowed(); now > full {
				full = now
				if slowed, err := t.slow(ctx); err != nil {
					return err
				} else if slowed {
					patience *= 2
					timeout.Reset(patience)
				}
			}
		case <-timeout.C:
			return fmt.Errorf("%w: %d of %d after %s", errUnready, now.Joined, clients, patience.Round(time.Second))
		case <-t.child.Exited():
			return target.ErrDied
		case <-t.play.Exited():
			return t.play.Death()
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func (t *trial) blame(code string, state results.State, text, hint string) {
	t.result.Verdict.Reasons = append(t.result.Verdict.Reasons, results.Reason{Code: code, State: state, Text: text, Hint: hint})
}

// warmup is the scenario's, and for clients that poll by the clock at least one
// interval: their first answers bring the events of less than that.
func (t *trial) warmup() time.Duration {
	longest := time.Duration(t.Scenario.Warmup)
	for _, one := range t.all() {
		longest = max(longest, one.crowdOptions().Interval)
	}
	return longest
}

func (t *trial) enter(phase string) { t.phase.Store(phase) }

func (t *trial) at() string { return t.phase.Load().(string) }

// died notes that the server is gone and ends the campaign: another trial would
// most likely meet the same end.
func (t *trial) died(err error) error {
	t.blame("server-died", results.Invalid, err.Error(), "see what the server printed; run `pushbench serve` by itself")
	return err
}

func (t *trial) load(start, end int64) source.Load {
	s := t.Scenario
	return source.Load{
		Schedule: source.Schedule{
			Kind: source.Kind(s.Schedule.Kind), Rate: float64(s.Schedule.Rate), To: float64(s.Schedule.To),
			Burst: s.Schedule.Burst, Length: s.Schedule.Length, Seed: s.Seed + uint64(t.block),
		},
		Payload: source.Payload{
			Min: int(s.Payload.Size.Min), Max: int(s.Payload.Size.Max),
			Content: source.Content(s.Payload.Content), Raw: s.Payload.Raw,
		},
		Start: start,
		End:   end,
	}
}
