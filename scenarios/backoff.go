package scenarios

import "time"

// Backoff is how long a client stays away that has lost its connection.
type Backoff struct {
	Kind  string   `yaml:"kind" json:"kind"`   // one of Backoffs
	First Duration `yaml:"first" json:"first"` // the first wait, or its ceiling
	Max   Duration `yaml:"max" json:"max"`     // the longest, or its ceiling
}

// Backoffs are the kinds there are: uniform below a ceiling that doubles with
// each failure (full jitter), at once, always the same, and doubling without dice.
var Backoffs = []string{"jitter", "none", "fixed", "exponential"}

func (s *Scenario) checkBackoff(c *checker) {
	c.oneOf("backoff.kind", s.Backoff.Kind, Backoffs)
	c.above("backoff.first", s.Backoff.First)
	c.above("backoff.max", s.Backoff.Max)
	c.check(s.Backoff.First <= s.Backoff.Max, "backoff.first", "%s is longer than backoff.max (%s)", s.Backoff.First, s.Backoff.Max)
}

// defaultBackoff is what a careful client does.
func defaultBackoff() Backoff {
	return Backoff{Kind: Backoffs[0], First: Duration(100 * time.Millisecond), Max: Duration(10 * time.Second)}
}
