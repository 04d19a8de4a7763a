package results_test

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"pushbench/results"
)

func codes(v results.Verdict) []string {
	var all []string
	for _, r := range v.Reasons {
		all = append(all, r.Code)
	}
	return all
}

// placed is a trial in which the place explains that share of what differs, with
// the mean latencies in ms of the first tenth and of the others.
func placed(share, first, others float64) func(*results.Trial) {
	return func(t *results.Trial) {
		t.Fairness = &results.Fairness{Share: share}
		for i := range t.Fairness.Tenths {
			t.Fairness.Tenths[i] = time.Duration(others * float64(time.Millisecond))
		}
		t.Fairness.Tenths[0] = time.Duration(first * float64(time.Millisecond))
	}
}

func TestEachFaultHasItsVerdict(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(*results.Trial)
		want  results.State
		codes []string
	}{
		{"sound", func(*results.Trial) {}, results.Valid, nil},
		{"unexplained", func(t *results.Trial) { t.Events.Unexplained = 1 }, results.Invalid, []string{"unexplained"}},
		{"more than owed", func(t *results.Trial) { t.Events.Unexplained = -1 }, results.Invalid, []string{"unexplained"}},
		{"negative", func(t *results.Trial) { t.Events.Negative = 1 }, results.Invalid, []string{"negative-latency"}},
		{"clipped", func(t *results.Trial) { t.Events.Clipped = 1 }, results.Invalid, []string{"clipped"}},
		{"connect", func(t *results.Trial) { t.Traffic.ConnectFailed = 1 }, results.Invalid, []string{"connect-failed"}},
		{"generator at its bound", func(t *results.Trial) { t.Usage.GeneratorBusy = 0.85 }, results.Valid, nil},
		{"generator", func(t *results.Trial) { t.Usage.GeneratorBusy = 0.86 }, results.Invalid, []string{"generator-cpu"}},
		{"both, at throughput", func(t *results.Trial) { t.Untimed, t.Usage.GeneratorBusy, t.Usage.ServerBusy = true, 0.9, 0.99 }, results.Valid, []string{"generator-cpu", "server-saturated"}},
		{"generator alone, at throughput", func(t *results.Trial) { t.Untimed, t.Usage.GeneratorBusy, t.Usage.ServerBusy = true, 0.9, 0.8 }, results.Invalid, []string{"generator-cpu"}},
		{"lost by slow clients", func(t *results.Trial) {
			t.Events.Lost = map[string]int64{results.LostGap: 3}
			t.Groups = map[string]results.Group{results.GroupSlow: {Clients: 1, Lost: t.Events.Lost}}
		}, results.Valid, []string{"lost"}},
		{"lost by others too", func(t *results.Trial) {
			t.Events.Lost = map[string]int64{results.LostGap: 3}
			t.Groups = map[string]results.Group{results.GroupSlow: {Clients: 1, Lost: map[string]int64{results.LostGap: 2}}}
		}, results.Valid, []string{"lost", "lost-by-others"}},
		{"lost", func(t *results.Trial) { t.Events.Lost = map[string]int64{results.LostGap: 3} }, results.Valid, []string{"lost"}},
		{"in flight", func(t *results.Trial) { t.Events.InFlight = 3 }, results.Suspect, []string{"undrained"}},
		{"in flight, by the server", func(t *results.Trial) { t.Events.InFlight, t.Usage.ServerBusy = 3, 0.95 }, results.Valid, []string{"server-saturated", "undrained"}},
		{"server", func(t *results.Trial) { t.Usage.ServerBusy = 0.9 }, results.Valid, []string{"server-saturated"}},
		{"rate within 1 %", func(t *results.Trial) { t.Events.InTime = 990 }, results.Valid, nil},
		{"rate", func(t *results.Trial) { t.Events.InTime = 989 }, results.Suspect, []string{"rate-missed"}}, // G7
		{"more than intended", func(t *results.Trial) { t.Events.InTime = 1011 }, results.Suspect, []string{"rate-missed"}},
		{"rate, by the server", func(t *results.Trial) { t.Events.InTime, t.Usage.ServerBusy = 500, 1 }, results.Valid, []string{"server-saturated", "rate-missed"}},
		{"uplink", func(t *results.Trial) { t.Traffic.SayFailed = 1 }, results.Suspect, []string{"say-failed"}},
		{"protocol", func(t *results.Trial) { t.Traffic.Closed = map[string]int64{"protocol": 1} }, results.Invalid, []string{"client-refused"}},
		{"limit", func(t *results.Trial) { t.Traffic.Closed = map[string]int64{"limit": 1} }, results.Invalid, []string{"client-refused"}},
		{"uplink protocol", func(t *results.Trial) { t.Traffic.Closed = map[string]int64{"uplink protocol": 1} }, results.Invalid, []string{"client-refused"}},
		{"uplink limit", func(t *results.Trial) { t.Traffic.Closed = map[string]int64{"uplink limit": 1} }, results.Invalid, []string{"client-refused"}},
		{"ended in good order", func(t *results.Trial) {
			t.Traffic.Closed = map[string]int64{"ended": 9, "uplink ended": 9, "reset": 0}
		}, results.Valid, nil},
		{"closed by the server", func(t *results.Trial) { t.Traffic.Closed = map[string]int64{"closed": 9, "ended": 9} }, results.Suspect, []string{"connections-lost"}},
		{"gone silent", func(t *results.Trial) { t.Traffic.Closed = map[string]int64{"silent": 1} }, results.Suspect, []string{"connections-lost"}},
		{"uplink reset", func(t *results.Trial) { t.Traffic.Closed = map[string]int64{"uplink reset": 1} }, results.Suspect, []string{"connections-lost"}},
		{"closed by a server at its limit", func(t *results.Trial) {
			t.Traffic.Closed, t.Usage.ServerBusy = map[string]int64{"closed": 9}, 0.95
		}, results.Valid, []string{"connections-lost", "server-saturated"}},
		{"duplicated", func(t *results.Trial) { t.Events.Duplicated = 1 }, results.Suspect, []string{"duplicated"}},
		{"reordered", func(t *results.Trial) { t.Events.Reordered = 1 }, results.Suspect, []string{"reordered"}},
		{"polls", func(t *results.Trial) { t.Traffic.MissedPolls = 6 }, results.Valid, []string{"polls-missed"}},
		{"the last are served last", placed(0.5, 2, 3), results.Valid, []string{"position-effect"}},
		{"the first are served last", placed(0.5, 3, 2), results.Valid, []string{"position-effect"}},
		{"the last are served last, after a fault", func(t *results.Trial) {
			placed(0.5, 2, 3)(t)
			t.Recovery = &results.Recovery{}
		}, results.Valid, nil},
		{"place hardly decides", placed(0.49, 2, 3.1), results.Valid, nil},
		{"place hardly matters", placed(1, 2, 2.9), results.Valid, nil},
		{"two", func(t *results.Trial) { t.Events.InTime, t.Events.Negative = 1, 1 }, results.Invalid, []string{"negative-latency", "rate-missed"}},
	} {
		trial := sound()
		c.spoil(trial)
		trial.Judge(nil)
		if got := codes(trial.Verdict); trial.Verdict.State != c.want || !slices.Equal(got, c.codes) {
			t.Errorf("%s: %s %v, want %s %v", c.name, trial.Verdict.State, got, c.want, c.codes)
		}
		for _, r := range trial.Verdict.Reasons {
			if r.Text == "" || r.Hint == "" {
				t.Errorf("%s: a reason without text or hint: %+v", c.name, r)
			}
		}
	}
}

