package results

import "time"

// A SelfTest is the suite tried on itself: faults whose traces in the numbers
// are known beforehand, and what the numbers said.
type SelfTest struct {
	Schema   int           `json:"schema"`
	Started  time.Time     `json:"started"`
	Took     time.Duration `json:"took_ns"`
	Thorough bool          `json:"thorough,omitempty"` // with the load that tells extreme percentiles
	Machine  Machine       `json:"machine"`
	Checks   []Check       `json:"checks"`
}

// Missed counts the checks that found something else than they had to.
func (s *SelfTest) Missed() (n int) {
	for _, c := range s.Checks {
		if !c.OK() {
			n++
		}
	}
	return n
}

// A Check is one fault on one transport.
type Check struct {
	Fault     string   `json:"fault"` // its name in the self-test
	Does      string   `json:"does"`  // what is done, in words
	Transport string   `json:"transport"`
	Tries     int      `json:"tries"` // more than one: the machine was in the way
	Answers   []Answer `json:"answers"`
	Trial     *Trial   `json:"trial"` // what the answers were read from
}

// OK says whether every number is what it must be.
func (c Check) OK() bool { return len(c.Misses()) == 0 && len(c.Answers) > 0 }

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
	// Timed marks a length of time, which a busy machine can spoil; a count it
	// cannot.
	Timed bool   `json:"timed,omitempty"`
	Note  string `json:"note,omitempty"` // where the bounds come from, or what was there instead
}

// OK says whether the number lies within its bounds. One that does not exist
// (NaN) does not.
func (a Answer) OK() bool { return a.Have >= a.Lo && a.Have <= a.Hi }
