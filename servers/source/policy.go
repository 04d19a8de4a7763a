package source

import (
	"errors"
	"fmt"
)

// A Policy is what a server does about a subscriber that does not keep up.
type Policy uint8

const (
	// Skip tells the subscriber in a gap notice what it missed, and goes on.
	Skip Policy = iota
	// Disconnect ends its connection and says why.
	Disconnect
)

// String is the policy as flags and scenarios write it.
func (p Policy) String() string {
	if p == Disconnect {
		return "disconnect"
	}
	return "skip"
}

// ParsePolicy reads what String wrote.
func ParsePolicy(s string) (Policy, error) {
	for _, p := range []Policy{Skip, Disconnect} {
		if s == p.String() {
			return p, nil
		}
	}
	return 0, fmt.Errorf("unknown policy %q (have %s, %s)", s, Skip, Disconnect)
}

// ErrSlow says that a subscriber did not keep up and is to be disconnected.
var ErrSlow = errors.New("too slow")

// A Follower is a subscription that is read under a policy. Its methods are for
// one goroutine at a time.
type Follower struct {
	*Subscription
	policy    Policy
	maxBehind int
	begun     bool // has read: from now on a gap is the subscriber's own doing
	current   bool // has been up to date since it joined
}

// Follow puts the subscription under a policy. A subscriber is too slow when it
// falls off the log, or more than maxBehind events behind; with zero the log
// decides alone.
//
// Note: what a subscriber missed before it came is not held against it. A gap
// in its first reading is told under either policy, and maxBehind counts from
// when it was up to date: otherwise resuming within the log would lose events,
// or a disconnected subscriber could never come back.
func (s *Subscription) Follow(policy Policy, maxBehind int) Follower {
	return Follower{Subscription: s, policy: policy, maxBehind: maxBehind}
}

// Next is Subscription.Next under the policy: for a subscriber that is too slow
// it returns a reading with a gap, or ErrSlow.
func (f *Follower) Next(limit int, dst []*Entry) (Reading, error) {
	if f.maxBehind > 0 && f.current && f.Behind() > f.maxBehind {
		if f.policy == Disconnect {
			return Reading{}, ErrSlow
		}
		return Reading{Entries: dst, Gap: f.Skip(), Cursor: f.Cursor()}, nil
	}
	r := f.Subscription.Next(limit, dst)
	if r.Gap != nil && f.begun && f.policy == Disconnect {
		return Reading{}, ErrSlow
	}
	f.begun = true
	f.current = f.current || !r.More
	return r, nil
}
