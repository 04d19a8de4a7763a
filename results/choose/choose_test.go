package choose

import (
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strings"
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

func TestARunIsReadAsItWasMeasured(t *testing.T) {
	truths := resultstest.Truths()
	m := learn(t, truths, 0, 1)
	if got := m.transports(); !slices.Equal(got, []string{"poll", "longpoll", "sse", "ws"}) {
		t.Fatalf("transports %v", got)
	}
	for _, s := range m.servers {
		want := truths[s.Transport].P99
		if s.clock {
			if (s.worst - want).Abs() > want/20 {
				t.Errorf("polls take %s beside their interval, want %s", s.worst, want)
			}
		} else if (s.p99-want).Abs() > want/20 || s.worst != 2*want {
			t.Errorf("%s: p99 %s and at worst %s, want %s and twice that", s.Transport, s.p99, s.worst, want)
		}
		if s.row != "100 clients at 10/s" {
			t.Errorf("%s: latency of the row with %s", s.Transport, s.row)
		}
	}
	if m.hold != 25*time.Second || m.beat != 15*time.Second {
		t.Errorf("held for %s, a sign of life after %s", m.hold, m.beat)
	}
}

func TestWhatARunDoesNotTellIsNotPredicted(t *testing.T) {
	one := resultstest.Star(resultstest.Truths(), 6, 0, 1)
	one.Trials = slices.DeleteFunc(one.Trials, func(t results.Trial) bool { return t.Clients != 400 || t.Axes["schedule.rate"] != "10/s" })
	for i := range one.Trials {
		one.Trials[i].Axes = nil
	}
	short := resultstest.Star(resultstest.Truths(), 5, 0, 1)
	doubtful := resultstest.Star(resultstest.Truths(), 6, 0, 1)
	for i := range doubtful.Trials {
		if trial := &doubtful.Trials[i]; trial.Transport == "ws" {
			trial.Verdict.State = results.Invalid
		}
	}
	for name, c := range map[string]struct {
		run  *results.Run
		want error
		says string
	}{
		"one load":    {one, ErrLoads, "by themselves"},
		"nothing":     {&results.Run{}, ErrLoads, "by themselves"},
		"five blocks": {short, ErrUntrusted, "poll has 5 blocks"},
		"ws invalid":  {doubtful, ErrUntrusted, "ws has 0 blocks"},
	} {
		if _, err := Learn(c.run); !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %v with %q", name, err, c.want, c.says)
		}
	}
}

// An event waits all of the interval at worst, then for the way and the answer.
func TestPollsAreAsRareAsLatencyAllows(t *testing.T) {
	s := server{kind: kinds["poll"], worst: 5 * time.Millisecond, p99: 5 * time.Millisecond}
	for _, c := range []struct {
		staleness, p99, rtt, want time.Duration
		ok                        bool
	}{
		{time.Second, 0, 0, 995 * time.Millisecond, true},
		{time.Second, 0, 45 * time.Millisecond, 950 * time.Millisecond, true},
		{time.Second, 203 * time.Millisecond, 0, 200 * time.Millisecond, true},
		{0, 203 * time.Millisecond, 0, 200 * time.Millisecond, true},
		{100 * time.Millisecond, 500 * time.Millisecond, 0, 95 * time.Millisecond, true},
		{100 * time.Millisecond, 0, 45 * time.Millisecond, 50 * time.Millisecond, true},
		{100 * time.Millisecond, 0, 46 * time.Millisecond, 49 * time.Millisecond, false}, // due before the last is answered
		{4 * time.Millisecond, 0, 0, 0, false},
	} {
		p := Profile{Staleness: c.staleness, P99: c.p99, RTT: c.rtt}
		if got, ok := s.pollEvery(&p); (got-c.want).Abs() > time.Microsecond || ok != c.ok {
			t.Errorf("%+v: every %s, %v", c, got, ok)
		}
	}
}

func TestALongPollIsAskedForEachTurnAndAfterEachHold(t *testing.T) {
	for _, c := range []struct{ λ, rtt, hold, want, within float64 }{
		{2, 0, 25, 2, 1e-9},                        // one for each
		{1e-6, 0, 25, 1.0 / 25, 1e-4},              // none comes, so each ends in vain
		{1e-6, 0.5, 25, 1 / 25.5, 1e-4},            //
		{1000, 0.05, 25, 20, 1e-9},                 // what comes while it is under way comes at once
		{0.04, 0, 25, 0.04 / (1 - 1/math.E), 1e-9}, // one mean distance is one hold
	} {
		if got := held(c.λ, c.rtt, c.hold); math.Abs(got-c.want) > c.within*c.want {
			t.Errorf("%+v: %v times a second", c, got)
		}
	}
	for _, c := range []struct{ λ, beat, want float64 }{
		{1e-9, 15, 1.0 / 15}, {10, 15, 0}, {1.0 / 15, 15, 1.0 / 15 / (math.E - 1)},
	} {
		if got := silence(c.λ, c.beat); math.Abs(got-c.want) > 1e-6 {
			t.Errorf("%+v: %v signs of life a second", c, got)
		}
	}
}

