package choose

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"pushbench/results"
	"pushbench/results/compare"
	"pushbench/results/resultstest"
)

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
		case "sse":
			µs += deliveries * truth.Write
		case "ws": // is pinged as well, every 15 s: two bytes
			µs += (deliveries + 200_000/15.0) * truth.Write
			down += 200_000 / 15.0 * 2
		}
		if got, want := is.CPUs.Median, µs/1e6; math.Abs(got-want) > 1e-3*want {
			t.Errorf("%s: %v CPUs, want %v", place.Transport, got, want)
		}
		if got, want := is.Memory.Median, 200_000*truth.Memory; math.Abs(got-want) > 1e-3*want {
			t.Errorf("%s: %v bytes, want %v", place.Transport, got, want)
		}
		if got, want := is.Egress.Median, down*month; math.Abs(got-want) > 1e-3*want {
			t.Errorf("%s: %v bytes a month, want %v", place.Transport, got, want)
		}
		if got, want := is.Bounds[byCPU].Servers.Median, µs/1e6/(4*0.6); math.Abs(got-want) > 0.005*want {
			t.Errorf("%s: %v servers by CPU, want %v", place.Transport, got, want)
		}
	}
}

// What a sceptic adds and multiplies comes out as it is told, noise or not.
func TestTermsAddUpToTheWhole(t *testing.T) {
	p := usual()
	p.Uplink, p.Stay, p.Audience = 0.1, time.Hour, 50
	for seed := range uint64(10) {
		for _, place := range learn(t, resultstest.Truths(), 0.1, seed).Decide(p, nil).Ranking {
			var sum float64
			for _, term := range place.Predicted.Terms {
				sum += term.CPUs
				if product := term.Amount * term.Each.Median / 1e6; math.Abs(product-term.CPUs) > 1e-9*product {
					t.Errorf("seed %d: %s: %v × %v µs are told as %v CPUs", seed, place.Transport, term.Amount, term.Each.Median, term.CPUs)
				}
				if term.Hi == nil || *term.Hi < term.CPUs*(1-1e-9) {
					t.Errorf("seed %d: %s: %s is %v CPUs, at most %v", seed, place.Transport, term.Term, term.CPUs, term.Hi)
				}
			}
			if all := place.Predicted.CPUs.Median; math.Abs(sum-all) > 1e-9*all {
				t.Errorf("seed %d: the terms of %s are %v CPUs, and all of it %v", seed, place.Transport, sum, all)
			}
		}
	}
}

// Of a product that nothing happens to, a poll takes what its head takes; and each
// event that is there adds itself, once.
func TestBytesOfAPollAreThoseOfItsHeadAndOfWhatItBrings(t *testing.T) {
	truth := resultstest.Truths()["poll"]
	m := learn(t, resultstest.Truths(), 0, 1)
	for rate, brings := range map[float64]float64{1e-9: 0, 0.5: 0.5, 3: 3} { // to a poll a second
		p := usual()
		p.Rate, p.Staleness = rate, time.Second+truth.P99
		for _, place := range m.Decide(p, nil).Ranking {
			if place.Transport != "poll" {
				continue
			}
			want := truth.RequestDown + brings*(truth.Down+p.Size)
			if got := place.Predicted.Egress.Median / place.Predicted.Requests; math.Abs(got-want) > 1e-3*want {
				t.Errorf("at %v events a poll of %s takes %v bytes down, want %v", rate, place.Interval, got, want)
			}
			if got := place.Predicted.Ingress.Median / place.Predicted.Requests; math.Abs(got-truth.RequestUp) > 1e-3*truth.RequestUp {
				t.Errorf("at %v events a poll takes %v bytes up, want %v", rate, got, truth.RequestUp)
			}
		}
	}
}

// A ping is two bytes and its pong six, a comment of SSE eight, whatever a delivery
// takes: also where the run does not tell a write from one.
func TestSignsOfLifeTakeTheBytesThatTheyAre(t *testing.T) {
	truths := resultstest.Truths()
	few := resultstest.Star(truths, 6, 0, 1)
	few.Trials = slices.DeleteFunc(few.Trials, func(t results.Trial) bool { return t.Axes["schedule.burst"] != "1" })
	narrow, err := Learn(few)
	if err != nil {
		t.Fatal(err)
	}
	const rate, beats = 1.0 / 3600, 200_000 / 15.0 // next to all is silence
	p := usual()
	p.Rate = rate
	for name, m := range map[string]*Model{"all": learn(t, truths, 0, 1), "without bursts": narrow} {
		for _, place := range m.Decide(p, nil).Ranking {
			down, up := 200_000*rate*(truths[place.Transport].Down+p.Size), 0.0
			switch place.Transport {
			case "sse":
				down += beats * 8
			case "ws":
				down, up = down+beats*2, up+beats*6
			default:
				continue
			}
			if got := place.Predicted.Egress.Median / month; math.Abs(got-down) > 0.01*down {
				t.Errorf("%s, run of %s: %v bytes down a second, want %v", place.Transport, name, got, down)
			}
			if got := place.Predicted.Ingress.Median / month; math.Abs(got-up) > 0.01*up {
				t.Errorf("%s, run of %s: %v bytes up a second, want %v", place.Transport, name, got, up)
			}
		}
	}
}

