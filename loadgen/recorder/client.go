package recorder

import "slices"

// A Client is what one client has been told, kept small: thousands of them
// live at once, and each is a line of the CPU's cache. Its fields belong to its shard.
type Client struct {
	topic     int32
	joined    bool
	foreign   bool  // its cursor was refused in favour of a life that nobody knows of
	state     State // at the moment
	holed     bool  // something below next may still come
	life      uint8 // of the source, in which its numbers are
	hello     uint64
	next      uint64 // the number after the last one in order
	current   int64  // since when the oldest event that it lacks is the oldest
	delivered int64  // events due in the measured phase
	waited    int64  // the sum of their latencies in ns
	odd       *odd   // nil for most
}

// An odd is what is kept of a client that is not like most.
type odd struct {
	spans []span // what is missing below next
	aside *aside // nil for the ordinary ones
}

// oddity is where that is kept.
func (c *Client) oddity() *odd {
	if c.odd == nil {
		c.odd = new(odd)
	}
	return c.odd
}

// spans are what the client lacks below next.
func (c *Client) spans() []span {
	if c.odd == nil {
		return nil
	}
	return c.odd.spans
}

// lacks adds to them.
func (c *Client) lacks(from, to uint64, why string) {
	o := c.oddity()
	o.spans = append(o.spans, span{from, to, why})
}

// aside is what is kept of a client that is not ordinary, nil for one that is.
func (c *Client) aside() *aside {
	if c.odd == nil {
		return nil
	}
	return c.odd.aside
}

// State is whether a client can still get what it lacks.
type State uint8

const (
	Down     State = iota // not connected
	Up                    // subscribed
	Asking                // connected, and gets things by asking: what it lacks is an answer away
	Vanished              // its network is gone, for good
)

// Is notes the client's state. The shard must be locked.
func (c *Client) Is(s State) { c.state = s }

// hole marks numbers that never came, though later ones did: if nothing
// explains them by the end, the trial is invalid.
const hole = ""

// A span is a range of numbers that the client lacks, and why.
type span struct {
	from, to uint64
	why      string
}

// oldest is the lowest number that the client lacks and may still get.
func (c *Client) oldest() uint64 {
	n := c.next
	for _, s := range c.spans() {
		if s.why == hole {
			n = min(n, s.from)
		}
	}
	return n
}

type order uint8

const (
	fresh order = iota
	late        // after a later one
	again       // had it already
)

// take notes that event n has come and says how it stands to the others.
func (c *Client) take(n uint64) order {
	if n == c.next {
		c.next++
		return fresh
	}
	if n > c.next {
		c.lacks(c.next, n-1, hole)
		c.next = n + 1
		return fresh
	}
	for i, s := range c.spans() {
		if s.why == hole && n >= s.from && n <= s.to {
			c.odd.spans = slices.Delete(c.odd.spans, i, i+1)
			if s.from < n {
				c.lacks(s.from, n-1, hole)
			}
			if n < s.to {
				c.lacks(n+1, s.to, hole)
			}
			return late
		}
	}
	return again
}

// lose notes that what follows up to number to will not come any more.
func (c *Client) lose(to uint64, why string) {
	if to >= c.next {
		c.lacks(c.next, to, why)
		c.next = to + 1
	}
}
