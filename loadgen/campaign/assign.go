package campaign

import (
	"context"
	"errors"
	"time"

	"pushbench/loadgen/generator"
	"pushbench/results"
	"pushbench/servers/wire"
)

// assign gives the trial's clients, and those of the trials beside it, to who plays
// them: this process, or several others. None of them connects yet.
func (t *trial) assign(ctx context.Context) error {
	err := t.players(ctx)
	if err == nil {
		err = t.prepareClients(ctx)
	}
	if err != nil && t.play != nil {
		t.play.Stop()
	}
	if err != nil && ctx.Err() == nil {
		t.unplayed(err)
	}
	return err
}

func (t *trial) players(ctx context.Context) (err error) {
	if t.Scenario.Generators > 1 {
		t.play, err = generator.Start(ctx, generator.Config{
			Executable: t.Executable, Args: []string{"load", "--orders", "--engine", t.EngineName},
			CPUs: t.clients, Processes: t.Scenario.Generators,
		})
		return err
	}
	halves := generator.Halves{}
	for _, one := range t.all() {
		halves[one.transport.Name] = one.transport.Half
	}
	t.play = generator.Here(generator.NewPlayer(t.Engine, halves))
	return nil
}

func (t *trial) prepareClients(ctx context.Context) error {
	play := generator.Play{
		Remote: t.child.Address, ReceiveBuffer: int(t.Scenario.Buffers.Client), Shards: t.shards, Epoch: t.epoch(),
	}
	for _, one := range t.all() {
		one.child = t.child
		play.Crowds = append(play.Crowds, generator.Crowd{
			Transport: one.transport.Name, Options: one.crowdOptions(), Raw: one.Scenario.Untimed(), Turn: one.turnTime(),
		})
	}
	return t.play.Prepare(ctx, play, locals(max(1, t.Scenario.Generators), t.lines(), t.facts.Ports))
}

// unplayed notes why there are no clients, or no more.
func (t *trial) unplayed(err error) {
	if errors.Is(err, generator.ErrDied) {
		t.blame("generator-died", results.Invalid, err.Error(), "see what it printed; with more --generators each needs less memory")
		return
	}
	t.blame("failed", results.Invalid, err.Error(), "see what the server printed; run `pushbench serve` by itself")
}

// several says whether one of the sides has more than one process.
func (t *trial) several() bool { return t.Scenario.Servers > 1 || t.Scenario.Generators > 1 }

// notice is how far ahead both sides are told of the first event: several processes
// must all have heard of it.
func (t *trial) notice() time.Duration {
	if t.several() {
		return 200 * time.Millisecond
	}
	return 20 * time.Millisecond
}

// lead is how long before the phase the reading at its beginning is begun.
func (t *trial) lead() time.Duration {
	if t.several() {
		return 50 * time.Millisecond
	}
	return 10 * time.Millisecond
}

// slow lets the clients that have not come yet come half as fast. It says whether
// there were any.
func (t *trial) slow(ctx context.Context) (bool, error) {
	now := wire.Now()
	if t.slowed == maxSlowed || t.slowed > 0 && now-t.slowedAt < int64(effect) {
		return false, nil
	}
	if far, err := t.play.Look(ctx, now); err != nil || far.Arrived {
		return false, err
	}
	t.slowed, t.slowedAt = t.slowed+1, now
	return true, t.play.Slow(ctx, now)
}
