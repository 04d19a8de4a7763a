package report

import (
	"bytes"
	"encoding/json"
	"io"
	"time"

	"pushbench/results"
	"pushbench/results/compare"
)

// Lines of ndjson. Each tells of which run it is, so that those of many runs can
// stand in one file, and by its type what it is: lines of a type are a table.
type (
	// ndRun is the first line: the run itself.
	ndRun struct {
		ndOf
		Schema  int            `json:"schema"`
		Status  results.Status `json:"status"`
		Planned int            `json:"planned"` // trials
		Trials  int            `json:"trials"`  // that there are
		Seed    uint64         `json:"seed"`
		Version string         `json:"version"` // of pushbench
		CPU     string         `json:"cpu"`
		CPUs    int            `json:"cpus"`
	}
	// ndMetric is a number of a row.
	ndMetric struct {
		ndOf
		ndRow
		Metric string         `json:"metric"`
		Unit   string         `json:"unit"`
		Better results.Better `json:"better"`
		compare.Stat
		N int `json:"n"`
		// Values are what the median is of: each trial's that tells it, in the order of
		// the run.
		Values []float64 `json:"values"`
	}
	// ndReason is what a row's verdict comes from.
	ndReason struct {
		ndOf
		ndRow
		results.Reason
		Count int `json:"count"` // trials that have it
	}
	ndCost struct {
		ndOf
		results.Cost
	}
	ndCapacity struct {
		ndOf
		results.Capacity
	}
	ndJudgment struct { // a threshold, or a part of the SLO
		ndOf
		results.Judgment
	}
	ndPublished struct { // a figure of others', beside ours
		ndOf
		published
	}
	ndOver struct { // a row over its own on another stack, or over the baseline
		ndOf
		over
	}

	// ndOf is of which run a line is.
	ndOf struct {
		Type     string    `json:"type"`
		Scenario string    `json:"scenario"`
		Started  time.Time `json:"started"`
	}
	// ndRow is of which row.
	ndRow struct {
		Transport string            `json:"transport"`
		Stack     string            `json:"stack"`
		Axes      map[string]string `json:"axes"`
		Arm       string            `json:"arm"`
		Verdict   results.State     `json:"verdict"`
		Trials    compare.Counts    `json:"trials"`
	}
)

// writeNDJSON writes what JSON has, a line for each number.
func writeNDJSON(w io.Writer, run *results.Run, _ Options) error {
	var b bytes.Buffer
	var err error
	out := json.NewEncoder(&b)
	line := func(v any) {
		if err == nil {
			err = out.Encode(v)
		}
	}
	of := func(kind string) ndOf { return ndOf{kind, run.Scenario, run.Started} }
	line(ndRun{of("run"), documentSchema, run.Status, run.Planned, len(run.Trials), run.Seed, run.Machine.Version, run.Machine.CPU, run.Machine.CPUs})
	for _, r := range compare.Rows(run) {
		row := ndRow{r.Transport, r.Stack, r.Axes, r.Arm, r.Verdict, r.Trials}
		if row.Axes == nil {
			row.Axes = map[string]string{}
		}
		used := r.Used(run)
		for _, m := range results.Metrics {
			if stat, ok := r.Metrics[m.Name]; ok {
				line(ndMetric{of("metric"), row, m.Name, m.Unit, m.Better, stat, stat.N, values(m, used)})
			}
		}
		for _, reason := range r.Reasons {
			line(ndReason{of("reason"), row, reason.Reason, reason.Trials})
		}
	}
	for _, c := range run.Costs {
		line(ndCost{of("cost"), c})
	}
	for _, c := range run.Capacity {
		line(ndCapacity{of("capacity"), c})
	}
	for _, j := range run.Thresholds {
		line(ndJudgment{of("threshold"), j})
	}
	for _, j := range run.SLO {
		line(ndJudgment{of("slo"), j})
	}
	for _, p := range publishedOf(run) {
		line(ndPublished{of("published"), p})
	}
	for _, c := range oversOf(run) {
		line(ndOver{of("over"), c})
	}
	if err != nil {
		return err
	}
	_, err = w.Write(b.Bytes())
	return err
}

// values are the metric's of those trials that tell it.
func values(m results.Metric, trials []*results.Trial) []float64 {
	all := []float64{}
	for _, t := range trials {
		if v, ok := m.Of(t); ok {
			all = append(all, v)
		}
	}
	return all
}