func TestReasonsFromOutsideAreKeptAndCount(t *testing.T) {
	trial := sound()
	trial.Verdict.Reasons = []results.Reason{{Code: "connect-failed", State: results.Invalid, Text: "900 of 1000"}, {Code: "shared-cpu", State: results.Suspect}}
	trial.Traffic.ConnectFailed = 100
	trial.Judge(nil)
	trial.Judge(nil)
	if got, want := codes(trial.Verdict), []string{"connect-failed", "shared-cpu"}; trial.Verdict.State != results.Invalid || !slices.Equal(got, want) {
		t.Errorf("%s %v, want invalid %v", trial.Verdict.State, got, want)
	}
	if trial.Verdict.Reasons[0].Text != "900 of 1000" {
		t.Errorf("the given reason became %q", trial.Verdict.Reasons[0].Text)
	}
}

func TestAnExemptReasonStaysAsAFinding(t *testing.T) {
	trial := sound()
	trial.Traffic.ConnectFailed = 5
	trial.Judge([]string{"connect-failed"})
	if trial.Verdict.State != results.Valid || !slices.Equal(codes(trial.Verdict), []string{"connect-failed"}) {
		t.Errorf("verdict %+v, want a valid trial with the finding", trial.Verdict)
	}
}

// Some reasons leave nothing that a scenario could still want.
func TestWhatMakesNumbersMeaninglessIsNotExempt(t *testing.T) {
	codes := []string{"unexplained", "negative-latency", "clipped", "failed", "interrupted", "server-died"}
	for _, code := range codes {
		trial := sound()
		trial.Verdict.Reasons = []results.Reason{{Code: code, State: results.Invalid}}
		trial.Judge(codes)
		if why, is := results.Meaningless(code); trial.Verdict.State != results.Invalid || !is || why == "" {
			t.Errorf("%s, expected: %s; meaningless: %v, because %q", code, trial.Verdict.State, is, why)
		}
		if !slices.Contains(results.Codes(), code) {
			t.Errorf("%s is no code", code)
		}
	}
	if _, is := results.Meaningless("trend"); is {
		t.Error("a trend leaves nothing to trust")
	}
}

