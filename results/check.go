package results

import (
	"slices"
	"time"
)

// A SelfTest is the suite tried on itself: faults whose traces in the numbers
// are known beforehand, and what the numbers said.
type SelfTest struct {
	Schema   int           `json:"schema"`
	Started  time.Time     `json:"started"`
	Took     time.Duration `json:"took_ns"`
	Thorough bool          `json:"thorough,omitempty"` // with the load that tells extreme percentiles
	Machine  Machine       `json:"machine"`
	Planned  int           `json:"planned"` // checks; those of a self-test that was cut short are fewer
	Checks   []Check       `json:"checks"`
}

// Count counts the checks that ended so.
func (s *SelfTest) Count(o Outcome) (n int) {
	for _, c := range s.Checks {
		if c.Outcome() == o {
			n++
		}
	}
	return n
}

// Cut says whether checks are missing that were planned.
func (s *SelfTest) Cut() bool { return len(s.Checks) < s.Planned }

// Disturbed counts the checks whose last try the machine was in the way of, and
// lists the codes that tell how.
func (s *SelfTest) Disturbed() (n int, codes []string) {
	for _, c := range s.Checks {
		if len(c.Disturbed) > 0 {
			n++
		}
		codes = append(codes, c.Disturbed...)
	}
	slices.Sort(codes)
	return n, slices.Compact(codes)
}

// An Outcome is how a check ended.
type Outcome string

const (
	Found Outcome = "ok"   // each number is what it must be
	Miss  Outcome = "miss" // some number is not
	// Undecided is a check in which only lengths of time are wrong, and what depends
	// on them, in a trial whose own readings say that the machine took its CPU or
	// memory away: neither the suite nor the fault can be told from that.
	Undecided Outcome = "undecided"
)

// A Check is one fault on one transport.
type Check struct {
	Fault     string   `json:"fault"` // its name in the self-test
	Does      string   `json:"does"`  // what is done, in words
	Transport string   `json:"transport"`
	Tries     int      `json:"tries"` // more than one: the machine was in the way
	Answers   []Answer `json:"answers"`
	// Disturbed are the codes of the trial's reasons that tell of the machine.
	Disturbed []string `json:"disturbed,omitempty"`
	Trial     *Trial   `json:"trial"` // what the answers were read from
}

// Outcome says how the check ended.
func (c Check) Outcome() Outcome {
	missed := c.Misses()
	counted := slices.ContainsFunc(missed, func(a Answer) bool { return !a.Timed || a.absurd() })
	switch {
	case len(c.Answers) == 0 || counted:
		return Miss
	case len(missed) == 0:
		return Found
	case len(c.Disturbed) > 0:
		return Undecided
	}
	return Miss
}

// Misses are the numbers that are not.
func (c Check) Misses() (missed []Answer) {
	for _, a := range c.Answers {
		if !a.OK() {
			missed = append(missed, a)
		}
	}
	return missed
}

// An Answer is one number of a trial, beside what it must be by arithmetic.
type Answer struct {
	Of   string  `json:"of"`             // a counter, a quantile, a share of a verdict
	Unit string  `json:"unit,omitempty"` // empty: a count
	Lo   float64 `json:"lo"`             // the least and
	Hi   float64 `json:"hi"`             // the most that it may be
	Have float64 `json:"have"`
	// Leads marks the numbers that the fault is about; of the others it must have
	// kept off.
	Leads bool `json:"leads,omitempty"`
	// Timed marks what depends on a length of time, which a machine that is busy
	// with something else can spoil; other counts it cannot.
	Timed bool   `json:"timed,omitempty"`
	Note  string `json:"note,omitempty"` // where the bounds come from, or what was there instead
}

// absurd says whether the number is one that no machine makes of a sound build,
// however busy it is: nothing at all, or twice as many.
func (a Answer) absurd() bool {
	nothing := a.Have == 0 && (a.Lo > 1 || a.Unit != "" && a.Lo > 0)
	return nothing || a.Unit == "" && a.Hi > 1 && a.Have >= 2*a.Hi
}

// OK says whether the number lies within its bounds. One that does not exist
// (NaN) does not.
func (a Answer) OK() bool { return a.Have >= a.Lo && a.Have <= a.Hi }
