// Package campaign turns a scenario into trials: which cell when, each with a
// fresh server, guarded, accounted for and saved.
package campaign

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"time"

	"pushbench/loadgen/engine"
	"pushbench/loadgen/target"
	"pushbench/results"
	"pushbench/scenarios"
)

// A Transport is what a campaign must know of one: its name, where its server
// answers, and its client half.
type Transport struct {
	Name string
	Path string
	Half func(engine.Endpoint) engine.Conversation
	// Scheduled clients poll at the scenario's interval; others ask again at once
	// or never.
	Scheduled bool
}

// Options describe a campaign.
type Options struct {
	Scenario   *scenarios.Scenario
	Transports []Transport
	Executable string // started as "serve" for every trial
	Engine     func(engine.Options) (engine.Engine, error)
	Save       func(*results.Run) error // called after every trial
	Report     func(Progress)           // called a few times a second; may be nil

	// Fault is what every server does wrong on purpose, as in "drop=100"; see
	// servers/faults. Empty: nothing.
	Fault string
	// Pause makes the generator itself stand still for so long, in the middle of
	// every measured phase.
	Pause time.Duration
}

// A Campaign is one run under way.
type Campaign struct {
	Options
	run             *results.Run
	server, clients []int // CPU sets
	shared          bool  // they are the same
	began           time.Time
}

// ErrSave wraps the reason for which a run could not be saved.
var ErrSave = errors.New("save run")

// ErrTrial wraps the reason for which a campaign ended before its last trial.
var ErrTrial = errors.New("campaign ended early")

// New checks what would spoil the campaign before any load starts, and pins
// this process to its share of the CPUs.
func New(o Options, run *results.Run) (*Campaign, error) {
	if err := guard(o); err != nil {
		return nil, err
	}
	cpus, err := target.CPUs()
	if err != nil {
		return nil, err
	}
	c := &Campaign{Options: o, run: run}
	c.server, c.clients, c.shared = target.Split(cpus)
	// A container's quota is a number of CPUs, not a set: the runtime knows it.
	c.shared = c.shared || runtime.GOMAXPROCS(0) < len(cpus)
	if err := target.Pin(c.clients); err != nil {
		return nil, err
	}
	run.Machine.ServerCPUs, run.Machine.GeneratorCPUs = c.server, c.clients
	run.Planned = len(o.Transports) * o.Scenario.Trials
	return c, nil
}

// Run executes every cell once in each block, in seeded random order, and saves
// after each trial. When the context ends it saves what there is, marked
// interrupted, and returns the context's cause.
func (c *Campaign) Run(ctx context.Context) error {
	c.began = time.Now()
	for order, step := range c.plan() {
		trial, err := c.trial(ctx, order, step)
		if trial != nil {
			trial.Judge(nil)
			c.run.Trials = append(c.run.Trials, *trial)
		}
		switch {
		case ctx.Err() != nil:
			c.run.Status = results.Interrupted
			return errors.Join(context.Cause(ctx), c.save())
		case err != nil:
			c.run.Status = results.Failed
			return errors.Join(fmt.Errorf("%w: trial %d of %d, %s: %w", ErrTrial, order+1, c.run.Planned, step.transport.Name, err), c.save())
		case order == c.run.Planned-1:
			c.run.Status = results.Complete
		}
		if err := c.save(); err != nil {
			return fmt.Errorf("trial %d of %d: %w", order+1, c.run.Planned, err)
		}
	}
	return nil
}

func (c *Campaign) save() error {
	if err := c.Save(c.run); err != nil {
		return fmt.Errorf("%w: %w", ErrSave, err)
	}
	return nil
}

// A step is one trial to come.
type step struct {
	transport Transport
	block     int
	Scenario  *scenarios.Scenario // at the step's point of the axes
	cell      results.Cell
}

// plan is every transport once in each block; the order within a block is
// random, so that no transport always runs after the same other one, and the
// same for the same seed.
func (c *Campaign) plan() []step {
	dice := rand.New(rand.NewPCG(c.Options.Scenario.Seed, 0xb10c))
	var steps []step
	for block := range c.Options.Scenario.Trials {
		order := slices.Clone(c.Transports)
		dice.Shuffle(len(order), func(i, k int) { order[i], order[k] = order[k], order[i] })
		for _, t := range order {
			steps = append(steps, step{t, block, c.Options.Scenario, results.Cell{Transport: t.Name, Stack: "std"}})
		}
	}
	return steps
}

// A Progress is what a person who waits wants to know.
type Progress struct {
	Trial, Trials int // from 1
	Transport     string
	Phase         string
	Clients       int
	Joined        int
	Rate          float64 // events per second received, lately
	P99           time.Duration
	Left          time.Duration // of the whole campaign, estimated; zero when unknown
}
