package results

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"pushbench/results/hdr"
)

// ReconnectWindow is the grain in which attempts to connect again are counted, and
// the server's CPU time after a fault.
const ReconnectWindow = 100 * time.Millisecond

// A Recovery is how the clients of a trial came back from the faults that its
// scenario asked for.
type Recovery struct {
	Faults []Fault `json:"faults"`
}

// A Fault is one of them. What clients go through counts for the last one that has
// happened.
type Fault struct {
	Kind string `json:"kind"` // reset, restart, drain, stall
	Spec string `json:"spec"` // as the scenario has it
	// At is when it was done, from the beginning of the measured phase: a little
	// later than the scenario says, because a busy server must first hear of it.
	At time.Duration `json:"at_ns"`
	// Down is for how long there was no server; of a drain it counts from the word to
	// drain, and of a stall it is how long that held the server; zero after a reset.
	Down time.Duration `json:"down_ns"`
	// Closed is how many connections the server ended, of a reset.
	Closed int64 `json:"closed,omitempty"`
	// Ended are the connections that came to an end since, by reason as in Traffic.
	Ended map[string]int64 `json:"ended,omitempty"`
	// Again are those of them whose client had come back from this fault already.
	Again map[string]int64 `json:"ended_again,omitempty"`

	Cut      int64 `json:"cut"`      // clients that lost their connection
	Restored int64 `json:"restored"` // those of them that heard from a server again
	// Back is how long after the fault those did, by the first bytes that they read on
	// a new connection. Of long polling that is the answer to a held request, so the
	// time to the next event is in it.
	Back *hdr.Histogram `json:"back"`

	// Attempts are how often a client tried to connect again, in each window of
	// ReconnectWindow from the fault on until the last attempt.
	Attempts []int64 `json:"attempts,omitempty"`
	Refused  int64   `json:"refused"` // attempts that failed
	// Vain are those of them that began before there was a server again, by reason.
	Vain map[string]int64 `json:"refused_in_vain,omitempty"`

	// Busiest is the largest share of its CPUs that the server used in a window after
	// the fault; zero where nobody could look.
	Busiest float64 `json:"server_busiest"`
	// Queue is the largest number of connections that were seen waiting to be accepted;
	// nil where the kernel cannot be asked.
	Queue *int64 `json:"accept_queue_peak"`
	// Overflows is how often a connection found that queue full, of all servers of
	// this system.
	Overflows int64 `json:"accept_queue_overflows"`
}

// Tries are all attempts to connect again.
func (f *Fault) Tries() (n int64) {
	for _, window := range f.Attempts {
		n += window
	}
	return n
}

// Peak is how many attempts fell into the fullest window.
func (f *Fault) Peak() (n int64) {
	for _, window := range f.Attempts {
		n = max(n, window)
	}
	return n
}

// peakRatio is the fullest window over the mean of all, up to that of the last
// attempt: one client that comes much later than the others raises it.
func (f *Fault) peakRatio() (float64, bool) {
	return ratio(float64(f.Peak())*float64(len(f.Attempts)), float64(f.Tries()))
}

// cut and restored are of all faults.
func (r *Recovery) cut() (n int64) {
	for _, f := range r.Faults {
		n += f.Cut
	}
	return n
}

func (r *Recovery) restored() (n int64) {
	for _, f := range r.Faults {
		n += f.Restored
	}
	return n
}

// refused are, by reason, the attempts that failed because a fault had left no
// server behind.
func (r *Recovery) refused() map[string]int64 {
	all := map[string]int64{}
	if r == nil {
		return all
	}
	for _, f := range r.Faults {
		for reason, n := range f.Vain {
			if n > 0 && f.ends() && !slices.Contains(ownFailures, reason) {
				all[reason] += n
			}
		}
	}
	return all
}

// ends says whether the fault ends the server.
func (f *Fault) ends() bool { return f.Kind == "restart" || f.Kind == "drain" }

// holds says whether the source stands still for a while, so that what is due then
// is published late.
func (r *Recovery) holds() bool {
	return r != nil && slices.ContainsFunc(r.Faults, func(f Fault) bool { return f.ends() || f.Kind == "stall" })
}

// back are the times after which clients were restored, of all that were cut.
func (r *Recovery) back() (*hdr.Histogram, int64) {
	all := new(hdr.Histogram)
	if r == nil {
		return all, 0
	}
	for _, f := range r.Faults {
		if all.Merge(f.Back) != nil {
			return new(hdr.Histogram), 0
		}
	}
	return all, r.cut()
}

