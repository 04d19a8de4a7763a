package threshold_test

import (
	"errors"
	"strings"
	"testing"

	"pushbench/results"
	"pushbench/results/threshold"
)

// Of a search that goes down the smaller value is the harder one, so a bound is one
// from above.
func TestACapacityThatGoesDownIsBoundedFromAbove(t *testing.T) { // R5
	end := func(v float64) *float64 { return &v }
	run := &results.Run{Capacity: []results.Capacity{
		{Transport: "poll", Unit: "ms", Down: true, Value: end(100), AtLeast: true, Broke: results.BrokeGenerator, Ended: results.EndedKnee},
		{Transport: "sse", Unit: "ms", Down: true, Value: end(100), Broke: results.BrokeServerCPU, Ended: results.EndedKnee},
	}}
	for text, want := range map[string]string{
		"poll:capacity <= 100ms": "passed",
		"poll:capacity < 1s":     "passed",
		"poll:capacity <= 50ms":  "no data: it is at most that, and the generator ended the search",
		"poll:capacity >= 50ms":  "no data: it is at most that",
		"poll:capacity == 100ms": "no data: it is at most that",
		"sse:capacity <= 100ms":  "passed",
		"sse:capacity <= 50ms":   "server-cpu broke first",
	} {
		got := judged(t, run, text)[0]
		if got.Passed {
			got.Why = "passed" + got.Why
		}
		if got.Why != want {
			t.Errorf("%s: %s, want %s", text, got.Why, want)
		}
	}
}

func TestACapacityCanBeDemanded(t *testing.T) { // R5
	end := func(v float64) *float64 { return &v }
	run := &results.Run{Capacity: []results.Capacity{
		{Transport: "poll", Unit: "/s", Hi: end(250), Broke: results.BrokeLatency, Why: "at 250 it was slow", Ended: results.EndedBottom},
		{Transport: "longpoll", Unit: "/s", Value: end(1000), Broke: results.BrokeGenerator, AtLeast: true, Ended: results.EndedKnee},
		{Transport: "sse", Unit: "/s", Value: end(2000), Broke: results.BrokeServerCPU, Ended: results.EndedKnee},
		{Transport: "ws", Unit: "/s", Value: end(500), Broke: results.BrokeServerCPU},
	}}
	for text, want := range map[string]string{
		"sse:capacity >= 2000/s":          "passed",
		"sse:capacity >= 60000/min":       "passed",
		"sse:capacity > 2000/s":           "server-cpu broke first",
		"sse:capacity < 3000/s":           "passed",
		"sse:capacity >= 2000":            "no data: capacity needs a unit (/s, /min, /h)",
		"sse:capacity >= 2MiB":            `no data: capacity cannot be in "MiB" (have /s, /min, /h)`,
		"sse:capacity > 0":                "passed",
		"longpoll:capacity >= 1000/s":     "passed",
		"longpoll:capacity >= 1001/s":     "no data: it is at least that, and the generator ended the search",
		"longpoll:capacity < 3000/s":      "no data: it is at least that",
		"poll:capacity >= 1/s":            "nothing held: at 250 it was slow",
		"ws:capacity >= 1/s":              "no data: the search was not finished",
		"mqtt:capacity >= 1/s":            "no data: the run has searched no capacity of mqtt",
		"longpoll:capacity != 3000 /s":    "no data: it is at least that",
		"longpoll : capacity == 1000.0/s": "no data: it is at least that",
	} {
		all := judged(t, run, text)
		got := all[0].Why
		if all[0].Passed {
			got = "passed" + got
		}
		if len(all) != 1 || got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
	if all := judged(t, run, "capacity >= 1/s"); len(all) != 4 || len(threshold.Failed(all)) != 2 {
		t.Errorf("of four transports: %+v", all)
	}
	if all := judged(t, &results.Run{}, "capacity >= 1"); len(all) != 1 || all[0].Passed || !strings.HasPrefix(all[0].Why, "no data") {
		t.Errorf("without a search: %+v", all)
	}
	e, err := threshold.Parse("capacity >= 5ms")
	if err != nil {
		t.Fatal(err)
	}
	if u, wrong := errors.AsType[*threshold.UnitError](e.Fits("")); !wrong || len(u.Units) != 0 || e.Fits("ms") != nil {
		t.Errorf("5 ms fit a number of clients: %v", u)
	}
}
