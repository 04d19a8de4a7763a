package choose

import (
	"strings"
	"testing"
	"time"

	"pushbench/results"
	"pushbench/results/resultstest"
)

// assumed is all that is assumed for the product, a line each.
func assumed(m *Model, change func(*Profile)) string {
	p := usual()
	change(&p)
	return strings.Join(m.Decide(p, nil).Assumptions, "\n")
}

// learned is the model of a star without noise that has been changed.
func learned(t *testing.T, change func(*results.Trial)) *Model {
	t.Helper()
	run := resultstest.Star(resultstest.Truths(), 6, 0, 1)
	for i := range run.Trials {
		change(&run.Trials[i])
	}
	m, err := Learn(run)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// Each is said of the product that it matters to, and of no other.
func TestWhatIsAssumedIsSaidWhereItMatters(t *testing.T) {
	whole := learn(t, resultstest.Truths(), 0, 1)
	kernel := learned(t, func(t *results.Trial) {
		t.Usage.ServerIdle.Kernel, t.Usage.ServerFull.Kernel = 1<<30, 1<<30+int64(t.Clients)*9<<10
	})
	few := learned(t, func(t *results.Trial) { // without what tells sizes and bursts apart
		if t.Axes["payload.size"] != "64B" || t.Axes["schedule.burst"] != "1" {
			t.Verdict.State = results.Invalid
		}
	})
	few.bursts = false
	burst := *few // in which each delivery is a write, bursts or not
	burst.bursts = true
	if got := assumed(whole, func(*Profile) {}); strings.Contains(got, "logs come on top") {
		t.Errorf("one log of all clients is worth a word:\n%s", got)
	}
	for want, c := range map[string]struct {
		with    *Model
		is      func(*Profile)
		without *Model
		not     func(*Profile)
	}{
		"latency is that of a server that is":                              {whole, func(*Profile) {}, nil, nil},
		"give --rtt":                                                       {whole, func(*Profile) {}, whole, func(p *Profile) { p.RTT = time.Millisecond }},
		"poll 9 KiB, ws 9 KiB":                                             {kernel, func(*Profile) {}, nil, nil},
		"memory is the servers' own":                                       {kernel, func(*Profile) {}, whole, func(*Profile) {}},
		"logs come on top, too: 100,000 topics":                            {whole, func(p *Profile) { p.Audience = 2 }, whole, func(*Profile) {}},
		"a message of 1,000 B takes as much CPU time as one of 64 B":       {whole, func(p *Profile) { p.Uplink, p.UplinkSize = 1, 1000 }, whole, func(p *Profile) { p.Uplink = 1 }},
		"messages come so rarely":                                          {whole, func(p *Profile) { p.Uplink = 0.001 }, whole, func(p *Profile) { p.Uplink = 1 }},
		"an event of 4 KiB counts as one of 64 B":                          {few, func(p *Profile) { p.Size = 4096 }, whole, func(p *Profile) { p.Size = 4096 }},
		"count as if they came one by one, of ws and sse":                  {few, func(p *Profile) { p.Burst = 5 }, &burst, func(p *Profile) { p.Burst = 5 }},
		"how the answer changes with size cannot be told":                  {few, func(*Profile) {}, whole, func(*Profile) {}},
		"a sign of life, every 15 s":                                       {whole, func(p *Profile) { p.Rate = 0.01 }, whole, func(*Profile) {}},
		"a client asks more seldom than any that was measured: poll 19.9×": {whole, func(p *Profile) { p.Rate, p.Staleness = 0.001, time.Minute }, whole, func(p *Profile) { p.Staleness = 2 * time.Second }},
		"a client asks more often than any that was measured: poll 1.75×":  {whole, func(p *Profile) { p.Staleness = 60 * time.Millisecond }, whole, func(*Profile) {}},
		"a client gets events more often than any that was measured:":      {whole, func(p *Profile) { p.Rate = 80 }, whole, func(*Profile) {}},
		"a server holds more clients than were measured on one":            {whole, func(*Profile) {}, whole, func(p *Profile) { p.Clients = 500 }},
	} {
		if got := assumed(c.with, c.is); !strings.Contains(got, want) {
			t.Errorf("without %q:\n%s", want, got)
		}
		if c.without == nil {
			continue
		}
		if got := assumed(c.without, c.not); strings.Contains(got, want) {
			t.Errorf("with %q, that says nothing to the product:\n%s", want, got)
		}
	}
}

// The star holds a load without events, so next to none is between two loads; without
// that one it is outside of all.
func TestClientsThatAreServedRarelyAreToldFromTheMeasured(t *testing.T) {
	rare := func(p *Profile) { p.Rate = 0.01 }
	const want = "longpoll 1,000×, poll 1,000×\na client asks more seldom"
	if got := assumed(learn(t, resultstest.Truths(), 0, 1), rare); strings.Contains(got, "more seldom") {
		t.Errorf("nothing at all was measured:\n%s", got)
	}
	busy := learned(t, func(t *results.Trial) {
		if t.Axes["schedule.rate"] == "0.1/s" {
			t.Verdict.State = results.Invalid
		}
	})
	if got := assumed(busy, rare); !strings.Contains(got, want) {
		t.Errorf("without %q:\n%s", want, got)
	}
}

// What a straight line gives back beyond its noise is a bend, and a reader is told.
func TestATermThatIsBelowZeroInEarnestIsSaid(t *testing.T) {
	truths := resultstest.Truths()
	odd := truths["ws"]
	odd.Client = -0.5
	truths["ws"] = odd
	a := learn(t, truths, 0.01, 1).Decide(usual(), nil)
	const want = "client of ws counts as nothing, though straight lines through its loads say -0."
	if text := strings.Join(a.Assumptions, "\n"); !strings.Contains(text, want) {
		t.Errorf("without %q:\n%s", want, text)
	}
	for _, place := range a.Ranking {
		if below := len(place.Below) > 0; below != (place.Transport == "ws") {
			t.Errorf("%s: below zero is %+v", place.Transport, place.Below)
		}
		for _, term := range place.Predicted.Terms {
			if place.Transport == "ws" && term.Term == "client" && term.CPUs != 0 {
				t.Errorf("clients of ws take %v CPUs", term.CPUs)
			}
		}
	}
	if a := learn(t, resultstest.Truths(), 0.05, 1).Decide(usual(), nil); strings.Contains(strings.Join(a.Assumptions, "\n"), "counts as nothing, though") {
		t.Errorf("where no term is below zero: %q", a.Assumptions)
	}
}
