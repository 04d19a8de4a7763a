package report_test

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"pushbench/results"
	"pushbench/results/compare"
	"pushbench/results/report"
)

// swept is the sample over a grid of loads, of which the costs are known: ws is
// cheaper where events are rare, and sse where they are many.
func swept() *results.Run {
	run := wanting(`"axes":{"clients":["100","300","1000"],"schedule.rate":["2/s","10/s"]}`)
	var trials []results.Trial
	for _, clients := range []int{100, 300, 1000} {
		for _, rate := range []int{2, 10} {
			for _, t := range run.Trials {
				t.Axes = map[string]string{"clients": strconv.Itoa(clients), "schedule.rate": strconv.Itoa(rate) + "/s"}
				t.Clients = clients
				t.Traffic.Delivered = int64(2 * clients * rate)
				trials = append(trials, t)
			}
		}
	}
	run.Trials = trials
	cost := func(transport string, client, delivery float64) results.Cost {
		return results.Cost{Transport: transport, Stack: "std", CPU: []results.Coefficient{
			{Name: "base", Unit: "µs/s", Median: 100}, {Name: "client", Unit: "µs/s", Median: client}, {Name: "delivery", Unit: "µs", Median: delivery}}}
	}
	run.Costs = []results.Cost{cost("sse", 60, 10), cost("ws", 10, 20)}
	return run
}

func TestBreakEvenIsWhereTwoCostTheSame(t *testing.T) {
	text := told(render(t, "html", swept(), report.Options{}))
	// 60 + 10 r = 10 + 20 r at 5 events a second.
	if want := "ws is cheaper than sse below 5 events/s per client ("; !strings.Contains(text, want) {
		t.Errorf("it does not say %q:\n%s", want, text)
	}
	run := swept()
	run.Costs[1].CPU[1].Median = -1000
	if text := told(render(t, "html", run, report.Options{})); !strings.Contains(text, "No two cost the same within these.") {
		t.Errorf("a break-even where there is none:\n%s", text)
	}
	// A cost of something else than a demand tells is not drawn as if it were not there.
	run = swept()
	run.Costs[0].CPU = append(run.Costs[0].CPU, results.Coefficient{Name: "message", Median: 5})
	if have := strings.Join(titles(render(t, "html", run, report.Options{})), "\n"); strings.Contains(have, "Where two cost the same") {
		t.Errorf("%s", have)
	}
}

// tariffed is a run of sse and ws over a grid of loads, at whose events' rate a client
// of sse takes 10 µs an event and one of ws 20; what a client takes beside that, in
// µs/s, the function says of each block. Of a block in which it says less than nothing
// the two are the other way round.
func tariffed(blocks int, client func(transport string, block int) float64) *results.Run {
	run := wanting(`"axes":{"clients":["100","300","1000"],"schedule.rate":["2/s","10/s"]}`)
	run.Trials, run.Planned = nil, 12*blocks
	for block := range blocks {
		for transport, delivery := range map[string]float64{"sse": 10, "ws": 20} {
			for _, clients := range []int{100, 300, 1000} {
				for _, rate := range []int{2, 10} {
					events := float64(clients * rate)
					each := client(transport, block)
					cpu := 500 + math.Abs(each)*float64(clients) + delivery*events
					if each < 0 {
						cpu += (30 - 2*delivery) * events
					}
					run.Trials = append(run.Trials, results.Trial{
						Cell:  results.Cell{Transport: transport, Stack: "std", Axes: map[string]string{"clients": fmt.Sprint(clients), "schedule.rate": fmt.Sprintf("%d/s", rate)}},
						Block: block, Clients: clients, Measured: time.Second,
						Events:  results.Accounting{Published: int64(rate), Owed: int64(events), Delivered: int64(events)},
						Traffic: results.Traffic{Delivered: int64(events), DownBytes: int64(events) * 100},
						Usage:   results.Usage{ServerCPU: time.Duration(cpu * 1000), Wall: time.Second},
						Verdict: results.Verdict{State: results.Valid},
					})
				}
			}
		}
	}
	run.Costs = compare.Costs(run)
	return run
}

// The rate at which two cost the same is one for each block, and so has an interval
// like every other number.
func TestBreakEvenHasAnInterval(t *testing.T) {
	for _, c := range []struct {
		name   string
		blocks int
		client func(transport string, block int) float64
		want   string
	}{
		// (60 + n - 10) / (20 - 10) in block n.
		{"six blocks", 6, func(transport string, block int) float64 {
			if transport == "sse" {
				return 60 + float64(block)
			}
			return 10
		}, "ws is cheaper than sse below 5.25 events/s per client (5 to 5.50), dearer above"},
		{"five blocks", 5, func(transport string, block int) float64 {
			if transport == "sse" {
				return 60 + float64(block)
			}
			return 10
		}, "ws is cheaper than sse below 5.20 events/s per client (no interval: 5 blocks tell it), dearer above"},
		// In one block sse is dearer all along, in another cheaper.
		{"beyond what was measured", 6, func(transport string, block int) float64 {
			if transport == "sse" {
				return []float64{1000, 5, 60, 60, 60, 60}[block]
			}
			return 10
		}, "ws is cheaper than sse below 5 events/s per client (≤ 2 to ≥ 10), dearer above"},
		// In one block it is sse that is cheaper below five events.
		{"one block turned round", 7, func(transport string, block int) float64 {
			switch {
			case block == 3 && transport == "sse":
				return -10
			case block == 3:
				return -60
			case transport == "sse":
				return 60
			}
			return 10
		}, "ws is cheaper than sse below 5 events/s per client (5 to 5), dearer above"},
	} {
		if text := told(render(t, "html", tariffed(c.blocks, c.client), report.Options{})); !strings.Contains(text, c.want) {
			at := strings.Index(text, "By the medians of the costs")
			t.Errorf("%s: want %q in\n%s", c.name, c.want, text[max(0, at):min(len(text), max(0, at)+400)])
		}
	}
}
