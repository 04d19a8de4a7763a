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
	Schema   int    `json:"schema"`
	Scenario string `json:"scenario"`
	Rows     []row  `json:"rows"`
}

type row struct {
	Transport string                  `json:"transport"`
	Stack     string                  `json:"stack"`
	Axes      map[string]string       `json:"axes"`
	Verdict   results.State           `json:"verdict"`
	Trials    compare.Counts          `json:"trials"`
	Metrics   map[string]compare.Stat `json:"metrics"`
}

// documentSchema is the version of the document's form.
const documentSchema = 1

func writeJSON(w io.Writer, run *results.Run, _ Options) error {
	d := document{documentSchema, run.Scenario, []row{}}
	for _, r := range compare.Rows(run) {
		axes := r.Axes
		if axes == nil {
			axes = map[string]string{}
		}
		d.Rows = append(d.Rows, row{r.Transport, r.Stack, axes, r.Verdict, r.Trials, r.Metrics})
	}
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	return out.Encode(d)
}