func TestATrialThatNeverMeasuredCanBeJudged(t *testing.T) {
	trial := &results.Trial{Events: results.Accounting{Intended: math.MaxInt64}}
	if trial.Judge(nil); trial.Verdict.State != results.Suspect {
		t.Errorf("verdict %+v of nothing published", trial.Verdict)
	}
}

func TestTheLargerStepKeepsItsSign(t *testing.T) {
	for _, c := range [][3]time.Duration{{0, 0, 0}, {5, -7, -7}, {-7, 5, -7}, {7, 5, 7}} {
		var d results.Disturbance
		d.Stepped(c[0])
		if d.Stepped(c[1]); d.ClockStep != c[2] {
			t.Errorf("of %d and %d the larger is %d, want %d", c[0], c[1], d.ClockStep, c[2])
		}
	}
}

// What helps against a log that is too short does nothing about a server that died.
func TestTheHintOfALossIsThatOfItsReason(t *testing.T) {
	for reason, want := range map[string]string{
		results.LostGap: "--keep", results.LostEpoch: "restart", results.LostDisconnected: "--drain", results.LostCorrupt: "payloads", results.LostVanished: "nobody",
	} {
		trial := sound()
		trial.Events.Lost = map[string]int64{reason: 3}
		trial.Judge(nil)
		at := slices.IndexFunc(trial.Verdict.Reasons, func(r results.Reason) bool { return r.Code == "lost" })
		if at < 0 {
			t.Fatalf("%s: %+v", reason, trial.Verdict)
		}
		hint := trial.Verdict.Reasons[at].Hint
		if !strings.Contains(hint, reason+": ") || !strings.Contains(hint, want) {
			t.Errorf("%s: hint %q, want %q in it", reason, hint, want)
		}
		if reason != results.LostGap && strings.Contains(hint, "--keep") {
			t.Errorf("%s: hint %q is of a gap", reason, hint)
		}
	}
}
