package recorder

import (
	"slices"

	"pushbench/results"
)

// A source has lives: a server that is killed takes its logs with it, and the next
// one begins anew, in another epoch, with number 1. A client is owed the events of
// every life from its hello on, and its account holds the numbers of one life at a
// time: what it had of those before is kept aside.

// Begin says that a life of the source begins, in that epoch. It must be called
// before any client can hear of it, and 256 times at most: a Client has a byte for
// the number of its life. Where it is not called there is one life, in whatever
// epoch.
func (r *Recorder) Begin(epoch string) {
	r.each(func(s *Shard) {
		if len(s.epochs) > 0 {
			s.fanout = append(s.fanout, make([][]arrival, s.topics)...)
		}
		s.epochs = append(s.epochs, epoch)
	})
}

// A past is what a client had of a life when it moved on to another.
type past struct {
	topic       int32
	life, until uint8 // and the one to which it moved
	hello, next uint64
	spans       []span
}

// Enter notes in which life a client's subscription begins, at that instant and
// ahead of its Hello.
func (s *Shard) Enter(c *Client, epoch string, now int64) {
	life := s.lifeOf(epoch)
	switch {
	case life < 0: // nobody hands out such an epoch: it stays in its life
	case !c.joined:
		c.life = uint8(life)
	case life != int(c.life):
		s.crossed(c, epoch, now)
	}
}

func (s *Shard) lifeOf(epoch string) int { return slices.Index(s.epochs, epoch) }

// crossed takes the client to a later life of that epoch, with all of its events
// before it, or for good out of the account when there is no such life. It says
// which.
func (s *Shard) crossed(c *Client, epoch string, now int64) bool {
	life := s.lifeOf(epoch)
	if c.foreign || life <= int(c.life) {
		c.foreign = true
		return false
	}
	if !s.raw && c.aside() == nil && now > s.from && c.current < s.to {
		s.lacks = append(s.lacks, lack{c.topic, c.life, uint8(life), c.oldest(), c.current, now})
	}
	s.pasts = append(s.pasts, past{c.topic, c.life, uint8(life), c.hello, c.next, c.spans()})
	if c.odd != nil {
		c.odd.spans = nil
	}
	c.life, c.hello, c.next, c.holed = uint8(life), 0, 1, false
	c.current = max(c.current, now)
	return true
}

// closed accounts for the lives that clients have left behind, and returns the
// deliveries in them as told by numbers.
func (s *Shard) closed(b *Books, a *results.Accounting, audience [][]int32) (delivered int64) {
	for _, p := range s.pasts {
		book := b.ledgers[p.life][p.topic]
		a.Owed += book.after(p.hello + 1)
		a.Lost[results.LostEpoch] += book.after(p.next)
		delivered += book.held(p.hello, p.next, p.spans, a)
		audience[p.life][p.topic]++
		// A life that came and went while it was away is lost to it as a whole.
		for life := p.life + 1; life < p.until; life++ {
			whole := b.ledgers[life][p.topic].after(1)
			a.Owed += whole
			a.Lost[results.LostEpoch] += whole
			audience[life][p.topic]++
		}
	}
	return delivered
}
