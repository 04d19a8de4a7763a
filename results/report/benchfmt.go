package report

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/perf/benchfmt"

	"pushbench/results"
)

// A measure is a metric as Go's benchmark tools write it: in a unit that says
// what it is of, and is made of their base units.
type measure struct {
	metric string
	unit   string
	scale  float64 // of the metric's own unit
}

var measures = []measure{
	{"latency_p50", "p50-ns", 1e6},
	{"latency_p99", "p99-ns", 1e6},
	{"latency_p999", "p999-ns", 1e6},
	{"connect_p99", "connect-p99-ns", 1e6},
	{"throughput", "events/s", 1},
	{"requests_per_event", "requests/event", 1},
	{"down_bytes_per_event", "down-B/event", 1},
	{"up_bytes_per_event", "up-B/event", 1},
	{"segments_per_event", "segments/event", 1},
	{"server_cpu_per_event", "server-cpu-ns/event", 1e3},
	{"server_rss_per_client", "server-B/client", 1024},
	{"lost", "lost-events", 1},
}

// writeBenchfmt writes a line for each trial as `go test -bench` does for each
// repetition: benchstat computes the same medians and compares files.
func writeBenchfmt(w io.Writer, run *results.Run, _ Options) error {
	var b bytes.Buffer
	// Note: only what makes two runs incomparable is configuration, since benchstat
	// compares nothing across different ones. The rest is in lines that it skips.
	fmt.Fprintf(&b, "# %s, %s, seed %d\n", head(run), printable(run.Machine.Go), run.Seed)
	all := newSeries(run)
	for _, s := range all {
		fmt.Fprintf(&b, "# %s\n", s.count())
	}
	out := benchfmt.NewWriter(&b)
	for _, m := range measures {
		better := &benchfmt.UnitMetadata{UnitMetadataKey: benchfmt.UnitMetadataKey{Unit: m.unit, Key: "better"}, OrigUnit: m.unit}
		switch metric, _ := results.MetricOf(m.metric); metric.Better {
		case results.Less:
			better.Value = "lower"
		case results.More:
			better.Value = "higher"
		default:
			continue
		}
		if err := out.Write(better); err != nil {
			return err
		}
	}
	for _, s := range all {
		for _, t := range s.trials {
			line := &benchfmt.Result{Config: configuration(run, t), Name: benchmark(t, run.Machine.CPUs), Iters: 1}
			for _, m := range measures {
				// What the row does not show is not for other tools either.
				_, shown := s.Metrics[m.metric]
				if v, ok := t.Metric(m.metric); ok && shown {
					line.Values = append(line.Values, benchfmt.Value{Value: v * m.scale, Unit: m.unit})
				}
			}
			if err := out.Write(line); err != nil {
				return err
			}
		}
	}
	_, err := w.Write(b.Bytes())
	return err
}

// configuration is what two trials must have in common to be compared: the machine
// and the load, of which the benchmark's name tells the clients and the axes.
func configuration(run *results.Run, t *results.Trial) []benchfmt.Config {
	var config []benchfmt.Config
	add := func(key, value string) {
		if value != "" {
			config = append(config, benchfmt.Config{Key: key, Value: []byte(printable(value)), File: true})
		}
	}
	system, architecture, _ := strings.Cut(run.Machine.OS, "/")
	add("goos", system)
	add("goarch", architecture)
	add("cpu", run.Machine.CPU)
	add("scenario", run.Scenario)
	l, ok := loadOf(run)
	if !ok {
		return config
	}
	fixed := func(name, key, value string) {
		if _, varied := t.Axes[key]; !varied {
			add(name, value)
		}
	}
	fixed("topics", "topics", l.Topics)
	if l.Room > 0 {
		fixed("room", "room", strconv.Itoa(l.Room))
	}
	fixed("schedule", "schedule.kind", l.Schedule.Kind)
	fixed("rate", "schedule.rate", l.Schedule.Rate)
	fixed("to", "schedule.to", l.Schedule.To)
	if l.Schedule.Burst > 0 {
		fixed("burst", "schedule.burst", strconv.Itoa(l.Schedule.Burst))
	}
	fixed("size", "payload.size", l.Payload.Size)
	fixed("content", "payload.content", l.Payload.Content)
	if l.Payload.Raw {
		fixed("raw", "payload.raw", "true")
	}
	if _, varied := t.Axes["uplink.rate"]; varied || l.speaks() {
		fixed("uplink-rate", "uplink.rate", l.Uplink.Rate)
		fixed("uplink-size", "uplink.size", l.Uplink.Size)
	}
	switch t.Transport { // what the others do not heed keeps none of theirs apart
	case "poll":
		fixed("poll-interval", "poll.interval", l.Poll.Interval)
	case "longpoll":
		fixed("hold", "longpoll.hold", l.Longpoll.Hold)
	}
	fixed("duration", "duration", l.Duration)
	return config
}

// benchmark is the trial's name: the same in every run of the same cell.
func benchmark(t *results.Trial, cpus int) benchfmt.Name {
	name := "Push"
	add := func(key, value string) { name += "/" + url.PathEscape(key) + "=" + url.PathEscape(value) }
	add("transport", t.Transport)
	add("stack", t.Stack)
	if _, varied := t.Axes["clients"]; !varied {
		add("clients", strconv.Itoa(t.Clients))
	}
	for _, axis := range slices.Sorted(maps.Keys(t.Axes)) {
		add(axis, t.Axes[axis])
	}
	if t.Arm != "" {
		add("arm", t.Arm)
	}
	if cpus > 0 {
		name += "-" + strconv.Itoa(cpus)
	}
	return benchfmt.Name(name)
}
