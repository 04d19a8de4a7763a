package choose

import (
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"pushbench/results"
	"pushbench/results/resultstest"
)

// learn is the model of a star of loads.
func learn(t testing.TB, truths map[string]resultstest.Truth, noise float64, seed uint64) *Model {
	t.Helper()
	m, err := Learn(resultstest.Star(truths, 6, noise, seed))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// usual is a product that nothing is special of.
func usual() Profile {
	return Profile{
		Clients: 200_000, Rate: 2, Burst: 1, Size: 200, Staleness: time.Second, UplinkSize: 64,
		Server: Machine{CPUs: 4, Memory: 16 << 30, Utilisation: 0.6},
	}
}

// products draws one.
func products() *rapid.Generator[Profile] {
	log := func(from, to float64) *rapid.Generator[float64] {
		return rapid.Map(rapid.Float64Range(math.Log(from), math.Log(to)), math.Exp)
	}
	return rapid.Custom(func(t *rapid.T) Profile {
		p := usual()
		p.Clients = math.Round(log(10, 1e7).Draw(t, "clients"))
		p.Rate = log(1e-4, 100).Draw(t, "rate")
		p.Burst = math.Round(log(1, 50).Draw(t, "burst"))
		p.Size = math.Round(log(1, 1e5).Draw(t, "size"))
		p.Staleness = time.Duration(log(0.05, 3600).Draw(t, "staleness") * 1e9)
		if rapid.Bool().Draw(t, "tight") {
			p.P99 = time.Duration(log(0.02, 100).Draw(t, "p99") * 1e9)
		}
		if rapid.Bool().Draw(t, "apart") {
			p.Audience = min(p.Clients, math.Round(log(1, 100).Draw(t, "audience")))
		}
		if rapid.Bool().Draw(t, "far") {
			p.RTT = time.Duration(log(0.001, 0.3).Draw(t, "rtt") * 1e9)
		}
		if rapid.Bool().Draw(t, "talks") {
			p.Uplink = log(1e-4, 10).Draw(t, "uplink")
		}
		if rapid.Bool().Draw(t, "leaves") {
			p.Stay = time.Duration(log(1, 1e5).Draw(t, "stay") * 1e9)
		}
		p.Latest = rapid.Bool().Draw(t, "latest")
		p.Binary = rapid.Bool().Draw(t, "binary")
		p.BufferingProxy = rapid.Bool().Draw(t, "proxy")
		return p
	})
}

func TestAStricterNeedNeverYieldsASlowerTransport(t *testing.T) { // R10
	run, err := results.Load("../published/choose/run.json", Histograms...)
	if err != nil {
		t.Fatal(err)
	}
	published, err := Learn(run)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range []*Model{learn(t, resultstest.Truths(), 0, 1), learn(t, resultstest.Truths(), 0.05, 2), published} {
		rapid.Check(t, func(t *rapid.T) {
			loose := products().Draw(t, "product")
			strict := loose
			by := rapid.Float64Range(0.01, 0.99).Draw(t, "by")
			if rapid.Bool().Draw(t, "of p99") && loose.P99 > 0 {
				strict.P99 = time.Duration(by * float64(loose.P99))
			} else {
				strict.Staleness = time.Duration(by * float64(loose.Staleness))
			}
			a, b := m.weigh(&loose, nil), m.weigh(&strict, nil)
			n, k := winners(a, &loose, nil), winners(b, &strict, nil)
			if n == 0 && k > 0 {
				t.Fatalf("nothing keeps %s, and %v keep the stricter", loose, named(b, k))
			}
			if k == 0 {
				return
			}
			if b[0].slowness() > a[0].slowness() {
				t.Fatalf("%s: %v, and when it is stricter (%s) %v", loose, named(a, n), strict, named(b, k))
			}
		})
	}
}

// What is promised keeps what is demanded, at the servers that are told.
func TestAPromiseKeepsTheNeed(t *testing.T) {
	m := learn(t, resultstest.Truths(), 0.03, 1)
	rapid.Check(t, func(t *rapid.T) {
		p := products().Draw(t, "product")
		for _, place := range m.Decide(p, nil).Ranking {
			if !place.Fits {
				continue
			}
			// The servers are the median of blocks, and so is the work of a turn.
			if p.P99 > 0 && float64(place.P99) > 1.05*float64(p.P99) || float64(place.Worst) > 1.05*float64(p.Staleness) {
				t.Fatalf("%s: %s promises %s and %s at worst", p, place.Transport, place.P99, place.Worst)
			}
		}
	})
}

// Two runs of the same truth never give two answers of which each excludes the other.
func TestNoiseDoesNotTurnTheAnswerRound(t *testing.T) { // R10
	var models []*Model
	for seed := range uint64(8) {
		models = append(models, learn(t, resultstest.Truths(), 0.05, seed))
	}
	rapid.Check(t, func(t *rapid.T) {
		p := products().Draw(t, "product")
		var before []string
		for i, m := range models {
			all := m.weigh(&p, nil)
			names := named(all, winners(all, &p, nil))
			if i > 0 && len(names) > 0 && len(before) > 0 && !slices.ContainsFunc(names, func(name string) bool { return slices.Contains(before, name) }) {
				t.Fatalf("%s: %v in one run, %v in another of the same servers", p, before, names)
			}
			before = names
		}
	})
}

// More of what costs never costs less.
func TestMoreIsNeverCheaper(t *testing.T) {
	m := learn(t, resultstest.Truths(), 0.03, 1)
	rapid.Check(t, func(t *rapid.T) {
		p := products().Draw(t, "product")
		key := rapid.SampledFrom([]string{"clients", "rate", "size", "uplink"}).Draw(t, "key")
		d := dials[slices.IndexFunc(dials, func(d dial) bool { return d.key == key })]
		if key == "clients" && p.Audience > 0 {
			return // of which the audience may be all
		}
		more := *d.set(p, d.get(&p)*rapid.Float64Range(1, 10).Draw(t, "times"))
		a, b := m.weigh(&p, nil), m.weigh(&more, nil)
		for _, w := range a {
			at := slices.IndexFunc(b, func(other weight) bool { return other.Transport == w.Transport })
			// Where more comes at once, fewer questions end in vain, and signs of life are
			// fewer: that is what may be saved.
			if key == "rate" && !w.clock {
				continue
			}
			if w.keeps && b[at].keeps && b[at].cost.Median < w.cost.Median*(1-1e-9) {
				t.Fatalf("%s: %s needs %v, and %v when %s is more", p, w.Transport, w.cost.Median, b[at].cost.Median, key)
			}
		}
	})
}

func BenchmarkDecide(b *testing.B) {
	m := learn(b, resultstest.Truths(), 0.03, 1)
	p := usual()
	p.P99, p.Uplink, p.Stay = 250*time.Millisecond, 0.1, time.Hour
	for b.Loop() {
		m.Decide(p, nil)
	}
}
