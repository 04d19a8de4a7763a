package compare_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"pushbench/results"
	"pushbench/results/compare"
)

// withSlow is a run of n blocks, with and without slow readers, whose p99 is that
// many times what it is without.
func withSlow(n int, times float64) *results.Run {
	run := new(results.Run)
	dice := rand.New(rand.NewPCG(7, 7))
	for block := range n {
		weather := float64(time.Millisecond) * (1 + dice.Float64())
		for _, speed := range []string{"100%", "1%"} {
			for _, policy := range []string{"skip", "disconnect"} {
				p99 := weather * (1 + dice.Float64()/50)
				if speed != "100%" {
					p99 *= times
				}
				one := trial("sse", block, time.Duration(p99), time.Microsecond)
				one.Groups = map[string]results.Group{results.GroupSlow: {Clients: 5}}
				one.Axes = map[string]string{"slow.speed": speed, "slow.policy": policy}
				run.Trials = append(run.Trials, one)
			}
		}
	}
	return run
}

func TestWhatSlowReadersDoToTheOthersIsSaid(t *testing.T) { // D10
	for _, c := range []struct {
		blocks int
		times  float64
		want   []string
	}{
		{8, 1, []string{
			"no-difference: slow readers: no difference shown in latency p99 between sse policy=skip speed=1% and sse policy=skip speed=100% (",
			"no-difference: slow readers: no difference shown in latency p99 between sse policy=disconnect speed=1% and sse policy=disconnect speed=100% (",
		}},
		{8, 3, []string{"difference: slow readers: latency p99 of sse policy=skip speed=1% is 3.0× that of sse policy=skip speed=100% (2.9"}},
		{8, 0.5, []string{"difference: slow readers: latency p99 of sse policy=skip speed=1% is 0.50× that of sse policy=skip speed=100% (0."}},
		{3, 1, []string{"too-few: slow readers: no difference can be shown between sse policy=skip speed=1% and sse policy=skip speed=100%: intervals need 6 blocks with a valid value of both, there are 3"}},
	} {
		said := texts(compare.Findings(withSlow(c.blocks, c.times)))
		for _, want := range c.want {
			if !strings.Contains(said, want) {
				t.Errorf("%d blocks, %v times: no %q in\n%s", c.blocks, c.times, want, said)
			}
		}
		if n := strings.Count(said, "slow readers"); n != 2 {
			t.Errorf("%d sentences on slow readers, want one for each policy:\n%s", n, said)
		}
	}
}

// A row that has nobody of the kind says nothing of what they do, whatever its
// axes are called.
func TestNothingIsSaidOfSlowReadersThatDoNotExist(t *testing.T) { // D10
	run := withSlow(8, 3)
	for i := range run.Trials {
		run.Trials[i].Groups = nil
	}
	if said := texts(compare.Findings(run)); strings.Contains(said, "slow readers") {
		t.Errorf("nobody was slow:\n%s", said)
	}
}
