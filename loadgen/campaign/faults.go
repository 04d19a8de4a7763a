package campaign

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"pushbench/loadgen/target"
	"pushbench/scenarios"
	"pushbench/servers/wire"
)

// suffer lets the scenario's faults happen, each at its instant, and returns when
// the last is over. When the context ends, one that has begun is brought to its
// end at once, so that there is a server to account for.
func (t *trial) suffer(ctx context.Context) error {
	for _, f := range t.Scenario.Faults {
		if err := t.await(ctx, t.from+int64(f.At)); err != nil {
			return err
		}
		if err := t.strike(ctx, f); err != nil {
			return fmt.Errorf("%s: %w", f, err)
		}
	}
	return nil
}

// strike lets one fault happen.
func (t *trial) strike(ctx context.Context, f scenarios.Fault) error {
	t.enter(f.Kind)
	defer t.enter("measure")
	orders := context.WithoutCancel(ctx)
	var untold error // to the clients' record
	begun := func() {
		now := wire.Now()
		untold = errors.Join(untold, t.play.Struck(orders, now))
		t.after.struck(f, now)
	}
	over := func() {
		now := wire.Now()
		untold = errors.Join(untold, t.play.Over(orders, now))
		t.after.over(now)
	}
	switch f.Kind {
	case scenarios.Reset:
		begun()
		n, err := t.child.Reset(orders, f.Percent/100)
		t.after.closed(n)
		return errors.Join(untold, err)
	case scenarios.Stall:
		begun()
		err := t.child.Freeze()
		sleep(ctx, wire.Now()+int64(f.For))
		err = errors.Join(err, t.child.Thaw())
		over()
		return errors.Join(untold, err)
	}
	end := t.child.Kill
	if f.Kind == scenarios.Drain {
		end = t.child.Drain
	}
	if err := end(orders, t.from, t.to, begun); err != nil {
		return err
	}
	sleep(ctx, wire.Now()+int64(f.For))
	t.lives++
	if err := t.play.Enter(orders, t.epoch()); err != nil {
		return err
	}
	if err := t.child.Again(orders, t.serveArgs()); err != nil {
		return err
	}
	over()
	if untold != nil {
		return untold
	}
	// What fell due meanwhile goes out late, as after a stall.
	rest := t.load(t.start, t.to)
	rest.Skip = t.child.Driven()
	return t.child.Drive(orders, rest)
}

// hold reserves the address of a server that is to end and to come again.
func (t *trial) hold() error {
	if !slices.ContainsFunc(t.Scenario.Faults, scenarios.Fault.Ends) {
		return nil
	}
	var err error
	t.held, err = target.Reserve()
	return err
}

// release gives back what hold has reserved.
func (t *trial) release() {
	if t.held != nil {
		t.held.Release()
	}
}

// listen is the address for the server to listen on.
func (t *trial) listen() string {
	if t.held != nil {
		return t.held.Address.String()
	}
	return "127.0.0.1:0"
}

// epoch is ours to hand out: every trial's logs are another life, and so are those
// of every server in it.
func (t *trial) epoch() string {
	name := fmt.Sprintf("r%dt%d", t.Campaign.run.Started.Unix(), t.result.Order)
	if t.lives > 0 {
		name += fmt.Sprintf("l%d", t.lives)
	}
	return name
}
