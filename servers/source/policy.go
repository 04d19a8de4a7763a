package source

import (
	"errors"
	"fmt"

	"pushbench/servers/wire"
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

// A Limit is how far a subscriber may fall behind before it is too slow, beside
// falling off the log. A zero leaves that to the log.
type Limit struct {
	Events int
	Bytes  int64 // of events as they are sent, without a transport's framing
}

// A Follower is a subscription that is read under a policy. Its methods are for
// one goroutine at a time.
type Follower struct {
	*Subscription
	rule    *Rule
	client  Client
	begun   bool // has read: from now on a gap is the subscriber's own doing
	current bool // has been up to date since it joined
}

// Follow puts the subscription of the client at that address under a policy. A
// subscriber is too slow when it falls off the log or exceeds the limit.
//
// Note: what a subscriber missed before it came is not held against it. A gap
// in its first reading is told under either policy, and the limit counts from
// when it was up to date: otherwise resuming within the log would lose events,
// or a disconnected subscriber could never come back.
func (s *Subscription) Follow(policy Policy, limit Limit, client string) Follower {
	return s.FollowAs(&Rule{policy, limit}, address(client))
}

// A Rule is a policy and when it applies. Many followers share one.
type Rule struct {
	Policy Policy
	Limit  Limit
}

// A Client tells its address to who wants to know, which is seldom.
type Client interface{ Name() string }

type address string

func (a address) Name() string { return string(a) }

// FollowAs is Follow for a client whose address is asked for when there is
// something to say of it: asking the kernel for those of thousands costs time, and
// keeping them memory.
func (s *Subscription) FollowAs(rule *Rule, client Client) Follower {
	return Follower{Subscription: s, rule: rule, client: client}
}

// Next is Subscription.Next under the policy: for a subscriber that is too slow
// it returns a reading with a gap, or ErrSlow.
func (f *Follower) Next(limit int, dst []*Entry) (Reading, error) {
	if f.current && f.exceeds() {
		gap, err := f.skipped()
		return Reading{Entries: dst, Gap: gap, Cursor: f.Cursor()}, err
	}
	r := f.Subscription.Next(limit, dst)
	if r.Gap != nil && f.begun {
		if f.found(); f.rule.Policy == Disconnect {
			return Reading{}, ErrSlow
		}
	}
	f.begun = true
	f.current = f.current || !r.More
	return r, nil
}

// exceeds says whether the subscriber is further behind than the limit.
func (f *Follower) exceeds() bool {
	if f.rule.Limit == (Limit{}) {
		return false
	}
	return f.rule.Limit.exceeded(f.Lacks())
}

// exceeded says whether somebody who lacks so much is further behind than that.
func (l Limit) exceeded(events int, bytes int64) bool {
	return l.Events > 0 && events > l.Events || l.Bytes > 0 && bytes > l.Bytes
}

// skipped is what a follower beyond its limit is told in place of what it lacks.
func (f *Follower) skipped() (*wire.Gap, error) {
	if f.found(); f.rule.Policy == Disconnect {
		return nil, ErrSlow
	}
	return f.Skip(), nil
}

func (f *Follower) found() { f.topic.source.opts.Found.Note(f.client.Name(), TooSlow) }
