package main

import (
	"errors"
	"slices"
	"testing"

	"pushbench/results/claim"
)

// Published runs are all named run.json, each in a folder of its own.
func TestRunsAreCalledByWhatTellsThemApart(t *testing.T) {
	for _, c := range []struct{ files, want []string }{
		{[]string{"a.json", "some/b.json"}, []string{"a", "b"}},
		{[]string{"published/quick/run.json", "published/chat/run.json"}, []string{"quick", "chat"}},
		{[]string{"old/quick/run.json", "new/quick/run.json", "c.json"}, []string{"old/quick/run.json", "new/quick/run.json", "c"}},
		{[]string{"old/a.json", "new/a.json"}, []string{"old/a.json", "new/a.json"}},
		{[]string{"/run.json"}, []string{"run"}},
		{nil, nil},
	} {
		if got := sourceNames(c.files); !slices.Equal(got, c.want) {
			t.Errorf("%q are called %q, want %q", c.files, got, c.want)
		}
	}
	t.Chdir(t.TempDir())
	if got := sourceNames([]string{"run.json"}); len(got) != 1 || got[0] == "run" || got[0] == "." {
		t.Errorf("a file here is called %q, want its folder's name", got)
	}
}

// What is doubted is the measurement; that no difference shows is a result.
func TestClaimsEndWith106OnlyWhereTheMeasurementIsDoubted(t *testing.T) {
	of := func(scenario string, outcomes ...claim.Outcome) []claim.Judgment {
		j := claim.Judgment{Claim: claim.Claim{Name: "faster", Scenario: scenario}}
		for _, o := range outcomes {
			j.Evidence = append(j.Evidence, claim.Evidence{Outcome: o})
		}
		return []claim.Judgment{j}
	}
	for _, c := range []struct {
		judged   []claim.Judgment
		measured bool
		want     bool
	}{
		{of("claims-push", claim.For, claim.Against), true, false},
		{of("claims-push", claim.Level, claim.Open), true, false},
		{of("claims-push", claim.For, claim.Doubted), true, true},
		{of("claims-push"), true, true}, // a load of which nothing at all is told
		{of("claims-push", claim.Doubted), false, false},
		{of("", claim.Open), true, false}, // no browser is there
	} {
		err := untold(c.judged, c.measured)
		exit, is := errors.AsType[*exitError](err)
		if is != c.want || is && exit.code != exitUntrusted || err != nil && !is {
			t.Errorf("%+v, measured %v: %v, want an error: %v", c.judged, c.measured, err, c.want)
		}
	}
}
