package main

import (
	"context"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pushbench/results"
)

// struck is a small run of all transports whose servers suffer something: 40
// clients, 50 events a second, one trial of each.
func struck(t *testing.T, engine string, args ...string) *results.Run {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	file := filepath.Join(t.TempDir(), "run.json")
	all := append([]string{"run", "-q", "-o", file, "--engine", engine, "--trials", "1", "-c", "40", "-r", "50/s",
		"-w", "50ms", "-d", "1500ms", "--poll-interval", "50ms", "--drain", "20s"}, args...)
	said, err := exec.CommandContext(ctx, program(t), all...).CombinedOutput()
	if err != nil && exitCode(err) != "106" { // a busy machine is no fault of the code
		t.Fatalf("exit code %s: %s", exitCode(err), said)
	}
	run, err := results.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	if len(run.Trials) != len(transportNames()) {
		t.Fatalf("%d trials, want one of each transport: %s", len(run.Trials), said)
	}
	return run
}

// onBothEngines runs the test on the default engine, and on the other one too
// where there is time.
func onBothEngines(t *testing.T, test func(t *testing.T, engine string)) {
	t.Parallel() // most of the time it waits
	for _, engine := range []string{defaultEngine, "goroutine"} {
		if engine != defaultEngine && testing.Short() {
			continue
		}
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			test(t, engine)
		})
	}
}

// wantSound checks what holds of every trial, whatever its server suffered: the
// accounting adds up, nothing came twice or late, and everybody came back.
func wantSound(t *testing.T, trial results.Trial, lost ...string) {
	t.Helper()
	e := trial.Events
	if e.Owed == 0 || e.Unexplained != 0 || e.InFlight != 0 || e.Duplicated != 0 || e.Reordered != 0 {
		t.Errorf("%s: %+v; want all of it explained, and nothing twice or late", trial.Transport, e)
	}
	for reason := range e.Lost {
		if !slices.Contains(lost, reason) {
			t.Errorf("%s: %d events lost by reason %s, want none", trial.Transport, e.Lost[reason], reason)
		}
	}
	if trial.Recovery == nil {
		t.Fatalf("%s: nothing is said of a fault", trial.Transport)
	}
	for _, f := range trial.Recovery.Faults {
		if f.Restored != f.Cut || f.Back.Count() != f.Cut {
			t.Errorf("%s: after %s %d clients were cut, %d came back, in %d times", trial.Transport, f.Spec, f.Cut, f.Restored, f.Back.Count())
		}
		if tries, peak := f.Tries(), f.Peak(); tries < f.Cut || peak > tries || f.Cut > 0 && peak < 1 {
			t.Errorf("%s: after %s %d clients came back in %d attempts, %d in the fullest 100 ms", trial.Transport, f.Spec, f.Cut, tries, peak)
		}
	}
	if first := trial.Recovery.Faults[0]; first.Cut != int64(trial.Clients) {
		t.Errorf("%s: %s has cut %d of %d clients", trial.Transport, first.Spec, first.Cut, trial.Clients)
	}
}

func TestResetsWithinTheLogLoseAndRepeatNothing(t *testing.T) { // D3, C8
	faults := []string{"reset at 200ms", "reset 50% at 600ms", "reset at 900ms"}
	onBothEngines(t, func(t *testing.T, engine string) {
		for _, trial := range struck(t, engine, "--faults", strings.Join(faults, ", ")).Trials {
			wantSound(t, trial)
			if trial.Events.Delivered != trial.Events.Owed || trial.Events.Gaps != 0 {
				t.Errorf("%s: %d of %d owed events delivered, %d gaps", trial.Transport, trial.Events.Delivered, trial.Events.Owed, trial.Events.Gaps)
			}
			var specs []string
			for _, f := range trial.Recovery.Faults {
				specs = append(specs, f.Spec)
			}
			if !slices.Equal(specs, faults) {
				t.Errorf("%s: suffered %v, want %v", trial.Transport, specs, faults)
			}
			if half := trial.Recovery.Faults[1]; half.Cut == 0 || 2*half.Cut > int64(trial.Clients) {
				t.Errorf("%s: %s has cut %d of %d clients", trial.Transport, half.Spec, half.Cut, trial.Clients)
			}
			if reset := trial.Traffic.Closed["reset"]; reset < int64(trial.Clients) {
				t.Errorf("%s: %d connections ended with RST, want those of %d clients at least: %v", trial.Transport, reset, trial.Clients, trial.Traffic.Closed)
			}
		}
	})
}

