package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"pushbench/loadgen/engine"
	"pushbench/results"
)

// conducted is a run of a small scenario in which some clients do more than
// receive, or less: one trial of each transport and point, each of which adds up.
func conducted(t *testing.T, engine, scenario string) *results.Run {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	file, out := filepath.Join(t.TempDir(), "small.yaml"), filepath.Join(t.TempDir(), "run.json")
	if err := os.WriteFile(file, []byte(scenario+"\ntrials: 1\nspares: 0\nwarmup: 100ms\nconnect: {rate: 2000/s}\npoll: {interval: 100ms}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	said, err := exec.CommandContext(ctx, program(t), "run", file, "-q", "-o", out, "--engine", engine).CombinedOutput()
	if err != nil && exitCode(err) != "106" { // a busy machine is no fault of the code
		t.Fatalf("exit code %s: %s", exitCode(err), said)
	}
	run, err := results.Load(out)
	if err != nil {
		t.Fatal(err)
	}
	if len(run.Trials) != run.Planned || run.Planned == 0 {
		t.Fatalf("%d of %d trials: %s", len(run.Trials), run.Planned, said)
	}
	for i := range run.Trials {
		trial := &run.Trials[i]
		e := trial.Events
		if e.Owed == 0 || e.Unexplained != 0 || e.InFlight != 0 || e.Duplicated != 0 || e.Reordered != 0 || e.Owed != e.Delivered+trial.Lost() {
			t.Errorf("%s %v: %+v; want all of it explained, and nothing twice or late", trial.Transport, trial.Axes, e)
		}
		if lost, known := trial.Metric("lost_by_others"); known && lost != 0 {
			t.Errorf("%s %v: clients that did nothing but receive lost %v events: %v", trial.Transport, trial.Axes, lost, e.Lost)
		}
	}
	return run
}

// The log is fifty events, and a slow client does not get that far: each policy
// does what it says, and the others are not held up.
func TestSlowReadersMissEventsAndTheOthersNone(t *testing.T) { // Q1, Q4, Q6, Q7
	onBothEngines(t, func(t *testing.T, engine string) {
		run := conducted(t, engine, `
transports: [sse, ws]
clients: 20
schedule: {rate: 200/s}
payload: {size: 4KiB}
buffers: {server: 8KiB, client: 8KiB}
log: {keep: 50}
slow: {share: 10%, speed: 2%}
axes: {slow.policy: [skip, disconnect]}
duration: 3s
drain: 20s
`)
		for i := range run.Trials {
			trial := &run.Trials[i]
			name := trial.Transport + " " + trial.Axes["slow.policy"]
			g := trial.Groups[results.GroupSlow]
			if g.Clients != 2 || g.Stalled != 2 || g.Found != 2 {
				t.Errorf("%s: %d slow clients, %d of them slow in the phase, and %d found, want 2", name, g.Clients, g.Stalled, g.Found)
			}
			if g.Lost[results.LostGap] == 0 || len(g.Lost) != 1 || g.Delivered == 0 {
				t.Errorf("%s: slow clients got %d events and lost %v, want some of both, to gaps", name, g.Delivered, g.Lost)
			}
			// Until a log of fifty has left it behind, a client is not too slow.
			if first := trial.Histograms[results.FoundSlow].Min(); first < 50*time.Second/200/2 {
				t.Errorf("%s: found after %s", name, first)
			}
			broken := int64(0)
			for _, n := range trial.Traffic.Closed {
				broken += n
			}
			if disconnects := trial.Axes["slow.policy"] == "disconnect"; disconnects != (broken > 0) {
				t.Errorf("%s: connections ended for %v", name, trial.Traffic.Closed)
			}
			if e := trial.Events; e.Published != 600 {
				t.Errorf("%s: %d of 600 events published: somebody held up the source", name, e.Published)
			}
			if got, want := trial.Histograms[results.Latency].Count(), int64(18*600); got != want {
				t.Errorf("%s: %d latencies, want %d: of the clients that are not slow, and of no other", name, got, want)
			}
		}
	})
}

// Who has stopped reading altogether is found by a write that takes too long, and
// by nothing sooner.
func TestWhoStopsReadingIsFoundByTheTimeoutOfAWrite(t *testing.T) { // Q6, Q3
	if testing.Short() {
		t.Skip("waits for time-outs: run without -short")
	}
	onBothEngines(t, func(t *testing.T, engine string) {
		run := conducted(t, engine, `
transports: [longpoll, sse, ws]
clients: 60
schedule: {rate: 50/s}
payload: {size: 4KiB}
buffers: {server: 8KiB, client: 8KiB}
slow: {share: 50%, speed: 0%, timeout: 500ms}
duration: 3s
drain: 20s
`)
		for i := range run.Trials {
			trial := &run.Trials[i]
			g := trial.Groups[results.GroupSlow]
			if trial.Transport == "longpoll" { // an answer that waits in the kernel is written
				continue
			}
			if g.Stalled != 30 || g.Found != 30 {
				t.Errorf("%s: %d of %d found", trial.Transport, g.Found, g.Stalled)
			}
			// Streams share the deadlines of an eighth of the timeout.
			if first := trial.Histograms[results.FoundSlow].Min(); first < 500*time.Millisecond*7/8 {
				t.Errorf("%s: found after %s, before a write can have taken too long", trial.Transport, first)
			}
			if trial.Lost() != 0 { // the log has kept it all
				t.Errorf("%s: lost %v", trial.Transport, trial.Events.Lost)
			}
			// What the server keeps for somebody who does not read is bounded by the kernel's
			// buffers and a handful of events, which all of them share with the log.
			full, end := trial.Usage.ServerFull, trial.Usage.ServerEnd
			log := int64(1024 * 8 << 10)
			if grown, most := end.Heap-full.Heap, log+30*(64<<10); grown > most {
				t.Errorf("%s: the server's heap has grown by %d bytes, want %d at most", trial.Transport, grown, most)
			}
			if grown, most := end.Sockets-full.Sockets, int64(30*(64<<10)); grown > most {
				t.Errorf("%s: %d bytes are queued in sockets, want %d at most", trial.Transport, grown, most)
			}
		}
	})
}

func TestVanishedPeersAreFoundByWhoLooksForThem(t *testing.T) { // C13, W7
	if !engine.CanVanish {
		t.Skip("connections vanish by a packet filter: run it on Linux")
	}
	if testing.Short() {
		t.Skip("looks for what is not found, too: run without -short")
	}
	onBothEngines(t, func(t *testing.T, engine string) {
		run := conducted(t, engine, `
clients: 40
topics: own
schedule: {rate: 5/s}
heartbeat: 400ms
vanish: {share: 25%, at: 200ms}
axes: {unacknowledged: [0s, 500ms]}
duration: 3s
drain: 5s
`)
		for i := range run.Trials {
			trial := &run.Trials[i]
			limited := trial.Axes["unacknowledged"] != "0s"
			g := trial.Groups[results.GroupVanished]
			// A ping has no pong; a segment has no acknowledgement; a poller that is not
			// there is not missed for two minutes.
			least, most := 0, 0
			switch {
			case trial.Transport == "ws" || limited && trial.Transport == "sse":
				least, most = 10, 10
			case limited && trial.Transport == "longpoll": // but for one that had just got its answer
				least, most = 5, 10
			}
			if g.Clients != 10 || g.Stalled != 10 || g.Found < least || g.Found > most {
				t.Errorf("%s %v: %d clients, %d vanished, %d found, want %d to %d", trial.Transport, trial.Axes, g.Clients, g.Stalled, g.Found, least, most)
			}
			if g.Owed != g.Delivered+g.Lost[results.LostVanished] || g.Lost[results.LostVanished] < 100 {
				t.Errorf("%s %v: %+v, want what they lack to be lost for that", trial.Transport, trial.Axes, g)
			}
			// Pongs are waited for for two heartbeats, of which one may be over.
			if first := trial.Histograms[results.FoundVanished].Min(); trial.Transport == "ws" && first < 300*time.Millisecond {
				t.Errorf("ws %v: found after %s", trial.Axes, first)
			}
		}
	})
}

func TestWhoComesAndGoesLosesAndRepeatsNothing(t *testing.T) { // D3, V12
	onBothEngines(t, func(t *testing.T, engine string) {
		run := conducted(t, engine, `
clients: 50
schedule: {rate: 100/s}
churn: {stay: 300ms, away: 100ms}
duration: 2s
drain: 10s
`)
		for i := range run.Trials {
			trial := &run.Trials[i]
			g := trial.Groups[results.GroupLeaving]
			if trial.Events.Owed != 50*200 || trial.Events.Delivered != 50*200 {
				t.Errorf("%s: %d owed, %d delivered, want %d", trial.Transport, trial.Events.Owed, trial.Events.Delivered, 50*200)
			}
			// Who stays away for 100 ms each time comes back twenty times in two seconds at
			// most, however short it stays.
			if g.Clients != 50 || g.Returned == 0 || g.Returned > 50*20 {
				t.Errorf("%s: %d clients came back %d times", trial.Transport, g.Clients, g.Returned)
			}
			if left := trial.Traffic.Closed["left"]; left < g.Returned {
				t.Errorf("%s: %d returns, connections ended for %v", trial.Transport, g.Returned, trial.Traffic.Closed)
			}
			for why, n := range trial.Traffic.Closed {
				if why != "left" && n > 0 {
					t.Errorf("%s: %d connections ended as %q", trial.Transport, n, why)
				}
			}
			latency, away, catchup := trial.Histograms[results.Latency], trial.Histograms[results.LatencyAway], trial.Histograms[results.Catchup]
			recalled := trial.Histograms[results.LatencyRecalled].Count()
			if latency.Count()+away.Count()+recalled != trial.Events.Delivered || away.Count() < 9*g.Returned { // nine events at least are due in 100 ms
				t.Errorf("%s: %d latencies, %d of what was due while somebody was away, %d of who was called back, %d delivered", trial.Transport, latency.Count(), away.Count(), recalled, trial.Events.Delivered)
			}
			if catchup.Count() == 0 || catchup.Count()+g.Current > g.Returned {
				t.Errorf("%s: %d caught up and %d with nothing to catch up with, %d returned", trial.Transport, catchup.Count(), g.Current, g.Returned)
			}
		}
	})
}

func TestWhoWasAwayForLongCatchesUpFromTheLog(t *testing.T) { // D4
	onBothEngines(t, func(t *testing.T, engine string) {
		run := conducted(t, engine, `
clients: 20
schedule: {rate: 100/s}
leave: {share: 50%, at: 200ms, for: 1s, over: 200ms}
axes: {log.keep: [1000, 20]}
duration: 2s
drain: 10s
`)
		for i := range run.Trials {
			trial := &run.Trials[i]
			g := trial.Groups[results.GroupLeaving]
			if g.Clients != 10 || g.Returned != 10 || trial.Histograms[results.Catchup].Count() != 10 {
				t.Errorf("%s: %d of 10 came back %d times, %d caught up", trial.Transport, g.Clients, g.Returned, trial.Histograms[results.Catchup].Count())
			}
			// Away for a second at least, of which the shorter log keeps a fifth.
			switch lost := g.Lost[results.LostGap]; {
			case trial.Axes["log.keep"] == "1000" && trial.Lost() != 0:
				t.Errorf("%s: lost %v although the log has kept it", trial.Transport, trial.Events.Lost)
			case trial.Axes["log.keep"] == "20" && (lost < 10*50 || trial.Events.Gaps < 10):
				t.Errorf("%s: %d events lost to %d gaps, want those that the log did not keep", trial.Transport, lost, trial.Events.Gaps)
			}
			if stayed, present := trial.Histograms[results.Latency], trial.Histograms[results.LatencyPresent]; stayed.Count() != 10*200 || present.Count() == 0 {
				t.Errorf("%s: %d latencies of ten who stayed and of 200 events, and %d of those who left", trial.Transport, stayed.Count(), present.Count())
			}
			if away := trial.Histograms[results.LatencyAway]; away.Max() < 100*time.Millisecond {
				t.Errorf("%s: what was due while they were away came %s late at most", trial.Transport, away.Max())
			}
		}
	})
}

// More clients than the server holds requests for: all are told when to come back,
// and in the end have everything.
func TestClientsObeyAServerThatHoldsOnlySoManyRequests(t *testing.T) { // L13
	t.Parallel()
	began := time.Now()
	run := conducted(t, defaultEngine, `
transports: [longpoll]
clients: 20
schedule: {rate: 5/s}
longpoll: {hold: 2s, limit: 10}
duration: 3s
drain: 20s
`)
	trial := &run.Trials[0]
	refused := trial.Traffic.Closed["refused with status 503"]
	// Each comes back a second later at the earliest, so twenty are refused no oftener
	// than twenty times for each second that the run has taken.
	if most := 20 * (2 + int64(time.Since(began).Seconds())); refused == 0 || refused > most {
		t.Errorf("%d requests refused, want some, and %d at most: %v", refused, most, trial.Traffic.Closed)
	}
	if e := trial.Events; e.Delivered != e.Owed || e.Owed != 20*15 {
		t.Errorf("%d of %d owed events delivered", e.Delivered, e.Owed)
	}
}
