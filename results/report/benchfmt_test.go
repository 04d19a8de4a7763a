package report_test

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/perf/benchfmt"
	"golang.org/x/perf/benchmath"
	"pgregory.net/rapid"

	"pushbench/results"
	"pushbench/results/compare"
	"pushbench/results/report"
)

// benchmarks reads Go benchmark lines with the reader that benchstat has: values
// by benchmark and unit, and what is said of units.
func benchmarks(t rapid.TB, text string) (values map[string]map[string][]float64, units benchfmt.UnitMetadataMap, config []string) {
	t.Helper()
	values = map[string]map[string][]float64{}
	in := benchfmt.NewReader(strings.NewReader(text), "text")
	for in.Scan() {
		switch line := in.Result().(type) {
		case *benchfmt.SyntaxError:
			t.Fatalf("%v in\n%s", line, text)
		case *benchfmt.Result:
			name := line.Name.String()
			if values[name] == nil {
				values[name] = map[string][]float64{}
			}
			for _, v := range line.Values {
				values[name][v.Unit] = append(values[name][v.Unit], v.Value)
			}
			config = nil
			for _, c := range line.Config {
				config = append(config, c.Key+"="+string(c.Value))
			}
		}
	}
	if err := in.Err(); err != nil {
		t.Fatal(err)
	}
	return values, in.Units(), config
}

func TestBenchstatComputesTheSameMedians(t *testing.T) { // R9
	run := exported()
	text := render(t, "benchfmt", run, report.Options{})
	golden(t, "exported.benchfmt", text)
	values, units, config := benchmarks(t, text)
	if want := []string{"goos=linux", "goarch=amd64", "cpu=A Processor", "scenario=ticker"}; !slices.Equal(config, want) {
		t.Errorf("configuration %q, want %q", config, want)
	}
	// The tools' base units: seconds and bytes.
	inBase := map[string]struct {
		unit  string
		scale float64
	}{
		"latency_p50": {"p50-sec", 1e-3}, "latency_p99": {"p99-sec", 1e-3}, "throughput": {"events/s", 1},
		"down_bytes_per_event": {"down-B/event", 1}, "server_cpu_per_event": {"server-cpu-sec/event", 1e-6}, "lost": {"lost-events", 1},
	}
	ranked := 0
	for _, r := range compare.Rows(run) {
		of := values["Push/transport="+r.Transport+"/stack=std/clients=100-2"]
		if !r.Ranked {
			if of != nil {
				t.Errorf("%s is not ranked, and there are %v", r.Transport, of)
			}
			continue
		}
		ranked++
		for name, base := range inBase {
			have := of[base.unit]
			if len(have) != r.Trials.Valid {
				t.Fatalf("%s: %d values of %s, want %d", r.Transport, len(have), base.unit, r.Trials.Valid)
			}
			median := benchmath.AssumeNothing.Summary(benchmath.NewSample(have, &benchmath.DefaultThresholds), 0.95).Center
			if want := r.Metrics[name].Median * base.scale; math.Abs(median-want) > 1e-12*want {
				t.Errorf("%s of %s: benchstat's median is %v, ours %v", name, r.Transport, median, want)
			}
		}
		if _, tell := of["p999-sec"]; tell {
			t.Errorf("%s tells a percentile that the table does not", r.Transport)
		}
	}
	if ranked != 3 || len(values) != ranked {
		t.Errorf("%d ranked rows, %d benchmarks", ranked, len(values))
	}
	if units.GetBetter("p99-ns") != -1 || units.GetBetter("events/s") != 1 || units.GetBetter("down-B/event") != -1 {
		t.Errorf("better: %d, %d, %d", units.GetBetter("p99-ns"), units.GetBetter("events/s"), units.GetBetter("down-B/event"))
	}
}

func TestWhatTheTableDoesNotShowIsNoBenchmarkValue(t *testing.T) {
	run := exported()
	for i := range run.Trials {
		run.Trials[i].Events.Published = 3 // too few in all for a percentile over events
	}
	values, _, _ := benchmarks(t, render(t, "benchfmt", run, report.Options{}))
	of := values["Push/transport=poll/stack=std/clients=100-2"]
	if of["p50-sec"] != nil || of["p99-sec"] != nil || of["events/s"] == nil {
		t.Errorf("%v", of)
	}
}

// Two runs of one scenario are comparable whatever else they differ in:
// benchstat compares lines of the same name under the same configuration only.
func TestRunsCanBeComparedByBenchstat(t *testing.T) {
	one, other := exported(), exported()
	other.Seed, other.Started, other.Command = 8, other.Started.AddDate(0, 0, 1), []string{"pushbench", "run", "ticker"}
	other.Machine.Version, other.Machine.Go = "v0.4.0", "go1.27.0"
	valuesOne, _, configOne := benchmarks(t, render(t, "benchfmt", one, report.Options{}))
	valuesOther, _, configOther := benchmarks(t, render(t, "benchfmt", other, report.Options{}))
	if diff := cmp.Diff(configOne, configOther); diff != "" {
		t.Errorf("configuration: %s", diff)
	}
	if diff := cmp.Diff(valuesOne, valuesOther); diff != "" {
		t.Errorf("values: %s", diff)
	}
}