func TestWhoIsAwayForLongerThanTheLogIsToldOfTheGap(t *testing.T) { // D4
	onBothEngines(t, func(t *testing.T, engine string) {
		// Away for 500 ms: 25 events, of which the log keeps 5.
		run := struck(t, engine, "--faults", "reset at 300ms", "--keep", "5", "--backoff", "fixed", "--backoff-first", "500ms")
		for _, trial := range run.Trials {
			wantSound(t, trial, results.LostGap)
			e := trial.Events
			if least := int64(trial.Clients) * 10; e.Lost[results.LostGap] < least || e.Gaps < int64(trial.Clients) {
				t.Errorf("%s: %d events lost to %d gaps, want %d at least", trial.Transport, e.Lost[results.LostGap], e.Gaps, least)
			}
		}
	})
}

func TestARestartedServerHasAnEpochOfItsOwnAndNobodyResumesSilently(t *testing.T) { // D5
	onBothEngines(t, func(t *testing.T, engine string) {
		run := struck(t, engine, "--faults", "restart at 300ms for 200ms, restart at 1200ms")
		for _, trial := range run.Trials {
			wantSound(t, trial, results.LostEpoch)
			e := trial.Events
			// Who has not come back when the second server ends is told of the third one's
			// epoch alone.
			if cut := trial.Recovery.Faults[0].Cut + trial.Recovery.Faults[1].Cut; e.Gaps != cut {
				t.Errorf("%s: %d notices of another epoch to clients that were cut %d times", trial.Transport, e.Gaps, cut)
			}
			// What is lost are events of the moment of death; the rest of the schedule,
			// in two epochs more, has arrived.
			if 2*e.Delivered < e.Owed || e.Published != 75 {
				t.Errorf("%s: %d of %d owed events delivered, %d published", trial.Transport, e.Delivered, e.Owed, e.Published)
			}
			if f := trial.Recovery.Faults[0]; f.Down < 200*time.Millisecond {
				t.Errorf("%s: down for %s, want 200 ms at least", trial.Transport, f.Down)
			}
			// Streams get an event with a write, but for those that fell due meanwhile.
			if streams := trial.Transport == "sse" || trial.Transport == "ws"; streams && 2*trial.Traffic.Writes < e.Delivered {
				t.Errorf("%s: %d writes for %d deliveries: of all three servers?", trial.Transport, trial.Traffic.Writes, e.Delivered)
			}
			if u := trial.Usage; u.ServerCPU <= 0 || u.ServerBusy > 1.1 {
				t.Errorf("%s: servers used %s, %.2f of their CPUs", trial.Transport, u.ServerCPU, u.ServerBusy)
			}
		}
	})
}

func TestADrainedServerLetsEverybodyGoInTime(t *testing.T) { // F1, F2
	onBothEngines(t, func(t *testing.T, engine string) {
		for _, trial := range struck(t, engine, "--faults", "drain at 300ms").Trials {
			wantSound(t, trial, results.LostEpoch)
			f := trial.Recovery.Faults[0]
			if trial.Transport == "sse" && 2*f.Peak() > f.Cut {
				t.Errorf("%d of %d streams that were told different times came back in the same 100 ms", f.Peak(), f.Cut)
			}
			if trial.Transport == "longpoll" && 3*f.Peak() > 2*f.Cut {
				t.Errorf("%d of %d who were told one of three seconds came back in the same 100 ms", f.Peak(), f.Cut)
			}
			want := map[string]string{"poll": "closed", "longpoll": "refused with status 503", "sse": "ended", "ws": "closed with code 1001"}[trial.Transport]
			// Who is still there when a drain has lasted too long is not let go in this way.
			n := trial.Traffic.Closed[want]
			if trial.Transport == "poll" { // its question may cross the closing of an idle connection
				n += trial.Traffic.Closed["reset"]
			}
			if n < f.Cut {
				t.Errorf("%s: %d of %d connections were %s: %v", trial.Transport, n, f.Cut, want, trial.Traffic.Closed)
			}
		}
	})
}

