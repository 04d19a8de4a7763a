package results

// A Judgment is whether a row of a run met what was demanded of it.
type Judgment struct {
	Expr string `json:"expr"` // "latency_p99 < 50ms"
	Cell        // the row; with nothing but the transport, or not even that, where the run has no such row
	// Value is the row's, in Unit; null where there is none to judge.
	Value  *float64 `json:"value"`
	Unit   string   `json:"unit,omitempty"`
	Passed bool     `json:"passed"`
	Why    string   `json:"why,omitempty"` // it failed
}
