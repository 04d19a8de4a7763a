package choose

import (
	"math"
	"testing"

	"pushbench/results/resultstest"
)

func TestPricesDecideByWhatTheyAreOf(t *testing.T) {
	m := learn(t, resultstest.Truths(), 0.02, 1)
	p := usual()
	for name, prices := range map[string]*Prices{
		"egress_gb":                  {Currency: "EUR", Egress: 0.05},
		"million_requests":           {Currency: "EUR", Requests: 0.2, CPUHour: 0.01},
		"million_connection_minutes": {Currency: "EUR", ConnectionMinutes: 0.25, Requests: 1},
	} {
		a := m.Decide(p, prices)
		for _, place := range a.Ranking {
			var sum float64
			for _, post := range place.Predicted.Posts {
				sum += post.Cost
			}
			if total := place.Predicted.Cost.Median; math.Abs(sum-total) > 0.01*total {
				t.Errorf("%s: the posts of %s are %v, and the bill %v", name, place.Transport, sum, total)
			}
		}
		if len(a.Sensitivity) == 0 || a.DecidedBy.Text == "" {
			t.Errorf("%s: %+v", name, a.DecidedBy)
		}
	}
	a := m.Decide(p, &Prices{Currency: "EUR", Egress: 0.05})
	if a.DecidedBy.By != "egress_gb" {
		t.Errorf("where only bytes cost, decided by %+v", a.DecidedBy)
	}
	p.Budget = 1
	if a := m.Decide(p, &Prices{Currency: "EUR", Egress: 0.05}); len(a.Winners) != 0 || a.DecidedBy.By != "requirement" {
		t.Errorf("with a budget of 1: %q, %+v", a.Text, a.DecidedBy)
	}
}
