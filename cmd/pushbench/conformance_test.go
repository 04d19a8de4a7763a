package main

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pushbench/loadgen/engine"
	"pushbench/loadgen/transporttest"
	"pushbench/servers/faults"
	"pushbench/servers/host"
	"pushbench/servers/source"
)

// subject is the row of the table, on a stack, as the conformance suite wants it.
func (t transport) subject(stack string, drive func(engine.Options) (engine.Engine, error)) transporttest.Subject {
	s := transporttest.Subject{
		Name: t.name + " on " + stack,
		Mount: func(src *source.Source) host.Mount {
			return t.mount(src, serving{stack: stack, hold: time.Minute, heartbeat: time.Minute})
		},
		Path:   t.path(),
		Half:   t.client,
		Engine: drive,
	}
	if t.scheduled {
		s.Interval = 5 * time.Millisecond
	}
	return s
}

// subjects are all transports on all their stacks.
func subjects(drive func(engine.Options) (engine.Engine, error)) (all []transporttest.Subject) {
	for _, row := range transports {
		for _, stack := range row.stacks() {
			all = append(all, row.subject(stack, drive))
		}
	}
	return all
}

func TestEveryTransportKeepsThePromiseOnEveryEngine(t *testing.T) { // D1–D7, D9, D10, V8, V10, V12, V14, W8, W15, L2–L7, F1
	for _, name := range slices.Compact([]string{"goroutine", defaultEngine}) {
		drive, err := engineOf(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range transports {
			for _, stack := range row.stacks() {
				t.Run(row.name+"/"+stack+"/"+name, func(t *testing.T) { transporttest.Run(t, row.subject(stack, drive)) })
			}
		}
	}
}

func TestRotationKeepsThePromise(t *testing.T) { // D1–D7, L8
	if testing.Short() {
		t.Skip("the whole suite once more: run without -short")
	}
	drive, err := engineOf(defaultEngine)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range transports {
		for _, stack := range row.stacks() {
			s := row.subject(stack, drive)
			s.Rotate = true
			t.Run(row.name+"/"+stack, func(t *testing.T) { transporttest.Run(t, s) })
		}
	}
}

// The names of checks that must find a fault, whatever the transport.
const (
	exactlyOnce = "every client gets every event once and in order"
	accounting  = "every owed event is accounted for"
	broken      = "a broken connection loses and repeats nothing"
	away        = "a client that was away for too long is told"
	epoch       = "a cursor of another epoch is told"
	cursors     = "a cursor resumes where it stands"
	amid        = "a subscription begins in the middle of publishing"
	payloads    = "payloads arrive as they were published"
	topics      = "a topic's events go to its subscribers only"
	refused     = "what cannot be served is refused for good"
)

// A trap is how a fault is found on every transport.
type trap struct {
	fault   string
	silence time.Duration // how long to wait where the fault is that nothing comes
	checks  []string      // that must fail, at least
}

var traps = []trap{
	{"drop", 0, []string{exactlyOnce, accounting, broken, away, cursors, amid}},
	{"duplicate", 0, []string{exactlyOnce, accounting, broken, away, cursors, amid}},
	{"swap", 0, []string{exactlyOnce, accounting, broken, cursors, amid, payloads}},
	{"reorder", 0, []string{exactlyOnce, accounting, broken, cursors, amid}},
	{"corrupt", 0, []string{exactlyOnce, accounting, broken, away, amid, payloads}},
	{"ignore-cursor", 3 * time.Second, []string{cursors}},
	{"repeat-last", 0, []string{cursors, broken, amid}},
	{"hide-gap", 0, []string{away, cursors}},
	{"forget-epoch", 0, []string{epoch, cursors}},
	{"accept-garbage", 0, []string{refused}},
	{"wrong-topic", 0, []string{topics, exactlyOnce}},
}

// nuisances are faults that make what was promised late, and break none of it.
var nuisances = []string{
	"stall=30ms@5ms", "freeze=30ms@5ms", "late-headers=5ms", "delay=bimodal:0ms:3ms:0.7", "vanish=3@0s",
}

// That no check fails on an honest server is the test above.
func TestConformanceSuiteFailsOnCheats(t *testing.T) { // D11
	if testing.Short() {
		t.Skip("the whole suite on a dozen cheats: run without -short")
	}
	drive, err := engineOf("goroutine")
	if err != nil {
		t.Fatal(err)
	}
	var cheating sync.WaitGroup
	defer cheating.Wait()
	for _, trap := range traps {
		for _, s := range subjects(drive) {
			s.Fault = trap.fault
			cheating.Go(func() {
				failures := transporttest.Failures(t.Context(), s, trap.silence, trap.checks...)
				for _, check := range trap.checks {
					if err := failures[check]; err == nil {
						t.Errorf("%s: a server with the fault %s passes the check %q", s.Name, s.Fault, check)
					} else if trap.silence == 0 && errors.Is(err, transporttest.ErrSilence) {
						t.Errorf("%s: a server with the fault %s fails the check %q only because time is up: %v", s.Name, s.Fault, check, err)
					}
				}
			})
		}
	}
}

func TestConformanceSuiteToleratesDelays(t *testing.T) { // D11
	if testing.Short() {
		t.Skip("the whole suite on twenty servers that hold back: run without -short")
	}
	drive, err := engineOf("goroutine")
	if err != nil {
		t.Fatal(err)
	}
	var lagging sync.WaitGroup
	defer lagging.Wait()
	for _, fault := range nuisances {
		f, err := faults.Parse(fault)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range subjects(drive) {
			if strings.HasSuffix(s.Name, leanLoop) && !f.CanLean() {
				continue
			}
			s.Fault, s.Silence = fault, 200*time.Millisecond
			lagging.Go(func() {
				for check, err := range transporttest.Failures(t.Context(), s, 0) {
					t.Errorf("%s: a server with the fault %s fails the check %q: %v", s.Name, s.Fault, check, err)
				}
			})
		}
	}
}

func TestEveryFaultHasItsPlaceInTheSuite(t *testing.T) { // D11
	var placed []string
	for _, trap := range traps {
		placed = append(placed, trap.fault)
	}
	placed = append(placed, nuisances...)
	for _, k := range faults.All {
		if !slices.ContainsFunc(placed, func(spec string) bool {
			f, err := faults.Parse(spec)
			return err == nil && f.Name == k.Name
		}) {
			t.Errorf("nobody says whether the suite must find the fault %s", k.Name)
		}
	}
}
