package choose

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"pushbench/results"
	"pushbench/results/compare"
)

// Errors of Learn.
var (
	// ErrLoads says that a run has too few loads, or loads that lie on no plane, so
	// that nobody can say what of it is whose.
	ErrLoads = errors.New("it does not tell what clients and events take by themselves")
	// ErrUntrusted says that trials that are needed are not valid.
	ErrUntrusted = errors.New("too few of its trials are valid to predict from")
)

// Histograms are those of a trial that Learn looks at: a run may be read with them
// alone, which takes a part of the time.
var Histograms = []string{results.Latency}

// A Model is what a run says of its transports, for predictions.
type Model struct {
	Scenario string
	Started  time.Time
	Machine  results.Machine
	servers  []server
	hold     time.Duration // of an empty long poll
	beat     time.Duration // of a silent stream
	topics   string        // who shared one, where that was no axis
	bursts   bool          // it varies how many events come at once
	keep     int           // events that a topic keeps
	message  float64       // bytes of what a client sent; zero: not known
}

// A server is what was measured of one transport.
type server struct {
	compare.Slopes
	kind
	// p99 and worst are its latency where it has the fewest clients that tell it, of
	// short polling without the interval: no trial had more.
	p99, worst time.Duration
	row        string  // which trials those are
	doubts     string  // that were excused in them, or left some out; "" is none
	busy       float64 // share of the server's CPUs in them
	kernel     float64 // bytes of a connection, of both ends; zero: not known
}

// Learn reads what a run says. Its error is of ErrLoads, ErrUntrusted, or neither.
func Learn(run *results.Run) (*Model, error) {
	run = run.Standard()
	is := executedOf(run)
	m := &Model{
		Scenario: run.Scenario, Started: run.Started, Machine: run.Machine,
		hold:   cmp.Or(time.Duration(is.Longpoll.Hold), 25*time.Second),
		beat:   cmp.Or(time.Duration(is.Heartbeat), 15*time.Second),
		bursts: len(is.Axes["schedule.burst"]) > 1, keep: is.Log.Keep, message: float64(is.Uplink.Size),
	}
	if is.Axes["topics"] == nil {
		m.topics = is.Topics
	}
	slopes := compare.SlopesOf(run)
	if len(slopes) == 0 {
		return nil, lacking(run)
	}
	var short []string
	for _, name := range transportsOf(run) {
		at := slices.IndexFunc(slopes, func(s compare.Slopes) bool { return s.Transport == name })
		if at < 0 || len(slopes[at].Blocks) < compare.MinTrials {
			n := 0
			if at >= 0 {
				n = len(slopes[at].Blocks)
			}
			short = append(short, fmt.Sprintf("%s has %s that %s what it takes, and needs %d", name, plural(float64(n), "block"), verb(n, "tells", "tell"), compare.MinTrials))
			continue
		}
		one := server{Slopes: slopes[at], kind: kindOf(name)}
		if !one.Tells(compare.Delivery) && !one.Tells(compare.Write) && !one.Tells(compare.Request) {
			return nil, fmt.Errorf("%w: the loads of %s do not differ enough in schedule.rate, so that its clients would take what its events do", ErrLoads, name)
		}
		if !one.listen(run, is) {
			short = append(short, name+" has no row that tells its latency")
			continue
		}
		one.kernel = kernelOf(run, name)
		m.servers = append(m.servers, one)
	}
	if len(short) > 0 {
		return nil, fmt.Errorf("%w: %s", ErrUntrusted, strings.Join(short, ", "))
	}
	order := func(one server) int {
		return slices.IndexFunc(slopes, func(s compare.Slopes) bool { return s.Transport == one.Transport })
	}
	slices.SortFunc(m.servers, func(a, b server) int { return cmp.Compare(order(a), order(b)) })
	return m, nil
}

// transportsOf are the run's, as they appear.
func transportsOf(run *results.Run) (names []string) {
	for i := range run.Trials {
		if name := run.Trials[i].Transport; !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// lacking says why a run has no slopes: what it lacks are loads, or trials of them
// that count.
func lacking(run *results.Run) error {
	if axes := compare.Unaccounted(run); axes != nil {
		return fmt.Errorf("%w: it varies %s, and what that does is no part of a sum", ErrLoads, listed(axes))
	}
	loads := map[string]map[string]bool{}
	most := 0
	for i := range run.Trials {
		t := &run.Trials[i]
		if loads[t.Transport] == nil {
			loads[t.Transport] = map[string]bool{}
		}
		loads[t.Transport][fmt.Sprintf("%d %q", t.Clients, t.Axes)] = true
		most = max(most, len(loads[t.Transport]))
	}
	if most < compare.MinLoads {
		return fmt.Errorf("%w: of no transport it has more than %s, and %d tell one thing from another", ErrLoads, plural(float64(most), "load"), compare.MinLoads)
	}
	return ErrUntrusted
}

// kernelOf is what memory a connection takes of the kernel, of both ends together,
// where there are the most of them; zero where nobody knows.
func kernelOf(run *results.Run, transport string) float64 {
	var each []float64
	most := 0
	for i := range run.Trials {
		t := &run.Trials[i]
		before, with := t.Usage.ServerIdle.Kernel, t.Usage.ServerFull.Kernel
		if t.Transport != transport || t.Verdict.State != results.Valid || moved(t.Axes) || before <= 0 || with <= before {
			continue
		}
		if t.Clients > most {
			most, each = t.Clients, nil
		}
		if t.Clients == most {
			each = append(each, float64(with-before)/float64(t.Clients))
		}
	}
	s, _ := compare.Summary(each)
	return s.Median
}

// transports are the model's, in its order.
func (m *Model) transports() []string {
	var names []string
	for _, s := range m.servers {
		names = append(names, s.Transport)
	}
	return names
}

// pollMemory is what a connection takes that is there to be asked on, in the block.
func (m *Model) pollMemory(block int, otherwise float64) float64 {
	at := slices.IndexFunc(m.servers, func(s server) bool { return s.clock })
	if at < 0 {
		return otherwise
	}
	for _, b := range m.servers[at].Blocks {
		if b.Block == block {
			return b.Memory
		}
	}
	return otherwise
}
