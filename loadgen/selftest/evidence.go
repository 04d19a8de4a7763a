package selftest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"pushbench/results"
	"pushbench/results/hdr"
)

// Evidence is a trial with all that is known about it beforehand.
type evidence struct {
	load
	manner  manner
	trial   *results.Trial
	transit *hdr.Histogram // latency under the same load without a fault; nil: not needed
	speaks  bool           // clients send over their own connection, and not by POST
	watched bool           // the engine tells of its own delays, and the kernel of its segments
}

// A bound is what one counter must be.
type bound struct {
	of     string
	lo, hi int64
	note   string // why it is a range; empty: it is exact
	leads  bool   // it is what the fault is about
	timed  bool   // it depends on what was under way at an instant, which a busy machine can change
}

func exactly(of string, n int64) bound { return bound{of: of, lo: n, hi: n} }

func between(of string, lo, hi int64, why string) bound {
	return bound{of: of, lo: lo, hi: hi, note: why}
}

// first marks the counter that the fault is about.
func (b bound) first() bound {
	b.leads = true
	return b
}

// in marks a counter of what happened within the phase, whatever was due in it.
func (b bound) in() bound {
	b.timed = true
	return b
}

func (b bound) answer(have int64) results.Answer {
	return results.Answer{
		Of: b.of, Lo: float64(b.lo), Hi: float64(b.hi), Have: float64(have), Leads: b.leads, Timed: b.timed, Note: b.note,
	}
}

// within is a length of time that must lie between two others.
func within(of string, have, lo, hi time.Duration) results.Answer {
	ms := func(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
	return results.Answer{Of: of, Unit: "ms", Lo: ms(lo), Hi: ms(hi), Have: ms(have), Timed: true}
}

// around is a length of time that must be another one, up to a tolerance.
func around(of string, have, want, tolerance time.Duration) results.Answer {
	return within(of, have, want-tolerance, want+tolerance)
}

// share is a part of a length of time.
func share(d time.Duration, part float64) time.Duration { return time.Duration(part * float64(d)) }

// leading marks the answers that the fault is about.
func leading(answers ...results.Answer) []results.Answer {
	for i := range answers {
		answers[i].Leads = true
	}
	return answers
}

func (e evidence) histogram(name string) *hdr.Histogram { return e.trial.Histograms[name] }

func (e evidence) latency(q float64) time.Duration {
	return e.histogram(results.Latency).Quantile(q)
}

// machine are reasons for which others are to blame, unless they are the fault's:
// the trial is tried again, and one that is disturbed in its last try too is told
// as such.
var machine = []string{"clock-step", "memory-pressure", "source-lag", "steal", "throttled"}

// late are reasons that a machine makes which has no CPU for one of the
// processes, and a fault as well.
var late = []string{"generator-delay", "generator-pause", "rate-missed", "source-lag", "trend"}

// tiny are findings of any state that these loads cannot cause: whoever makes them
// counts CPU time wrongly, or has far less of it than it takes.
var tiny = []string{"generator-cpu", "server-saturated", "shared-cpu"}

// accused are the reasons of the verdict that have to be explained. Other
// findings accuse nobody: what they are about is counted.
func (e evidence) accused() (reasons []results.Reason) {
	for _, r := range e.trial.Verdict.Reasons {
		if r.State != results.Valid || slices.Contains(tiny, r.Code) {
			reasons = append(reasons, r)
		}
	}
	return reasons
}

// among are the codes of the verdict that are on one of the lists.
func (e evidence) among(lists ...[]string) (codes []string) {
	for _, r := range e.trial.Verdict.Reasons {
		if slices.ContainsFunc(lists, func(list []string) bool { return slices.Contains(list, r.Code) }) {
			codes = append(codes, r.Code)
		}
	}
	return codes
}

// disturbed are the codes of the reasons that tell of the machine, of those that
// say more than that something was noticed.
func (e evidence) disturbed(x Experiment) (codes []string) {
	for _, r := range e.trial.Verdict.Reasons {
		if r.State != results.Valid && slices.Contains(machine, r.Code) && !slices.Contains(x.causes, r.Code) {
			codes = append(codes, r.Code)
		}
	}
	if x.leads() && e.manner != scheduled && e.latency(0.99) > brisk {
		codes = append(codes, slow)
	}
	return codes
}

// slow is the word for a machine that is not disturbed by anything that is told,
// and yet has no quiet second in which an honest server is brisk.
const slow = "slow"

// blame compares the reasons of the verdict with those that the fault must and
// may cause. What is late in a trial that the machine was taken from needs no
// other explanation.
func (e evidence) blame(x Experiment) (answers []results.Answer) {
	expected := [][]string{x.causes, x.allows, machine}
	if len(e.disturbed(x)) > 0 {
		expected = append(expected, late)
	}
	known := e.among(expected...)
	var other []string
	timed := true
	for _, r := range e.accused() {
		if !slices.Contains(known, r.Code) {
			other = append(other, fmt.Sprintf("%s (%s)", r.Code, r.Text))
			timed = timed && (slices.Contains(late, r.Code) || slices.Contains(tiny, r.Code))
		}
	}
	if len(x.causes) > 0 {
		answers = append(answers, results.Answer{
			Of: "verdict " + strings.Join(x.causes, " or "), Lo: 1, Hi: 1, Have: float64(min(1, len(e.among(x.causes)))),
			Leads: true, Timed: slices.Contains(late, x.causes[0]),
		})
	}
	return append(answers, results.Answer{
		Of: "other reasons", Have: float64(len(other)), Timed: timed, Note: strings.Join(other, ", "),
	})
}
