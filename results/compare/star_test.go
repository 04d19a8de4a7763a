package compare_test

import (
	"slices"
	"testing"

	"pushbench/results/compare"
	"pushbench/results/resultstest"
)

func TestTheRowsOfAStarAreNamedByWhatIsOtherThere(t *testing.T) {
	rows := compare.Rows(resultstest.Star(resultstest.Truths(), 1, 0, 1))
	var names []string
	for _, r := range rows {
		names = append(names, compare.Label(r.Cell, rows))
	}
	for _, want := range []string{"poll", "poll interval=100ms", "longpoll hold=60ms", "sse", "sse topics=own", "ws clients=1200", "ws burst=5"} {
		if !slices.Contains(names, want) {
			t.Errorf("no row is named %s: %q", want, names)
		}
	}
	slices.Sort(names)
	if n := len(slices.Compact(names)); n != len(rows) {
		t.Errorf("%d names of %d rows", n, len(rows))
	}
}
