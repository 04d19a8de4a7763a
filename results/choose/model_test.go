package choose

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"pushbench/results"
	"pushbench/results/compare"
	"pushbench/results/resultstest"
)

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
		if s.row != "6 trials with 100 clients at 10/s" {
			t.Errorf("%s: latency of the row with %s", s.Transport, s.row)
		}
	}
	if m.hold != 25*time.Second || m.beat != 15*time.Second || m.keep != 1024 || m.message != 64 || !m.bursts {
		t.Errorf("held for %s, a sign of life after %s, %d events kept, messages of %v B, bursts: %v", m.hold, m.beat, m.keep, m.message, m.bursts)
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
	strange := resultstest.Star(resultstest.Truths(), 6, 0, 1)
	for i := range strange.Trials {
		strange.Trials[i].Axes["slow.share"] = []string{"0%", "10%"}[strange.Trials[i].Clients/400%2]
	}
	spoilt := resultstest.Star(resultstest.Truths(), 6, 0, 1) // one axis, and no trial counts
	spoilt.Trials = slices.DeleteFunc(spoilt.Trials, func(t results.Trial) bool { return t.Axes["schedule.rate"] != "10/s" })
	for i := range spoilt.Trials {
		spoilt.Trials[i].Axes = map[string]string{"clients": spoilt.Trials[i].Axes["clients"]}
		spoilt.Trials[i].Verdict.State = results.Invalid
	}
	crowds := resultstest.Star(resultstest.Truths(), 6, 0, 1) // more clients get more events, and that is all
	crowds.Trials = slices.DeleteFunc(crowds.Trials, func(t results.Trial) bool {
		return t.Transport != "sse" || t.Axes["schedule.rate"] != "10/s" || t.Axes["schedule.burst"] != "1" || t.Axes["topics"] != "broadcast" ||
			t.Axes["payload.size"] != "64B" || t.Axes["uplink.rate"] != "0/s" || t.Axes["churn.stay"] != "0s"
	})
	for name, c := range map[string]struct {
		run  *results.Run
		want error
		says string
	}{
		"one rate":     {crowds, ErrLoads, "the loads of sse do not differ enough in schedule.rate"},
		"another axis": {strange, ErrLoads, "it varies slow.share, and"},
		"all invalid":  {spoilt, ErrUntrusted, "too few of its trials are valid"},
		"one load":     {one, ErrLoads, "by themselves: of no transport it has more than 1 load, and 3 tell"},
		"nothing":      {&results.Run{}, ErrLoads, "more than 0 loads"},
		"five blocks":  {short, ErrUntrusted, "poll has 5 blocks"},
		"ws invalid":   {doubtful, ErrUntrusted, "ws has 0 blocks"},
	} {
		if _, err := Learn(c.run); !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %v with %q", name, err, c.want, c.says)
		}
	}
}

// A server that is asked more often than it answers has not done what its load says.
func TestTrialsWithMissedPollsAreLeftOutAndSaid(t *testing.T) {
	whole := resultstest.Star(resultstest.Truths(), 6, 0, 1)
	missed := resultstest.Star(resultstest.Truths(), 6, 0, 1)
	for i := range missed.Trials {
		if trial := &missed.Trials[i]; trial.Transport == "poll" && trial.Axes["poll.interval"] == "100ms" {
			trial.Usage.ServerCPU *= 3
			trial.Verdict.Reasons = []results.Reason{{Code: results.PollsMissed, State: results.Valid}}
		}
	}
	p := usual()
	answers := map[bool]*Answer{}
	for is, run := range map[bool]*results.Run{false: whole, true: missed} {
		m, err := Learn(run)
		if err != nil {
			t.Fatal(err)
		}
		answers[is] = m.Decide(p, nil)
	}
	for i, place := range answers[true].Ranking {
		got, want := place.Predicted.CPUs.Median, answers[false].Ranking[i].Predicted.CPUs.Median
		if math.Abs(got-want) > 1e-3*want {
			t.Errorf("%s: %v CPUs with missed polls in the run, want %v", place.Transport, got, want)
		}
	}
	const want = "6 trials of poll left out, in which polls came due"
	for is, a := range answers {
		if said := slices.ContainsFunc(a.Assumptions, func(text string) bool { return strings.HasPrefix(text, want) }); said != is {
			t.Errorf("polls missed: %v; assumed: %q", is, a.Assumptions)
		}
	}
}

func TestASizeIsReadAsAScenarioWritesIt(t *testing.T) {
	for text, want := range map[string]size{
		"64B": 64, "8KiB": 8 << 10, "2kB": 2000, "1MiB": 1 << 20, "32B..1KiB": (32 + 1024) / 2, "100": 100, "": 0, "many": 0, "-5B": 0, "NaNB": 0,
	} {
		var got size
		if err := got.UnmarshalText([]byte(text)); err != nil || got != want {
			t.Errorf("%q: %v, %v; want %v", text, got, err, want)
		}
	}
}

// Without a run choose measures a part of the star only: it tells each of what a
// usual product does, and what it predicts is the same.
func TestTheFewLoadsThatChooseMeasuresByItselfAreEnough(t *testing.T) {
	few := resultstest.Star(resultstest.Truths(), 6, 0, 1)
	few.Trials = slices.DeleteFunc(few.Trials, func(t results.Trial) bool {
		a := t.Axes
		return t.Clients == 100 || a["schedule.rate"] == "40/s" || a["schedule.burst"] != "1" || a["topics"] != "broadcast" ||
			a["payload.size"] != "64B" || a["churn.stay"] != "0s" || a["poll.interval"] == "100ms"
	})
	m, err := Learn(few)
	if err != nil {
		t.Fatal(err)
	}
	p := usual()
	p.Size, p.Uplink, p.UplinkSize = 64, 0.1, 64
	whole := learn(t, resultstest.Truths(), 0, 1).Decide(p, nil)
	for _, place := range m.Decide(p, nil).Ranking {
		at := slices.IndexFunc(whole.Ranking, func(other Place) bool { return other.Transport == place.Transport })
		got, want := place.Predicted.CPUs.Median, whole.Ranking[at].Predicted.CPUs.Median
		if math.Abs(got-want) > 0.01*want {
			t.Errorf("%s: %v CPUs from few loads, and %v from all", place.Transport, got, want)
		}
		for _, term := range []compare.Term{compare.Client, compare.Delivery, compare.Message} {
			if s := m.servers[slices.IndexFunc(m.servers, func(s server) bool { return s.Transport == place.Transport })]; !s.Tells(term) {
				t.Errorf("%s: few loads do not tell what each %s takes", s.Transport, term)
			}
		}
	}
}
