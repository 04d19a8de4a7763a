package campaign

import (
	"testing"
	"time"

	"pushbench/results"
	"pushbench/servers/host"
)

func TestARuntimesWorkIsThatOfThePhase(t *testing.T) { // G5
	const ms = time.Millisecond
	before := host.Runtime{
		Collections: 7,
		Pauses:      host.Delays{{UpTo: ms, Count: 10}, {UpTo: 900 * ms, Count: 1}}, // long ago
		Waits:       host.Delays{{UpTo: ms, Count: 1000}},
	}
	after := host.Runtime{
		Collections: 9,
		Pauses:      host.Delays{{UpTo: ms, Count: 13}, {UpTo: 5 * ms, Count: 1}, {UpTo: 900 * ms, Count: 1}},
		Waits:       host.Delays{{UpTo: ms, Count: 1099}, {UpTo: 20 * ms, Count: 1}},
	}
	want := results.Runtime{Collections: 2, PauseMax: 5 * ms, PauseTotal: 8 * ms, SchedP99: ms, SchedMax: 20 * ms}
	if got := ran(before, after); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestWhatAServerHeldBackIsKeptOnlyWhereItDid(t *testing.T) { // G13
	tr := &trial{result: &results.Trial{}}
	tr.injected(nil)
	if len(tr.result.Histograms) != 0 {
		t.Errorf("histograms of a server that held nothing back: %v", tr.result.Histograms)
	}
	tr.injected([]int64{1e6, 3e6, 2e6})
	if h := tr.result.Histograms[results.Injected]; h.Count() != 3 || h.Min() != time.Millisecond || h.Max() != 3*time.Millisecond {
		t.Errorf("three writes were held back: %d from %v to %v", h.Count(), h.Min(), h.Max())
	}
}

func TestTheKernelsMemoryIsWhatItCannotGiveBack(t *testing.T) {
	const text = "MemTotal:        8146740 kB\nSReclaimable:     101 kB\nSUnreclaim:        55216 kB\nKernelStack:        2464 kB\n"
	if got := unreclaimable(text); got != 55216<<10 {
		t.Errorf("%d B, want 55216 KiB", got)
	}
	if got := unreclaimable("MemTotal: 1 kB\n"); got != 0 {
		t.Errorf("%d B of a system that does not tell", got)
	}
}
