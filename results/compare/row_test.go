package compare_test

import (
	"slices"
	"testing"
	"time"

	"pushbench/results"
	"pushbench/results/compare"
)

func TestARowOfTooFewEventsSaysWhatItNeeds(t *testing.T) {
	for _, c := range []struct {
		events  int64
		samples bool
		state   results.State
		want    bool
	}{
		{29, true, results.Valid, true},
		{30, true, results.Valid, false},
		{29, false, results.Valid, false},  // each trial has said so itself
		{29, true, results.Invalid, false}, // not ranked, for a better reason
	} {
		one := trial("sse", 0, time.Second, time.Millisecond)
		one.Events.Published, one.Verdict.State = c.events, c.state
		if !c.samples {
			delete(one.Histograms, results.Latency)
		}
		row := compare.Rows(&results.Run{Trials: []results.Trial{one}})[0]
		at := slices.IndexFunc(row.Reasons, func(r compare.Reason) bool { return r.Code == results.FewSamples })
		if (at >= 0) != c.want {
			t.Errorf("%+v: reasons %+v", c, row.Reasons)
		}
		if at >= 0 && (row.Reasons[at].Text == "" || row.Reasons[at].Hint == "" || row.Reasons[at].Trials != 1 || row.Verdict != results.Valid) {
			t.Errorf("%+v: %s row with %+v", c, row.Verdict, row.Reasons[at])
		}
	}
}