// recovery lists how a trial's clients came back from faults; of a trial without
// any there is nothing.
func (c *catalogue) recovery() {
	struck := func(t *Trial) bool { return t.Recovery != nil }
	c.where(struck, func(c *catalogue) {
		for _, part := range []struct {
			name, title string
			q           float64
		}{
			{"restored_p50", "time until half of the cut clients were restored", 0.5},
			{"restored_p95", "time until 95 % of the cut clients were restored", 0.95},
			{"restored_max", "time until all cut clients were restored", 1},
		} {
			c.until(part.name, part.title, part.q, func(t *Trial) (*hdr.Histogram, int64) { return t.Recovery.back() })
		}
		c.count("cut", "clients that lost their connection to a fault", Either, func(t *Trial) int64 { return t.Recovery.cut() })
		c.count("unrestored", "clients that did not hear from a server again", Less, func(t *Trial) int64 { return t.Recovery.absent() })
		c.worst("reconnect_attempts", "count", "attempts to connect again", func(f *Fault) (float64, bool) { return float64(f.Tries()), true })
		c.worst("reconnect_peak", "count", "attempts to connect again in the fullest 100 ms", func(f *Fault) (float64, bool) { return float64(f.Peak()), true })
		c.worst("reconnect_peak_ratio", "ratio", "fullest 100 ms of reconnecting over the mean until the last attempt", (*Fault).peakRatio)
		c.worst("server_busiest", "ratio", "largest share of its CPUs that the server used in 100 ms after a fault", func(f *Fault) (float64, bool) { return f.Busiest, f.Busiest > 0 })
		c.worst("accept_queue_peak", "count", "connections waiting to be accepted after a fault, at most", func(f *Fault) (float64, bool) {
			if f.Queue == nil {
				return 0, false
			}
			return float64(*f.Queue), true
		})
		c.worst("accept_queue_overflows", "count", "connections that found the accept queue full", func(f *Fault) (float64, bool) { return float64(f.Overflows), true })
	})
}

// worst adds a number of a trial's faults: the largest of them.
func (c *catalogue) worst(name, unit, title string, of func(*Fault) (float64, bool)) {
	c.add(name, unit, title, Less, func(t *Trial) (worst float64, ok bool) {
		for i := range t.Recovery.Faults {
			if n, told := of(&t.Recovery.Faults[i]); told {
				worst, ok = max(worst, n), true
			}
		}
		return worst, ok
	})
}

// unasked counts, by reason, the connections that broke without a fault to break
// them: before there was any, or of more clients than it can have cut.
func unasked(t *Trial) map[string]int64 {
	lost := broken(t.Traffic.Closed)
	if t.Recovery == nil {
		return lost
	}
	for _, f := range t.Recovery.Faults {
		for reason, n := range f.doing() {
			lost[reason] -= n
		}
	}
	maps.DeleteFunc(lost, func(_ string, n int64) bool { return n <= 0 })
	return lost
}

// doing are the connections that the fault has broken, by reason. It cuts nobody
// twice, and a reset no more than the server was told to end: of what else broke
// then, the resets are the likeliest to be its own.
func (f *Fault) doing() map[string]int64 {
	own := broken(f.Ended)
	for reason, n := range f.Again {
		own[reason] -= n
	}
	if f.Kind != "reset" {
		return own
	}
	reasons := slices.Sorted(maps.Keys(own))
	slices.SortStableFunc(reasons, func(a, b string) int {
		return cmp.Compare(strings.Count(a, "reset"), strings.Count(b, "reset"))
	})
	more := sum(own) - f.Closed
	for _, reason := range reasons {
		n := max(0, min(more, own[reason]))
		own[reason] -= n
		more -= n
	}
	return own
}

// faultsText names a trial's faults, as the scenario has them.
func faultsText(t *Trial) string {
	var specs []string
	for _, f := range t.Recovery.Faults {
		specs = append(specs, f.Spec)
	}
	return strings.Join(specs, ", ")
}

// absent counts the clients that a fault has cut and that did not come back.
func (r *Recovery) absent() int64 {
	if r == nil {
		return 0
	}
	return r.cut() - r.restored()
}

func cutText(t *Trial) string {
	return fmt.Sprintf("%d times a client of %d lost its connection, as the scenario asked for (%s): %s",
		t.Recovery.cut(), t.Clients, faultsText(t), reasonsOf(broken(t.Traffic.Closed)))
}
