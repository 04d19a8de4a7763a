// Package selftest tries the whole suite on servers whose faults are known: each
// must leave the traces in a trial's numbers that arithmetic predicts, and no
// others. The trials are ordinary ones, of real servers in processes of their
// own: nothing but what a run uses computes their numbers.
package selftest

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"time"

	"pushbench/loadgen/campaign"
	"pushbench/loadgen/engine"
	"pushbench/loadgen/target"
	"pushbench/results"
	"pushbench/results/hdr"
)

// Options describe a self-test.
type Options struct {
	Transports []campaign.Transport
	Only       []string // experiments, or what their names begin with; none: all
	Thorough   bool     // more clients and longer, for extreme percentiles
	Executable string   // started as "serve" for every trial
	Engine     func(engine.Options) (engine.Engine, error)
	Report     func(campaign.Progress) // called a few times a second; may be nil
}

// ErrUnknown wraps the name of an experiment that does not exist, with those
// that do.
var ErrUnknown = errors.New("unknown fault")

// ErrOneCPU says that server and generator would have to share a CPU, and with it
// everything that the self-test wants to tell apart.
var ErrOneCPU = errors.New("a self-test cannot be passed on one CPU: give it two, one for the servers and one for the clients")

// tries is how often an experiment is done at most when the machine may have been
// in its way.
const tries = 3

// patience is how long a self-test may take: no try begins again that would end
// later, if it takes as long as it did.
const patience = 118 * time.Second

// A tester is a self-test under way.
type tester struct {
	Options
	cpus    []int // what this process may use
	watched bool  // the engine tells of itself
	began   time.Time
	planned int
	done    int
	transit map[string]*hdr.Histogram // latency without a fault, by experiment and transport
	measure measure
}

// measure makes one trial of an experiment.
type measure func(context.Context, Experiment, load, campaign.Transport) (*results.Trial, error)

// Run does every experiment on every transport and returns the checks in that
// order; with an error, those that there are. The error is ErrUnknown or ErrOneCPU
// before anything is started, else the reason for which no trial came about.
func Run(ctx context.Context, o Options) (*results.SelfTest, error) {
	picked, unknown, ok := pick(o.Only)
	if !ok {
		return nil, fmt.Errorf("%w %q (have %s)", ErrUnknown, unknown, strings.Join(Names(), ", "))
	}
	machine, err := results.Inspect()
	if err != nil {
		return nil, err
	}
	// The loop engine, which is Linux' alone, tells how late it is.
	t := &tester{Options: o, began: time.Now(), transit: map[string]*hdr.Histogram{}, watched: runtime.GOOS == "linux"}
	t.measure = t.trial
	if t.cpus, err = target.CPUs(); err != nil {
		return nil, err
	}
	test := &results.SelfTest{Schema: results.Schema, Started: t.began, Thorough: o.Thorough, Machine: machine}
	if len(t.cpus) < 2 {
		return test, ErrOneCPU
	}
	var pending []*task
	for _, x := range withWays(picked) {
		for _, transport := range o.Transports {
			pending = append(pending, &task{
				Experiment: x, transport: transport,
				check: &results.Check{Fault: x.Name, Does: x.Does, Transport: transport.Name},
			})
		}
	}
	all := pending
	test.Planned = len(all)
	for pass := 0; pass < tries && len(pending) > 0 && err == nil; pass++ {
		pending, err = t.pass(ctx, pending)
	}
	for _, done := range all {
		if done.check.Tries > 0 {
			test.Checks = append(test.Checks, *done.check)
		}
	}
	test.Took = time.Since(t.began)
	return test, err
}

// A task is one experiment on one transport, with what it has found.
type task struct {
	Experiment
	transport campaign.Transport
	check     *results.Check
	took      time.Duration // the last try
}

