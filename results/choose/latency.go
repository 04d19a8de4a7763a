package choose

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"pushbench/results"
	"pushbench/results/compare"
)

// listen finds the server's latency, in the row with the fewest clients that is
// ranked and tells it; of several, in the one that is latest. Clients that come and
// go or send, and bursts, have others.
func (s *server) listen(run *results.Run, is executed) bool {
	var found *quiet
	for _, r := range s.quietRows(run) {
		if found != nil && r.clients > found.clients {
			break
		}
		if r.tell(is.Expects) && (found == nil || r.p99 > found.p99) {
			found = r
		}
	}
	if found == nil {
		return false
	}
	s.p99, s.worst, s.doubts, s.busy = found.p99, found.worst, found.doubts, found.busy
	s.row = fmt.Sprintf("%s with %s", plural(float64(len(found.trials)), "trial"), plural(float64(found.clients), "client"))
	axes := found.trials[0].Axes
	if rate := axes["schedule.rate"]; rate != "" {
		s.row += " at " + rate
	}
	if s.clock {
		interval := time.Duration(is.Poll.Interval)
		if own, err := time.ParseDuration(axes["poll.interval"]); err == nil {
			interval = own
		}
		// What a poll takes beside waiting for its turn, which is all of the interval.
		s.worst = max(0, s.worst-interval)
		s.p99 = s.worst
	}
	return true
}

// A quiet row is one whose latency is that of an event by itself.
type quiet struct {
	clients    int
	trials     []*results.Trial // that are valid, and then those that tell
	all        int
	p99, worst time.Duration
	doubts     string
	busy       float64
}

// quietRows are those of the server, the fewest clients first.
func (s *server) quietRows(run *results.Run) []*quiet {
	index := map[string]*quiet{}
	var all []*quiet
	for i := range run.Trials {
		t := &run.Trials[i]
		if t.Transport != s.Transport || t.Stack != s.Stack || t.Arm != "" || moved(t.Axes) {
			continue
		}
		key := fmt.Sprintf("%d %q", t.Clients, t.Axes)
		r := index[key]
		if r == nil {
			r = &quiet{clients: t.Clients}
			index[key] = r
			all = append(all, r)
		}
		r.all++
		if t.Verdict.State == results.Valid {
			r.trials = append(r.trials, t)
		}
	}
	slices.SortStableFunc(all, func(a, b *quiet) int { return cmp.Compare(a.clients, b.clients) })
	return all
}

// tell takes the latencies of a row that is ranked and has events and samples enough,
// as tables do: what no trial was above, which of six is where the interval of their
// median ends. Trials with a doubt that the scenario excuses are left out where the
// others are enough, and else are in it: a late generator, or a source that was held
// up, can only have added to latency.
func (r *quiet) tell(excused []string) bool {
	var clean []*results.Trial
	codes := map[string]int{}
	for _, t := range r.trials {
		if of := doubtsOf(t, excused); of == nil {
			clean = append(clean, t)
		} else {
			for _, code := range of {
				codes[code]++
			}
		}
	}
	if 3*len(clean) >= 2*r.all && r.measure(clean) {
		if n := len(r.trials) - len(clean); n > 0 {
			r.doubts = fmt.Sprintf("%d of %d trials are left out of it (%s)", n, len(r.trials), counted(codes))
		}
		r.trials = clean
		return true
	}
	if 3*len(r.trials) < 2*r.all || !r.measure(r.trials) {
		return false
	}
	if len(codes) > 0 {
		r.doubts = fmt.Sprintf("its trials have doubts that the scenario excuses (%s), which can only have added to it", counted(codes))
	}
	return true
}

// measure takes the largest of the trials' latencies. It is not ok where these are
// too few to tell.
func (r *quiet) measure(trials []*results.Trial) bool {
	var events int64
	var p99, most, busy []float64
	for _, t := range trials {
		events += t.Events.Published
		p, told := t.Metric("latency_p99")
		m, known := t.Metric("latency_max")
		if told && known {
			p99, most, busy = append(p99, p), append(most, m), append(busy, t.Usage.ServerBusy)
		}
	}
	if 3*len(p99) < 2*r.all || events < results.MinEvents {
		return false
	}
	ms := func(v float64) time.Duration { return time.Duration(v * float64(time.Millisecond)) }
	r.p99, r.worst = ms(slices.Max(p99)), ms(slices.Max(most))
	s, _ := compare.Summary(busy)
	r.busy = s.Median
	return r.p99 > 0
}

// doubtsOf are the codes of what would make one doubt the trial's latency, were it
// not that the scenario expects it.
func doubtsOf(t *results.Trial, excused []string) (codes []string) {
	for _, r := range t.Verdict.Reasons {
		if slices.Contains(excused, r.Code) && !slices.Contains(codes, r.Code) {
			codes = append(codes, r.Code)
		}
	}
	return codes
}

// counted words codes with how many trials have each.
func counted(codes map[string]int) string {
	var texts []string
	for _, code := range slices.Sorted(maps.Keys(codes)) {
		texts = append(texts, fmt.Sprintf("%s in %d", code, codes[code]))
	}
	return strings.Join(texts, ", ")
}

// moved says whether clients come and go or send, or events come at once.
func moved(axes map[string]string) bool {
	for axis, still := range map[string]string{"churn.stay": "0s", "schedule.burst": "1", "uplink.rate": "0/s"} {
		if value := axes[axis]; value != "" && value != still {
			return true
		}
	}
	return false
}
