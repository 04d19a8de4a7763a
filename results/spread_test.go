package results_test

import (
	"slices"
	"strings"
	"testing"

	"pushbench/results"
)

func TestALopsidedServerIsSaidToBe(t *testing.T) {
	for _, c := range []struct {
		conns []int64
		said  string // empty: nothing
	}{
		{nil, ""},
		{[]int64{0, 0}, ""},
		{[]int64{60, 40}, ""}, // just not more than that
		{[]int64{61, 39}, "1.2 times the mean of connections: 61, 39"},
		{[]int64{0, 10, 0, 0}, "4 times the mean of connections: 0, 10, 0, 0"},
	} {
		trial := results.Trial{Usage: results.Usage{ServerConns: c.conns}}
		trial.Judge(nil)
		i := slices.IndexFunc(trial.Verdict.Reasons, func(r results.Reason) bool { return r.Code == "server-spread" })
		switch {
		case (i >= 0) != (c.said != ""):
			t.Errorf("connections %v: %+v", c.conns, trial.Verdict)
		case i >= 0 && (trial.Verdict.Reasons[i].State != results.Valid || !strings.Contains(trial.Verdict.Reasons[i].Text, c.said)):
			t.Errorf("connections %v: %+v, want %q", c.conns, trial.Verdict.Reasons[i], c.said)
		}
	}
}