// pass does each task once and returns those that are worth another try: later,
// because what disturbs a machine seldom disturbs it for long. Nothing is
// repeated when that would take longer than whoever waits was told.
func (t *tester) pass(ctx context.Context, tasks []*task) (again []*task, err error) {
	t.planned += len(tasks)
	for _, task := range tasks {
		if task.check.Tries > 0 && !t.Thorough && time.Since(t.began)+task.took > patience {
			continue
		}
		repeat, err := t.try(ctx, task)
		// Others are judged by what this one finds: it is repeated before they begin.
		for err == nil && repeat && task.leads() && task.check.Tries < tries && len(task.check.Misses()) > 0 {
			repeat, err = t.try(ctx, task)
		}
		if err != nil {
			return nil, fmt.Errorf("%s on %s: %w", task.Name, task.transport.Name, err)
		}
		if repeat && task.check.Tries < tries {
			again = append(again, task)
		}
		t.done++
	}
	// What missed comes first: for the others there may be no time.
	slices.SortStableFunc(again, func(a, b *task) int { return rank(a) - rank(b) })
	return again, nil
}

// rank is 1 of a task that has nothing against it but the machine's noise.
func rank(t *task) int {
	if len(t.check.Misses()) > 0 {
		return 0
	}
	return 1
}

// leads says whether other experiments need this one's latency.
func (x Experiment) leads() bool {
	return slices.ContainsFunc(experiments, func(other Experiment) bool { return other.after == x.Name })
}

// withWays adds the experiments that others need before them.
func withWays(picked []Experiment) []Experiment {
	var all []Experiment
	for _, x := range experiments {
		if slices.ContainsFunc(picked, func(p Experiment) bool { return p.Name == x.Name || p.after == x.Name }) {
			all = append(all, x)
		}
	}
	return all
}

// try does a task and says whether it is worth another try: when what missed
// depends on lengths of time, or when the trial itself says that the machine was
// in its way, for that must not excuse what happens every time.
func (t *tester) try(ctx context.Context, task *task) (again bool, err error) {
	m := mannerOf(task.transport)
	l := task.load(m, t.Thorough)
	began := time.Now()
	trial, err := t.measure(ctx, task.Experiment, l, task.transport)
	if err != nil {
		return false, err
	}
	task.took = time.Since(began)
	e := evidence{
		load: l, manner: m, trial: trial, transit: t.transit[task.after+" "+task.transport.Name],
		speaks: speaks(task.transport), watched: t.watched,
	}
	t.keep(task.Name+" "+task.transport.Name, trial.Histograms[results.Latency])
	check := task.check
	check.Tries++
	check.Trial, check.Answers, check.Disturbed = trial, task.Experiment.check(e), e.disturbed(task.Experiment)
	missed := check.Misses()
	counted := slices.ContainsFunc(missed, func(a results.Answer) bool { return !a.Timed })
	return len(missed) > 0 && !counted || len(check.Disturbed) > 0, nil
}

// keep notes the latency of an experiment for others: of several tries the one
// with the least, since a busy machine only adds.
func (t *tester) keep(name string, latency *hdr.Histogram) {
	if known := t.transit[name]; known == nil || latency.Quantile(0.5) < known.Quantile(0.5) {
		t.transit[name] = latency
	}
}

// trial is one trial of an ordinary campaign.
func (t *tester) trial(ctx context.Context, x Experiment, l load, transport campaign.Transport) (*results.Trial, error) {
	// A campaign takes its share of the CPUs that it finds: each is given what
	// there was at first.
	if err := target.Pin(t.cpus); err != nil {
		return nil, err
	}
	run := &results.Run{Schema: results.Schema, Started: time.Now(), Status: results.Running}
	options := campaign.Options{
		Scenario:   l.scenario(),
		Transports: []campaign.Transport{transport},
		Executable: t.Executable,
		Engine:     t.Engine,
		Save:       func(*results.Run) error { return nil }, // it is kept in the check
		Report:     t.progress(x),
		Pause:      x.pause,
	}
	if x.fault != nil {
		options.Fault = x.fault(l)
	}
	c, err := campaign.New(options, run)
	if err != nil {
		return nil, err
	}
	if err := c.Run(ctx); err != nil {
		return nil, err
	}
	return &run.Trials[0], nil
}

// progress tells of a trial as one of all that are planned.
func (t *tester) progress(x Experiment) func(campaign.Progress) {
	if t.Report == nil {
		return nil
	}
	return func(p campaign.Progress) {
		p.Trial, p.Trials, p.Cell = t.done+1, t.planned, x.Name+" "+p.Cell
		if t.done > 0 {
			p.Left = time.Since(t.began) / time.Duration(t.done) * time.Duration(t.planned-t.done)
		}
		t.Report(p)
	}
}
