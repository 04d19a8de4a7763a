package compare_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"pushbench/results"
	"pushbench/results/compare"
)

// found is a capacity in whole numbers; below zero is none.
func found(transport string, value, lo, hi float64, more func(*results.Capacity)) results.Capacity {
	end := func(v float64) *float64 {
		if v < 0 {
			return nil
		}
		return &v
	}
	c := results.Capacity{
		Transport: transport, Stack: "std", Key: "clients", Value: end(value), Lo: end(lo), Hi: end(hi),
		Broke: results.BrokeServerCPU, Why: "at 99 it burned", SLO: []string{"lost == 0", "verdict valid"}, Ended: results.EndedKnee,
		Probes: []results.Probe{{At: 10, Held: 1}, {At: 90, Failed: 2}},
	}
	if more != nil {
		more(&c)
	}
	return c
}

func TestACapacityIsASentence(t *testing.T) {
	atLeast := func(broke, ended string) func(*results.Capacity) {
		return func(c *results.Capacity) { c.AtLeast, c.Broke, c.Ended = true, broke, ended }
	}
	for _, c := range []struct {
		capacity results.Capacity
		want     string
	}{
		{found("ws", 50, 45, 60, nil), "ws holds lost == 0, verdict valid with 50 clients (45 to 60): server-cpu broke first: at 99 it burned"},
		{found("ws", 50, -1, 60, func(c *results.Capacity) { c.Ended = results.EndedBudget }),
			"ws holds lost == 0, verdict valid with 50 clients (? to 60): server-cpu broke first: at 99 it burned; probes contradict each other too much to tell its ends for sure"},
		{found("ws", 50, 45, -1, atLeast(results.BrokeGenerator, results.EndedKnee)), "ws holds lost == 0, verdict valid with at least 50 clients: the search was ended by the generator and not by the server: at 99 it burned"},
		{found("ws", 50, 45, -1, atLeast(results.BrokeNothing, results.EndedTop)), "ws holds lost == 0, verdict valid with at least 50 clients, which is as far as the search went"},
		{found("ws", -1, -1, 10, func(c *results.Capacity) { c.Ended = results.EndedBottom }), "ws does not even hold lost == 0, verdict valid with 10 clients (server-cpu): at 99 it burned"},
		{found("ws", -1, -1, -1, atLeast(results.BrokeMachine, results.EndedBottom)), "nothing can be told of how much ws holds: at 99 it burned"},
		{found("ws", 50, 45, 60, func(c *results.Capacity) { c.Ended, c.Broke, c.Why = "", "", "" }), "ws has held lost == 0, verdict valid so far with 50 clients, and the search was not finished; it has failed with 60 clients"},
		{found("ws", -1, -1, -1, func(c *results.Capacity) { c.Ended, c.Broke, c.Why = "", "", "" }), "nothing is known yet of how much ws holds"},
		{found("poll", 50, 50, -1, func(c *results.Capacity) {
			c.Key, c.Unit, c.Down, c.AtLeast, c.Broke, c.Ended = "poll.interval", "ms", true, true, results.BrokeNothing, results.EndedTop
		}), "poll holds lost == 0, verdict valid with at most poll.interval 50ms, which is as far as the search went"},
		{found("poll", 50, 50, -1, func(c *results.Capacity) {
			c.Key, c.Unit, c.Down, c.AtLeast, c.Broke = "poll.interval", "ms", true, true, results.BrokeGenerator
		}), "poll holds lost == 0, verdict valid with at most poll.interval 50ms: the search was ended by the generator and not by the server: at 99 it burned"},
		{found("ws", 50, 45, 60, func(c *results.Capacity) { c.Key, c.Unit = "schedule.rate", "/s" }), "ws holds lost == 0, verdict valid with schedule.rate 50/s (45/s to 60/s): server-cpu broke first: at 99 it burned"},
	} {
		got := compare.Findings(&results.Run{Capacity: []results.Capacity{c.capacity}})
		if len(got) != 1 || got[0].Kind != compare.Capacity || got[0].Text != c.want {
			t.Errorf("%+v, want %s", got, c.want)
		}
	}
}

func TestCapacitiesDifferWhereTheirIntervalsDo(t *testing.T) {
	down := func(c *results.Capacity) {
		c.Key, c.Unit, c.Down = "poll.interval", "ms", true
	}
	open := func(c *results.Capacity) { c.AtLeast, c.Hi = true, nil }
	for _, c := range []struct {
		all  []results.Capacity
		want []string
	}{
		{[]results.Capacity{found("sse", 40, 38, 44, nil), found("ws", 50, 42, 60, nil)},
			[]string{"no difference shown between ws and sse in clients (0.95× to 1.58×)"}},
		{[]results.Capacity{found("poll", 10, 9, 11, nil), found("sse", 40, 38, 41, nil), found("ws", 50, 44, 60, nil)},
			[]string{"ws holds 1.2× as many clients as sse (1.07× to 1.58×)", "ws holds 5.0× as many clients as poll (4.00× to 6.67×)"}},
		{[]results.Capacity{found("sse", 40, 38, 41, nil), found("ws", 80, 75, -1, open)},
			[]string{"ws holds at least 1.8× as many clients as sse"}},
		// Of two lower bounds nothing follows, and neither does from one below the other.
		{[]results.Capacity{found("sse", 40, 38, -1, open), found("ws", 80, 75, -1, open)}, nil},
		{[]results.Capacity{found("sse", 40, 38, -1, open), found("ws", 80, 75, 90, nil)}, nil},
		{[]results.Capacity{found("ws", -1, -1, 10, nil), found("sse", 40, 38, 41, nil)}, nil},
		// Of a search that goes down, the smaller is the harder.
		{[]results.Capacity{found("poll", 200, 250, 180, down), found("ws", 100, 110, 90, down)},
			[]string{"ws holds 2.0× as hard a poll.interval as poll (1.64× to 2.78×)"}},
	} {
		var got []string
		for _, f := range compare.Findings(&results.Run{Capacity: c.all})[len(c.all):] {
			got = append(got, f.Text)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

func TestProbesAreInTheOrderOfTheirLoads(t *testing.T) {
	for key, values := range map[string][]results.Probe{
		"clients":       {{At: 250, Axis: "250"}, {At: 500, Axis: "500"}, {At: 1000, Axis: "1000"}, {At: 16000, Axis: "16000"}},
		"schedule.rate": {{At: 0.5, Axis: "30/min"}, {At: 2, Axis: "2/s"}, {At: 10, Axis: "10/s"}},
		"poll.interval": {{At: 2000, Axis: "2s"}, {At: 900, Axis: "900ms"}, {At: 50, Axis: "50ms"}},
	} {
		down := key == "poll.interval"
		run := &results.Run{Capacity: []results.Capacity{{Transport: "sse", Key: key, Down: down, Probes: values[1:]}, {Transport: "ws", Key: key, Down: down, Probes: values}}}
		var got, want []string
		for i := range values {
			shuffled := values[(i*3+1)%len(values)]
			if len(values)%3 == 0 {
				shuffled = values[len(values)-1-i]
			}
			run.Trials = append(run.Trials, results.Trial{Cell: results.Cell{Transport: "ws", Axes: map[string]string{key: shuffled.Axis}}})
			want = append(want, values[i].Axis)
		}
		for _, row := range compare.Rows(run) {
			got = append(got, row.Axes[key])
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", key, diff)
		}
	}
}
