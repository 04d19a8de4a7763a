package campaign

import (
	"testing"
	"time"

	"github.com/shirou/gopsutil/v4/cpu"

	"pushbench/results"
)

func TestMemoryStallsAreReadFromTheKernelsText(t *testing.T) {
	const told = `some avg10=0.12 avg60=0.03 avg300=0.00 total=1500
full avg10=0.00 avg60=0.00 avg300=0.00 total=900
`
	for text, want := range map[string]time.Duration{told: 1500 * time.Microsecond, "": 0, "full avg10=0 avg60=0 avg300=0 total=9": 0, "some": 0} {
		if got := stalled(text); got != want {
			t.Errorf("%q is a stall of %v, want %v", text, got, want)
		}
	}
}

func TestOnlyWhatWasStolenFromOurCPUsCounts(t *testing.T) {
	before := system{
		cpus:   []cpu.TimesStat{{CPU: "cpu0", Steal: 1}, {CPU: "cpu1", Steal: 2}, {CPU: "cpu3", Steal: 3}},
		faults: 3, stalled: time.Second, throttled: time.Minute, retransmitted: resends{5, 50},
	}
	after := system{
		cpus:   []cpu.TimesStat{{CPU: "cpu0", Steal: 1.25}, {CPU: "cpu1", Steal: 2.5}, {CPU: "cpu3", Steal: 4}},
		faults: 7, stalled: 3 * time.Second, throttled: time.Minute + time.Second, retransmitted: resends{6, 52},
	}
	for _, c := range []struct {
		server, clients []int
		want            time.Duration
		cpus            int
	}{
		{[]int{0}, []int{3}, 1250 * time.Millisecond, 2},
		{[]int{1}, []int{1}, 500 * time.Millisecond, 1}, // shared: once
		{nil, nil, 1750 * time.Millisecond, 3},          // not pinned: all
	} {
		tr := &trial{Campaign: &Campaign{server: c.server, clients: c.clients}, result: &results.Trial{}}
		tr.disturbed(before, after)
		d := tr.result.Disturbed
		if d.Steal != c.want || d.CPUs != c.cpus {
			t.Errorf("CPUs %v and %v: %v stolen of %d, want %v of %d", c.server, c.clients, d.Steal, d.CPUs, c.want, c.cpus)
		}
		if d.MajorFaults != 4 || d.MemoryStall != 2*time.Second || d.Throttled != time.Second || tr.retransmitted != (resends{1, 2}) {
			t.Errorf("%+v, %+v; want 4 faults, 2 s of stalls, 1 s throttled, 1 sent again and 2 probes", d, tr.retransmitted)
		}
	}
}

func TestWhatTheMachineDoesNotTellIsNothing(t *testing.T) {
	tr := &trial{Campaign: &Campaign{server: []int{0}, clients: []int{1}}, result: &results.Trial{}}
	tr.disturbed(system{}, system{})
	if got, want := tr.result.Disturbed, (results.Disturbance{CPUs: 2}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}