func TestAStallHoldsUpEventsAndLosesNone(t *testing.T) {
	t.Parallel()
	for _, trial := range struck(t, defaultEngine, "-t", "poll,longpoll,sse,ws", "--faults", "stall at 300ms for 400ms").Trials {
		if e := trial.Events; e.Unexplained != 0 || e.Delivered != e.Owed || trial.Lost() != 0 {
			t.Errorf("%s: %+v", trial.Transport, e)
		}
		// The first event of the stall waits for all of it, but for 20 ms.
		if late := trial.Histograms[results.Latency].Max(); late < 350*time.Millisecond {
			t.Errorf("%s: the largest latency is %s, want the stall's length", trial.Transport, late)
		}
		if f := trial.Recovery.Faults[0]; f.Cut != 0 || f.Down < 400*time.Millisecond {
			t.Errorf("%s: %+v", trial.Transport, f)
		}
	}
}

func TestFaultsThatCannotBeAreRefusedBeforeAnyLoad(t *testing.T) { // R5
	for args, want := range map[string]string{
		"--faults=rest at 1s":   `unknown fault "rest": did you mean reset?`,
		"--faults=reset":        "want one such as: reset at 2s",
		"--faults=reset at 20s": "the measured phase (duration) ends after",
		"--faults=restart at 1s for 300ms, reset at 1100ms":        "is over",
		"--faults=stall at 1s":                                     "a stall has a length",
		"--faults=reset 0% at 1s":                                  "no share of the connections",
		"--backoff=linear":                                         `"linear" (have jitter, none, fixed, exponential)`,
		"--faults=restart at 1s --schedule=none --uplink-rate=1/s": "cannot be accounted for",
	} {
		words := []string{"run", "quick", "-o", filepath.Join(t.TempDir(), "run.json")}
		for i, word := range strings.Split(" "+args, " --") {
			if i > 0 {
				words = append(words, "--"+word)
			}
		}
		said, err := exec.CommandContext(t.Context(), program(t), words...).CombinedOutput()
		if err == nil || !slices.Contains([]string{"2", "104"}, exitCode(err)) || !strings.Contains(string(said), want) {
			t.Errorf("%s: %v, want exit code 2 or 104 and %q: %s", args, err, want, said)
		}
	}
}

func TestWhatIsMeasuredEndsWithItsPhaseThoughAFaultDoesNot(t *testing.T) { // D5
	onBothEngines(t, func(t *testing.T, engine string) {
		run := struck(t, engine, "--backoff", "fixed", "--backoff-first", "50ms", "--faults", "restart at 700ms for 799ms")
		// A busy machine can be late to look: not in all four, by what a server takes to
		// start.
		if !slices.ContainsFunc(run.Trials, func(trial results.Trial) bool {
			f, phase := trial.Recovery.Faults[0], 1500*time.Millisecond
			return trial.Measured-phase < (f.At+f.Down-phase)/2
		}) {
			t.Errorf("%s and more are measured of phases of 1.5 s, as long as it took the server to come back", run.Trials[0].Measured)
		}
	})
}

func TestATrialWaitsForThoseWhomAFaultHasCutThoughTheyLackNothing(t *testing.T) { // D3
	onBothEngines(t, func(t *testing.T, engine string) {
		// No event after the fault, and half a second to stay away at the end.
		for _, trial := range struck(t, engine, "-r", "1/s", "--hold", "100ms", "--backoff", "fixed", "--backoff-first", "500ms", "--faults", "reset 100% at 1300ms").Trials {
			if f := trial.Recovery.Faults[0]; f.Restored != f.Cut || f.Cut != 40 {
				t.Errorf("%s: %d clients of 40 were cut, %d came back", trial.Transport, f.Cut, f.Restored)
			}
		}
	})
}