func TestAMessageTakesTheBytesOfItsSize(t *testing.T) {
	truths := resultstest.Truths()
	m := learn(t, truths, 0, 1)
	p := usual()
	p.Uplink, p.UplinkSize = 0.1, 1064 // 1,000 more than in the run
	for _, place := range m.Decide(p, nil).Ranking {
		want := 200_000 * 0.1 * (truths[place.Transport].MessageUp + 1000) * month
		switch place.Transport {
		case "poll", "longpoll":
			want += place.Predicted.Requests*truths[place.Transport].RequestUp - 200_000*0.1*truths[place.Transport].RequestUp*month // posts are none of these
		case "ws":
			want += 200_000 / 15.0 * 6 * month // pongs
		}
		if got := place.Predicted.Ingress.Median; math.Abs(got-want) > 2e-3*want {
			t.Errorf("%s: %v bytes up a month, want %v", place.Transport, got, want)
		}
	}
}

// Servers close what is silent for two minutes: of posts that are rarer nearly each
// finds no connection.
func TestRarePostsOpenConnections(t *testing.T) {
	m := learn(t, resultstest.Truths(), 0, 1)
	for _, c := range []struct{ uplink, opened, open float64 }{ // of 200,000 clients
		{1, 0, 200_000},
		{1.0 / 120, 200_000 / 120.0 / math.E, 200_000 * (1 - 1/math.E)},
		{1.0 / 86400, 2.312, 277.6},
	} {
		p := usual()
		p.Uplink = c.uplink
		for _, w := range m.weigh(&p, nil) {
			opened, open := c.opened, c.open
			if w.Transport == "ws" {
				opened, open = 0, 0
			}
			if got := w.amounts[compare.Connection]; math.Abs(got-opened) > 1e-3*max(1, opened) {
				t.Errorf("%s at %v messages/s: %v connections are opened a second, want %v", w.Transport, c.uplink, got, opened)
			}
			if math.Abs(w.posting-open) > 1e-3*max(1, open) {
				t.Errorf("%s at %v messages/s: %v connections to send on, want %v", w.Transport, c.uplink, w.posting, open)
			}
		}
	}
}

// crooked has every other load take so much more than the truth, and the others so
// much less: no straight line is right about them, and no block differs from another.
func crooked(truths map[string]resultstest.Truth, by float64) *results.Run {
	run := resultstest.Star(truths, 6, 0, 1)
	more := map[string]bool{}
	for i := range run.Trials {
		trial := &run.Trials[i]
		load := fmt.Sprint(trial.Transport, trial.Axes)
		if _, known := more[load]; !known {
			more[load] = len(more)%2 == 0
		}
		if more[load] {
			trial.Usage.ServerCPU = time.Duration(float64(trial.Usage.ServerCPU) * (1 + by))
		} else {
			trial.Usage.ServerCPU = time.Duration(float64(trial.Usage.ServerCPU) * (1 - by))
		}
	}
	return run
}

// No block differs from another, so without the misfits every interval would be a
// point, and each difference be shown.
func TestAMisfitIsInTheIntervals(t *testing.T) {
	truths := resultstest.Truths()
	m, err := Learn(crooked(truths, 0.2))
	if err != nil {
		t.Fatal(err)
	}
	a := m.Decide(usual(), nil)
	misfits := map[string]float64{}
	for _, place := range a.Ranking {
		misfits[place.Transport] = place.Misfit
	}
	for i, place := range a.Ranking {
		if place.Misfit < 0.05 || place.Misfit > 0.5 {
			t.Errorf("%s: a misfit of %v where loads are 20 %% off", place.Transport, place.Misfit)
		}
		s := place.Predicted.CPUs
		if lo, hi := s.Median*(1-place.Misfit), s.Median*(1+place.Misfit); math.Abs(*s.Lo-lo) > 1e-9*lo || math.Abs(*s.Hi-hi) > 1e-9*hi {
			t.Errorf("%s: %v CPUs (%v to %v), want %v to %v", place.Transport, s.Median, *s.Lo, *s.Hi, lo, hi)
		}
		if e := place.Predicted.Egress; *e.Hi-*e.Lo > 1e-9*e.Median {
			t.Errorf("%s: bytes are exact, and told as %v to %v", place.Transport, *e.Lo, *e.Hi)
		}
		if i > 0 && place.Predicted.BoundBy == "cpu" && a.Ranking[0].Predicted.BoundBy == "cpu" {
			most := place.Beside.Median * (1 + place.Misfit) / (1 - misfits[a.Ranking[0].Transport])
			if math.Abs(*place.Beside.Hi-most) > 0.02*most {
				t.Errorf("%s costs up to %v× the first, want %v×", place.Transport, *place.Beside.Hi, most)
			}
		}
	}
}

func TestALeadBelowTheMisfitIsNone(t *testing.T) {
	truths := resultstest.Truths()
	worse := truths["ws"]
	worse.Write, worse.Delivery = 1.2*worse.Write, 1.2*worse.Delivery
	truths["sse"] = worse
	p := usual()
	p.Clients, p.Staleness = 1e6, 100*time.Millisecond
	if a := learn(t, truths, 0, 1).Decide(p, nil); !slices.Equal(a.Winners, []string{"ws"}) {
		t.Fatalf("where the lines fit: %q", a.Text)
	}
	m, err := Learn(crooked(truths, 0.2))
	if err != nil {
		t.Fatal(err)
	}
	if a := m.Decide(p, nil); !slices.Contains(a.Winners, "ws") || !slices.Contains(a.Winners, "sse") {
		t.Errorf("a fifth is a lead where loads are missed by a fifth: %q", a.Text)
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
