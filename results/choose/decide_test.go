package choose

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"pushbench/results/resultstest"
)

func TestAProxyThatBuffersBreaksWhatNeverEnds(t *testing.T) {
	p := usual()
	p.BufferingProxy = true
	for _, place := range learn(t, resultstest.Truths(), 0, 1).Decide(p, nil).Ranking {
		if place.Fits == (place.Transport == "sse") {
			t.Errorf("%s fits: %v", place.Transport, place.Fits)
		}
	}
}

func TestWhatIsTheSameHasNoClearWinner(t *testing.T) { // R10
	truths := resultstest.Truths()
	same := truths["ws"]
	truths["sse"] = same
	for seed := range uint64(20) {
		p := usual()
		a := learn(t, truths, 0.05, seed).Decide(p, nil)
		if !slices.Contains(a.Winners, "ws") || !slices.Contains(a.Winners, "sse") {
			t.Errorf("seed %d: %q of two that are the same", seed, a.Text)
		}
	}
}

func TestHalfAServerIsNoDifference(t *testing.T) {
	truths := resultstest.Truths()
	m := learn(t, truths, 0, 1)
	p := usual()
	p.Clients = 200 // a server can hold them a hundred times
	if a := m.Decide(p, nil); len(a.Winners) != 4 {
		t.Errorf("of one server each: %q", a.Text)
	}
	// By money it is the price of half a server, whatever else is paid for.
	prices := &Prices{Currency: "EUR", CPUHour: 0.04, Egress: 0.05}
	if a := m.Decide(p, prices); len(a.Winners) != 4 {
		t.Errorf("%q", a.Text)
	}
	prices.CPUHour = 0
	if a := m.Decide(p, prices); len(a.Winners) != 1 || a.Winners[0] != "ws" && a.Winners[0] != "poll" {
		t.Errorf("where only bytes are paid for: %q", a.Text)
	}
}

func TestAnAnswerExplainsItself(t *testing.T) { // R10
	m := learn(t, resultstest.Truths(), 0.03, 1)
	prices := &Prices{Currency: "EUR", CPUHour: 0.04, MemoryHour: 0.004, Egress: 0.05, Requests: 0.1, ConnectionMinutes: 0.1}
	rapid.Check(t, func(t *rapid.T) {
		p := products().Draw(t, "product")
		paid := prices
		if rapid.Bool().Draw(t, "without prices") {
			paid = nil
		}
		a := m.Decide(p, paid)
		text, err := json.Marshal(a)
		if err != nil || strings.Contains(string(text), "NaN") {
			t.Fatalf("%s: %v in %s", p, err, text)
		}
		if a.Text == "" || a.DecidedBy.By == "" || a.DecidedBy.Text == "" || len(a.Assumptions) == 0 || len(a.Ranking) != 4 {
			t.Fatalf("%s: %+v", p, a)
		}
		for i, place := range a.Ranking {
			broken := slices.ContainsFunc(place.Requirements, func(r Requirement) bool { return !r.Met })
			if len(place.Requirements) == 0 || broken == place.Fits {
				t.Fatalf("%s: %s fits: %v with %+v", p, place.Transport, place.Fits, place.Requirements)
			}
			if place.Winner != (i < len(a.Winners)) || place.Winner && !place.Fits {
				t.Fatalf("%s: %s is in place %d of %v", p, place.Transport, i, a.Winners)
			}
			if place.Fits && place.Predicted == nil {
				t.Fatalf("%s: nothing is predicted of %s", p, place.Transport)
			}
			for _, r := range place.Requirements {
				if strings.Contains(r.Text, "%!") || r.Text == "" {
					t.Fatalf("%s: %q", p, r.Text)
				}
			}
		}
	})
}

// A poll server is charged with what sooner transports take, so that a stricter need
// does not lead to it: whoever reads the bound is told.
func TestThatPollingIsChargedAsAnotherIsSaid(t *testing.T) {
	p := usual()
	for _, place := range learn(t, resultstest.Truths(), 0, 1).Decide(p, nil).Ranking {
		at := slices.IndexFunc(place.Predicted.Bounds, func(b Bound) bool { return b.By == "latency" })
		said := strings.Contains(place.Predicted.Bounds[at].Text, "which is what longpoll takes; of its own it takes 17.6 µs")
		if said != (place.Transport == "poll") {
			t.Errorf("%s: %q", place.Transport, place.Predicted.Bounds[at].Text)
		}
	}
}

// That nothing decides is no proof that nothing differs: how much would be seen is told.
func TestATieSaysWhatItCouldHaveShown(t *testing.T) {
	truths := resultstest.Truths()
	truths["sse"] = truths["ws"]
	p := usual()
	noisy := learn(t, truths, 0.1, 3).Decide(p, nil)
	if len(noisy.Winners) < 2 || !strings.Contains(noisy.DecidedBy.Text, "a difference of less than some 1.") {
		t.Errorf("%v, decided by %q", noisy.Winners, noisy.DecidedBy.Text)
	}
	p.Clients = 10 // one server whatever it is: nothing is compared
	if a := learn(t, truths, 0, 1).Decide(p, nil); strings.Contains(a.DecidedBy.Text, "would not have been shown") {
		t.Errorf("of one server each: %q", a.DecidedBy.Text)
	}
}