func TestBenchmarkNamesTellCellsApart(t *testing.T) {
	run := exported()
	cells := map[string]results.Cell{
		"Push/transport=sse/stack=std/clients=100-2":                            {Transport: "sse", Stack: "std"},
		"Push/transport=sse/stack=std/clients=100/arm=again-2":                  {Transport: "sse", Stack: "std", Arm: results.Again},
		"Push/transport=sse/stack=lean/clients=100/schedule.rate=10%2Fs-2":      {Transport: "sse", Stack: "lean", Axes: map[string]string{"schedule.rate": "10/s"}},
		"Push/transport=sse/stack=std/clients=7/schedule.rate=1%2Fs-2":          {Transport: "sse", Stack: "std", Axes: map[string]string{"schedule.rate": "1/s", "clients": "7"}},
		"Push/transport=a%20b%0Ac/stack=std/clients=100-2":                      {Transport: "a b\nc", Stack: "std"},
		"Push/transport=poll/stack=std/clients=100/poll.interval=250ms-2":       {Transport: "poll", Stack: "std", Axes: map[string]string{"poll.interval": "250ms"}},
		"Push/transport=%E6%9D%B1%E4%BA%AC/stack=std/clients=100/arm=again-2":   {Transport: "東京", Stack: "std", Arm: results.Again},
		"Push/transport=sse/stack=std/clients=100/poll.interval=1s/arm=again-2": {Transport: "sse", Stack: "std", Arm: results.Again, Axes: map[string]string{"poll.interval": "1s"}},
	}
	run.Trials = run.Trials[:len(cells)]
	i := 0
	for _, c := range cells {
		run.Trials[i].Cell, run.Trials[i].Verdict = c, results.Verdict{State: results.Valid}
		i++
	}
	values, _, _ := benchmarks(t, render(t, "benchfmt", run, report.Options{}))
	for name := range cells {
		if values[name] == nil {
			t.Errorf("no %s", name)
		}
	}
	if len(values) != len(cells) {
		t.Errorf("%d benchmarks, want %d", len(values), len(cells))
	}
}

// Every unit says which of two values is better, but for what is no merit.
func TestBenchmarkUnitsAreOfMetricsThatExist(t *testing.T) {
	run := sample()
	for i := range run.Trials {
		run.Trials[i].Verdict = results.Verdict{State: results.Valid}
	}
	values, units, _ := benchmarks(t, render(t, "benchfmt", run, report.Options{}))
	const all = 12
	if got := values["Push/transport=sse/stack=std/clients=1000-2"]; len(got) != all {
		t.Errorf("%d units, want %d: %v", len(got), all, got)
	}
	if len(units) != all {
		t.Errorf("%d units are better one way or the other, want %d: %v", len(units), all, units)
	}
}

// What loads differ in keeps them apart, but for the axes, which are in the name,
// and for what says nothing to a transport.
func TestLoadsOfOneNameAreNotCompared(t *testing.T) {
	of := func(transport, executed string, axes map[string]string) string {
		run := exported()
		run.Executed = json.RawMessage(executed)
		run.Trials = slices.DeleteFunc(run.Trials, func(t results.Trial) bool { return t.Transport != transport })
		for i := range run.Trials {
			run.Trials[i].Axes = axes
		}
		_, _, config := benchmarks(t, render(t, "benchfmt", run, report.Options{}))
		return strings.Join(config[slices.Index(config, "scenario=ticker")+1:], " ")
	}
	const ticker = `{"clients":10,"topics":"own","schedule":{"kind":"constant","rate":"1/s"},"payload":{"size":"64B","content":"text"},` +
		`"uplink":{"rate":"2/s","size":"32B"},"poll":{"interval":"1s"},"longpoll":{"hold":"25s"},"duration":"10s","trials":6}`
	const load = "topics=own schedule=constant rate=1/s size=64B content=text uplink-rate=2/s uplink-size=32B "
	if got, want := of("poll", ticker, nil), load+"poll-interval=1s duration=10s"; got != want {
		t.Errorf("poll: %s, want %s", got, want)
	}
	if got, want := of("ws", ticker, nil), load+"duration=10s"; got != want {
		t.Errorf("ws: %s, want %s", got, want)
	}
	want := strings.Replace(load, "rate=1/s ", "", 1) + "duration=10s"
	if got := of("ws", ticker, map[string]string{"schedule.rate": "5/s"}); got != want {
		t.Errorf("an axis: %s, want %s", got, want)
	}
}
