package compare_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"pushbench/results"
	"pushbench/results/compare"
)

// ranked writes rankings as text: "a.1 b.1 c.3".
func ranked(run *results.Run) string {
	var all []string
	for _, r := range compare.Rankings(run) {
		words := []string{r.At + ":" + r.Metric.Name}
		for _, p := range r.Places {
			words = append(words, fmt.Sprintf("%s.%d", p.Transport, p.Rank))
		}
		if !r.Told {
			words = append(words, "untold")
		}
		all = append(all, strings.TrimSpace(strings.Join(words, " ")))
	}
	return strings.Join(all, "; ")
}

// raced is a run of as many blocks as there are latencies, in ms.
func raced(p99 map[string][]int) *results.Run {
	run := &results.Run{Executed: json.RawMessage(`{}`)}
	for _, transport := range []string{"poll", "longpoll", "sse", "ws"} {
		for block, ms := range p99[transport] {
			run.Trials = append(run.Trials, trial(transport, block, time.Duration(ms)*time.Millisecond, 10*time.Microsecond))
		}
	}
	return run
}

func TestRowsThatAreNotShownToDifferShareAPlace(t *testing.T) {
	run := raced(map[string][]int{
		"sse":      {20, 21, 22, 23, 24, 25},
		"ws":       {25, 20, 21, 24, 22, 24}, // now before sse, now behind
		"longpoll": {40, 41, 42, 43, 44, 45},
		"poll":     {44, 40, 41, 45, 43, 41}, // beside longpoll
	})
	if got, want := ranked(run), ":latency_p99 sse.1 ws.1 poll.3 longpoll.3"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	places := compare.Rankings(run)[0].Places
	if b := places[1].Behind; b.Lo != nil {
		t.Errorf("ws is behind by %v, though it shares the first place", b)
	}
	if b := places[2].Behind; b.Lo == nil || b.Median < 1.5 || b.Median > 2.2 {
		t.Errorf("poll is behind sse by %v, want about twice", b.Median)
	}
	if b := places[3].Behind; b.Lo != nil {
		t.Errorf("longpoll is behind by %v, though it shares the place of poll", b)
	}
	if leaders := compare.Rankings(run)[0].Leaders(); len(leaders) != 2 {
		t.Errorf("%d leaders", len(leaders))
	}
}

func TestOfTooFewTrialsNothingIsTold(t *testing.T) {
	run := raced(map[string][]int{"sse": {20, 21, 22}, "ws": {200, 210, 220}})
	if got, want := ranked(run), ":latency_p99 sse.1 ws.1 untold"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// Too few blocks for an interval are no finding: not that there is no difference either.
func TestARowThatTooFewBlocksTellIsSaidToBeUntold(t *testing.T) {
	run := raced(map[string][]int{"sse": {20, 21, 22, 23, 24, 25}, "ws": {60, 61, 62, 63, 64, 65}})
	run.Trials[len(run.Trials)-1].Verdict.State = results.Suspect
	places := compare.Rankings(run)[0].Places
	if last := places[1]; !last.Untold || last.Common != 5 || places[0].Untold {
		t.Errorf("of %s with %d blocks in common, untold is %v, and of the first %v", last.Transport, last.Common, last.Untold, places[0].Untold)
	}
}

func TestEachLoadHasItsOwnRanking(t *testing.T) {
	if got, want := ranked(grid()), "clients=20:latency_p99 ws.1 sse.2 poll.3 poll.4; clients=100:latency_p99 sse.1 ws.2 poll.3 poll.4"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestWhatIsNotRankedHasNoPlace(t *testing.T) {
	run := raced(map[string][]int{"sse": {20, 21, 22, 23, 24, 25}, "ws": {25, 20, 21, 24, 22, 24}, "poll": {10, 10, 10, 10, 10, 10}})
	for i := range run.Trials {
		if run.Trials[i].Transport == "poll" {
			run.Trials[i].Verdict = results.Verdict{State: results.Invalid}
		}
	}
	if got, want := ranked(run), ":latency_p99 sse.1 ws.1"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	run.Capacity = []results.Capacity{{Transport: "ws", Key: "clients"}}
	if got := compare.Rankings(run); got != nil {
		t.Errorf("the probes of a search are ranked: %v", got)
	}
	if got := compare.Rankings(&results.Run{}); got != nil {
		t.Errorf("nothing is ranked: %v", got)
	}
}
