package compare_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pushbench/results"
	"pushbench/results/compare"
)

// twice measures a run's transport a second time in each block; the second one's
// numbers are so many times the first one's.
func twice(run *results.Run, transport string, factor float64) {
	for _, one := range slices.Clone(run.Trials) {
		if one.Transport == transport {
			p99, _ := one.Metric("latency_max")
			cpu := one.Usage.ServerCPU / time.Duration(one.Traffic.Delivered)
			second := trial(transport, one.Block, time.Duration(factor*p99*float64(time.Millisecond)), time.Duration(factor*float64(cpu)))
			second.Arm = results.Again
			run.Trials = append(run.Trials, second)
		}
	}
}

func TestAAFindingsSayWhatCouldHaveBeenSeen(t *testing.T) { // G17
	run := blocks(6, map[string]time.Duration{"sse": 10 * time.Millisecond, "ws": 8 * time.Millisecond})
	twice(run, "sse", 1)
	for i := range run.Trials { // one block each way, so that the interval has two ends
		if one := &run.Trials[i]; one.Arm == results.Again && one.Block < 2 {
			factor := []float64{1.04, 0.98}[one.Block]
			other := trial("sse", one.Block, 0, 0)
			for _, first := range run.Trials {
				if first.Transport == "sse" && first.Arm == "" && first.Block == one.Block {
					p99, _ := first.Metric("latency_max")
					other = trial("sse", one.Block, time.Duration(factor*p99*float64(time.Millisecond)), 10*time.Microsecond)
				}
			}
			other.Arm = results.Again
			*one = other
		}
	}
	findings := compare.Findings(run)
	if f := findings[0]; f.Kind != compare.Resolution || f.Metric != "latency_p99" ||
		!strings.HasPrefix(f.Text, "A/A: sse against itself in latency p99: 0.98× to 1.04×: a difference below 4.") {
		t.Errorf("the first finding is %+v", f)
	}
	var metrics []string
	for _, f := range findings {
		if f.Kind == compare.Resolution {
			metrics = append(metrics, f.Metric)
		}
		if f.Kind != compare.Resolution && strings.Contains(f.Text, "again") {
			t.Errorf("what is compared with itself competes: %s", f.Text)
		}
	}
	if want := []string{"latency_p99", "server_cpu_per_event", "server_rss_per_client"}; !slices.Equal(metrics, want) {
		t.Errorf("A/A of %q, want %q", metrics, want)
	}
}

func TestADifferenceWhereThereIsNoneIsSaidLoudly(t *testing.T) {
	run := blocks(6, map[string]time.Duration{"sse": 10 * time.Millisecond, "ws": 8 * time.Millisecond})
	twice(run, "sse", 1.3)
	f := compare.Findings(run)[0]
	if f.Kind != compare.Phantom || !strings.Contains(f.Text, "1.30× to 1.30×: THIS SET-UP SHOWS A DIFFERENCE WHERE THERE IS NONE: believe none below 1.3×") {
		t.Errorf("the first finding is %+v", f)
	}
}

func TestAAOfFewBlocksTellsNothing(t *testing.T) {
	run := blocks(5, map[string]time.Duration{"sse": 10 * time.Millisecond})
	twice(run, "sse", 1)
	want := "too-few: A/A: nothing can be told of sse against itself: intervals need 6 blocks in which both are valid, there are 5"
	if got := texts(compare.Findings(run)); got != want {
		t.Errorf("findings:\n%s\nwant\n%s", got, want)
	}
}

func TestAnUnrankedSecondArmLeavesTheOthersAlone(t *testing.T) {
	run := blocks(6, map[string]time.Duration{"sse": 10 * time.Millisecond, "ws": 8 * time.Millisecond})
	twice(run, "sse", 1)
	for i := range run.Trials {
		if one := &run.Trials[i]; one.Arm != "" {
			one.Verdict = results.Verdict{State: results.Suspect, Reasons: []results.Reason{{Code: "steal", State: results.Suspect}}}
		}
	}
	got := texts(compare.Findings(run))
	for _, want := range []string{"ws has a ", "unranked: sse (again) is not ranked: 0 of 6 trials are valid (steal)"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
	if strings.Contains(got, "A/A") {
		t.Errorf("an arm that is not ranked is compared:\n%s", got)
	}
}