// The sums by hand: 200,000 clients, two events a second of 200 B.
func TestServersAreThoseOfTheSum(t *testing.T) {
	truths := resultstest.Truths()
	p := usual()
	a := learn(t, truths, 0, 1).Decide(p, nil)
	for _, place := range a.Ranking {
		is, truth := place.Predicted, truths[place.Transport]
		deliveries, kib := 400_000.0, 400_000*200/1024.0
		µs := 200_000*truth.Client + deliveries*truth.Delivery + kib*truth.Payload + 2*truth.Event
		down := deliveries * (truth.Down + 200)
		switch place.Transport {
		case "poll":
			polls := 200_000 / place.Interval.Seconds()
			µs += polls * truth.Request
			down += polls * truth.RequestDown
		case "longpoll":
			µs += deliveries * truth.Request
			down += deliveries * truth.RequestDown
		default:
			µs += deliveries * truth.Write
		}
		if got, want := is.CPUs.Median, µs/1e6; math.Abs(got-want) > 0.01*want {
			t.Errorf("%s: %v CPUs, want %v", place.Transport, got, want)
		}
		if got, want := is.Memory.Median, 200_000*truth.Memory; math.Abs(got-want) > 0.01*want {
			t.Errorf("%s: %v bytes, want %v", place.Transport, got, want)
		}
		if got, want := is.Egress.Median, down*month; math.Abs(got-want) > 0.01*want {
			t.Errorf("%s: %v bytes a month, want %v", place.Transport, got, want)
		}
		if got, want := is.Bounds[byCPU].Servers.Median, µs/1e6/(4*0.6); math.Abs(got-want) > 0.02*want {
			t.Errorf("%s: %v servers by CPU, want %v", place.Transport, got, want)
		}
		var sum float64
		for _, term := range is.Terms {
			sum += term.CPUs
		}
		if math.Abs(sum-is.CPUs.Median) > 0.01*sum {
			t.Errorf("%s: its terms are %v CPUs, and all of it %v", place.Transport, sum, is.CPUs.Median)
		}
	}
}

// An audience is served one after the other, so a tight p99 needs more servers than
// their CPU time does.
func TestATightLatencyNeedsMoreServers(t *testing.T) {
	truths := resultstest.Truths()
	m := learn(t, truths, 0, 1)
	p := usual()
	p.Rate, p.Staleness, p.P99 = 0.01, 0, 108*time.Millisecond
	for _, place := range m.Decide(p, nil).Ranking {
		if place.Transport != "ws" {
			continue
		}
		is := truths["ws"]
		turn := is.Write + is.Delivery + is.Payload*200/1024 // µs
		want := 200_000 * turn / 1e6 / (4 * 0.100 / 0.99)
		if got := place.Predicted; got.BoundBy != "latency" || math.Abs(got.Servers.Median-want) > 0.02*want {
			t.Errorf("%v servers by %s, want %v by latency", got.Servers.Median, got.BoundBy, want)
		}
		if place.P99 > p.P99 || place.P99 < p.P99/2 {
			t.Errorf("promises p99 %s, of %s", place.P99, p.P99)
		}
	}
}

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
	for seed, noise := range map[uint64]float64{1: 0, 2: 0.05} {
		m := learn(t, resultstest.Truths(), noise, seed)
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

// A flip is where it says: on the near side of it is the answer, on the far side
// the other one.
func TestFlipsAreWhereTheySay(t *testing.T) {
	m := learn(t, resultstest.Truths(), 0.02, 1)
	seen := map[string]bool{}
	for _, p := range []Profile{
		usual(),
		func() Profile { p := usual(); p.Staleness = 20 * time.Second; return p }(),
		func() Profile { p := usual(); p.P99 = 250 * time.Millisecond; p.Stay = time.Hour; return p }(),
		func() Profile { p := usual(); p.Clients, p.Rate, p.Uplink = 1e6, 0.01, 0.5; return p }(),
	} {
		a := m.Decide(p, nil)
		if len(a.Flips) == 0 {
			t.Errorf("%s: nothing changes %q", p, a.Text)
		}
		for _, f := range a.Flips {
			seen[f.Key] = true
			at := slices.IndexFunc(dials, func(d dial) bool { return d.key == f.Key })
			if at < 0 {
				continue // a property
			}
			d := dials[at]
			near, far := f.Value/1.02, f.Value*1.02
			if !f.Above {
				near, far = far, near
			}
			outcome := func(v float64) []string {
				q := d.set(p, v)
				all := m.weigh(q, nil)
				return sorted(named(all, winners(all, q, nil)))
			}
			if d.whole && f.Value < 100 {
				continue // a hundredth is no client
			}
			if got := outcome(near); !slices.Equal(got, sorted(a.Winners)) {
				t.Errorf("%s: %q, but at %v it is %v still to be %v", p, f.Text, near, got, a.Winners)
			}
			if got := outcome(far); !slices.Equal(got, sorted(f.Winners)) {
				t.Errorf("%s: %q, but at %v it is %v", p, f.Text, far, got)
			}
		}
	}
	for _, key := range []string{"staleness", "uplink", "clients"} {
		if !seen[key] {
			t.Errorf("no product's answer changes with %s: %v", key, seen)
		}
	}
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
