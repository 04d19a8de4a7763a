// Package campaign turns a scenario into trials: which cell when, each with a
// fresh server, guarded, accounted for and saved.
package campaign

import (
	"context"
	"errors"
	"fmt"
	"time"

	"pushbench/loadgen/engine"
	"pushbench/results"
	"pushbench/results/compare"
	"pushbench/results/doctor"
	"pushbench/scenarios"
)

// A Transport is what a campaign must know of one: its name, where its server
// answers, and its client half.
type Transport struct {
	Name string
	Path string
	Half func(*engine.Endpoint) engine.Conversation
	// Scheduled clients poll at the scenario's interval; others ask again at once
	// or never.
	Scheduled bool
	// Stacks are those on which its server half is built. None: std alone.
	Stacks []string
	// Others are the other transports there are. A scenario's keys that begin with
	// the name of one, as poll.interval does, say nothing to this one.
	Others []string
}

// Options describe a campaign.
type Options struct {
	Scenario   *scenarios.Scenario
	Transports []Transport
	Executable string // started as "serve" for every trial
	Engine     func(engine.Options) (engine.Engine, error)
	EngineName string                   // by which a generator that is another process knows it
	Save       func(*results.Run) error // called after every trial
	Report     func(Progress)           // called a few times a second; may be nil

	// Again names the transport that is measured twice in each block, to be
	// compared with itself. Empty: none.
	Again string

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
	facts           results.Facts
	apart           doctor.Finding // whether the sets keep the processes apart
	began           time.Time
	waited          bool // a trial has waited for ports in vain
	plan            *plan
	search          *search // nil for a run of a fixed plan
}

// ErrSave wraps the reason for which a run could not be saved.
var ErrSave = errors.New("save run")

// ErrTrial wraps the reason for which a campaign ended before its last trial.
var ErrTrial = errors.New("campaign ended early")

// New checks what would spoil the campaign before any load starts, and pins
// this process to its share of the CPUs. A run with Until goes on, after the
// scenario's number of blocks, until one of its two bounds is reached.
func New(o Options, run *results.Run) (*Campaign, error) {
	c := &Campaign{Options: o, run: run, facts: results.ReadFacts()}
	if err := guard(o, c.facts); err != nil {
		return nil, err
	}
	if err := c.place(); err != nil {
		return nil, err
	}
	for _, s := range o.steps() {
		run.Planned += s.cells() * o.Scenario.Trials
	}
	c.plan = newPlan(o)
	if o.Scenario.Search.Key != "" {
		c.search = newSearch(o, c.facts)
		run.Planned = c.search.left()
		run.Capacity = c.search.capacities()
	}
	if run.Until != nil && c.apart.State == doctor.Problem {
		run.Machine.Warnings = append(run.Machine.Warnings,
			fmt.Sprintf("%s: --until will find nothing to compare, and end after %d blocks", c.apart.Code, max(o.Scenario.Trials, compare.MinTrials)))
	}
	return c, nil
}

// Run executes every cell once in each block, in seeded random order, and saves
// after each trial. When the context ends it saves what there is, marked
// interrupted, and returns the context's cause.
func (c *Campaign) Run(ctx context.Context) error {
	c.began = time.Now()
	for order := 0; c.run.Status != results.Complete; {
		block := c.coming()
		for i, step := range block {
			trials, err := c.trial(ctx, order, step)
			order += step.cells()
			for _, trial := range trials {
				trial.Judge(step.Scenario.Expects)
				c.run.Trials = append(c.run.Trials, *trial)
				c.learn(step, trial, ctx.Err() == nil && err == nil)
			}
			switch {
			case ctx.Err() != nil:
				c.run.Status = results.Interrupted
				return errors.Join(context.Cause(ctx), c.save())
			case err != nil:
				c.run.Status = results.Failed
				return errors.Join(fmt.Errorf("%w: trial %d of %d, %s: %w", ErrTrial, order, c.run.Planned, step, err), c.save())
			case i == len(block)-1 && c.enough(c.plan.blocks, time.Since(c.began)):
				c.run.Status = results.Complete
			}
			if err := c.save(); err != nil {
				return fmt.Errorf("trial %d of %d: %w", order, c.run.Planned, err)
			}
		}
	}
	return nil
}

// coming is the block that comes next: every cell once, or what a search wants to know.
func (c *Campaign) coming() []step {
	if c.search != nil {
		return c.search.next()
	}
	return c.plan.next()
}

// save saves the run. One that has become larger than a file may be fails with
// the trials that still fit: what nobody could read is of no use.
func (c *Campaign) save() error {
	err := c.Save(c.run)
	if err == nil {
		return nil
	}
	full := err
	for errors.Is(err, results.ErrSize) && len(c.run.Trials) > 0 {
		c.run.Trials = c.run.Trials[:len(c.run.Trials)-1]
		c.run.Status = results.Failed
		err = c.Save(c.run)
	}
	if err == nil {
		return fmt.Errorf("%w: %w: its first %d trials are saved: fewer --trials, a shorter --max-time or less axes keep it smaller",
			ErrSave, full, len(c.run.Trials))
	}
	return fmt.Errorf("%w: %w", ErrSave, err)
}

// A Progress is what a person who waits wants to know.
type Progress struct {
	Trial, Trials int    // from 1
	Cell          string // transport, point of the axes, arm
	Phase         string
	Clients       int
	Joined        int
	Rate          float64 // events per second received, lately
	P99           time.Duration
	Left          time.Duration // of the whole campaign, estimated; zero when unknown
	AtMost        bool          // Left is what there is at most
}
