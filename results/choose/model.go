package choose

import (
	"cmp"
	"encoding/json"
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
	// ErrLoads says that a run has one load only, or loads that lie on no plane, so
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
}

// A server is what was measured of one transport.
type server struct {
	compare.Slopes
	kind
	// p99 and worst are its latency where it has the fewest clients that tell it, of
	// short polling without the interval.
	p99, worst time.Duration
	row        string // which one that is
}

// Learn reads what a run says. Its error is of ErrLoads, ErrUntrusted, or neither.
func Learn(run *results.Run) (*Model, error) {
	var executed struct {
		Topics    string                    `json:"topics"`
		Poll      struct{ Interval length } `json:"poll"`
		Longpoll  struct{ Hold length }     `json:"longpoll"`
		Heartbeat length                    `json:"heartbeat"`
		Axes      map[string][]string       `json:"axes"`
	}
	// A scenario of another shape leaves what is usual.
	_ = json.Unmarshal(run.Executed, &executed)
	m := &Model{
		Scenario: run.Scenario, Started: run.Started, Machine: run.Machine,
		hold: cmp.Or(time.Duration(executed.Longpoll.Hold), 25*time.Second),
		beat: cmp.Or(time.Duration(executed.Heartbeat), 15*time.Second),
	}
	if executed.Axes["topics"] == nil {
		m.topics = executed.Topics
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
			short = append(short, fmt.Sprintf("%s has %d blocks that tell what it takes, and needs %d", name, n, compare.MinTrials))
			continue
		}
		one := server{Slopes: slopes[at], kind: kindOf(name)}
		if !one.listen(run, time.Duration(executed.Poll.Interval)) {
			short = append(short, name+" has no row that tells its latency")
			continue
		}
		m.servers = append(m.servers, one)
	}
	if len(short) > 0 {
		return nil, fmt.Errorf("%w: %s", ErrUntrusted, strings.Join(short, ", "))
	}
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

// lacking says why a run has no slopes.
func lacking(run *results.Run) error {
	for i := range run.Trials {
		if len(run.Trials[i].Axes) > 1 {
			return ErrUntrusted // there are loads, and they do not count
		}
	}
	return ErrLoads
}

// listen finds the server's latency, in the row with the fewest clients that is
// ranked and tells it. Clients that come and go or send, and bursts, have others.
func (s *server) listen(run *results.Run, interval time.Duration) bool {
	var found *quiet
	for _, r := range s.quietRows(run) {
		if found != nil && r.clients > found.clients {
			break
		}
		if r.tell() && (found == nil || r.p99 < found.p99) {
			found = r
		}
	}
	if found == nil {
		return false
	}
	s.p99, s.worst = found.p99, found.worst
	s.row = fmt.Sprintf("%d clients", found.clients)
	axes := found.trials[0].Axes
	if rate := axes["schedule.rate"]; rate != "" {
		s.row += " at " + rate
	}
	if s.clock {
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
	trials     []*results.Trial // that are valid
	all        int
	p99, worst time.Duration
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

// tell takes the medians of a row that is ranked and has events and samples enough,
// as tables do.
func (r *quiet) tell() bool {
	var events int64
	var p99, most []float64
	for _, t := range r.trials {
		events += t.Events.Published
		p, told := t.Metric("latency_p99")
		m, known := t.Metric("latency_max")
		if told && known {
			p99, most = append(p99, p), append(most, m)
		}
	}
	if 3*len(p99) < 2*r.all || events < results.MinEvents {
		return false
	}
	ms := func(values []float64) time.Duration {
		s, _ := compare.Summary(values)
		return time.Duration(s.Median * float64(time.Millisecond))
	}
	r.p99, r.worst = ms(p99), ms(most)
	return r.p99 > 0
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

// A length of time as a scenario writes it.
type length time.Duration

func (l *length) UnmarshalText(text []byte) error {
	d, err := time.ParseDuration(string(text))
	*l = length(d)
	return err
}
