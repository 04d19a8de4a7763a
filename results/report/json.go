package report

import (
	"encoding/json"
	"io"

	"pushbench/results"
	"pushbench/results/compare"
)

// A document is a run for programs. Its form is a promise: members may be
// added, none changes.
type document struct {
	Schema     int                `json:"schema"`
	Scenario   string             `json:"scenario"`
	Rows       []row              `json:"rows"`
	Costs      []results.Cost     `json:"costs,omitempty"`    // of a run over a grid of loads
	Capacity   []results.Capacity `json:"capacity,omitempty"` // of a search
	Thresholds []results.Judgment `json:"thresholds,omitempty"`
	SLO        []results.Judgment `json:"slo,omitempty"`
	Published  []published        `json:"published,omitempty"` // by others, beside what the run says
	Over       []over             `json:"over,omitempty"`      // rows over their own on another stack, and over the baseline
}

type row struct {
	Transport string                  `json:"transport"`
	Stack     string                  `json:"stack"`
	Axes      map[string]string       `json:"axes"`
	Arm       string                  `json:"arm,omitempty"` // of a cell measured twice
	Verdict   results.State           `json:"verdict"`
	Trials    compare.Counts          `json:"trials"`
	Reasons   []reason                `json:"reasons,omitempty"`
	Metrics   map[string]compare.Stat `json:"metrics"`
}

// A reason is what a footnote says.
type reason struct {
	results.Reason
	Trials int `json:"trials"` // that have it
}

// documentSchema is the version of the document's form.
const documentSchema = 1

func writeJSON(w io.Writer, run *results.Run, _ Options) error {
	d := document{documentSchema, run.Scenario, []row{}, run.Costs, run.Capacity, run.Thresholds, run.SLO, publishedOf(run), oversOf(run)}
	for _, r := range compare.Rows(run) {
		axes := r.Axes
		if axes == nil {
			axes = map[string]string{}
		}
		var reasons []reason
		for _, one := range r.Reasons {
			reasons = append(reasons, reason{one.Reason, one.Trials})
		}
		d.Rows = append(d.Rows, row{r.Transport, r.Stack, axes, r.Arm, r.Verdict, r.Trials, reasons, r.Metrics})
	}
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	return out.Encode(d)
}
