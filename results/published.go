package results

import (
	"encoding/json"
	"strings"
)

// A Publication is what somebody else has published of a load like this one's.
// A scenario carries it, so the scenario as executed does, too: no run file says it
// a second time.
type Publication struct {
	Source  string `yaml:"source" json:"source"`   // who, where and when
	Differs string `yaml:"differs" json:"differs"` // what of their set-up is not as ours, in words
	// Derived says how the figures follow from what stands there; "" of figures that
	// stand there themselves.
	Derived string `yaml:"derived" json:"derived,omitempty"`
	Metric  string `yaml:"metric" json:"metric"` // by its name in Metrics
	// Unit of the values: the metric's own, or ratio where each is divided by
	// another transport's.
	Unit    string   `yaml:"unit" json:"unit"`
	Figures []Figure `yaml:"figures" json:"figures"`
}

// A Figure is one published value.
type Figure struct {
	Transport string `yaml:"transport" json:"transport"`
	// Over is the transport by whose value this one's is divided; "" for none.
	Over string `yaml:"over" json:"over,omitempty"`
	// At are keys of the scenario with the values that the figure is of: without
	// them it is of none of our rows.
	At    map[string]string `yaml:"at" json:"at,omitempty"`
	Value float64           `yaml:"value" json:"value"`
}

// Published is what others have published of the run's load. A scenario of
// another shape says nothing of it.
func (r *Run) Published() []Publication {
	var s struct {
		Published []Publication `json:"published"`
	}
	if json.Unmarshal(r.Executed, &s) != nil {
		return nil
	}
	return s.Published
}

// Setting is the value of a key such as "payload.size" in the scenario as
// executed, as its axes write it.
func (r *Run) Setting(key string) (value string, known bool) {
	at := r.Executed
	for name := range strings.SplitSeq(key, ".") {
		var members map[string]json.RawMessage
		if json.Unmarshal(at, &members) != nil {
			return "", false
		}
		if at, known = members[name]; !known {
			return "", false
		}
	}
	if json.Unmarshal(at, &value) == nil {
		return value, true
	}
	return string(at), true // a number, true or false
}
