package source

import (
	"context"
	"errors"
	"fmt"
	"time"

	"pushbench/servers/wire"
)

// A Waiter waits for an instant of wire.Now; it returns late, never early, and
// the context's cause when that ends first.
type Waiter interface {
	WaitUntil(ctx context.Context, instant int64) error
}

// A Brake is a Waiter that can end a load at an instant that was not known when it
// began.
type Brake interface {
	Waiter
	// Over says that an event due then is not to be published any more, nor those that
	// follow.
	Over(due int64) bool
}

// Timer is the Waiter that works everywhere, also in virtual time. The Go
// runtime rounds an idle process's timers up to a millisecond.
type Timer struct{}

// WaitUntil implements Waiter.
func (Timer) WaitUntil(ctx context.Context, instant int64) error {
	timer := time.NewTimer(wire.Until(instant))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// A Load is a schedule with what it publishes, between two instants of wire.Now.
type Load struct {
	Schedule Schedule `json:"schedule"`
	Payload  Payload  `json:"payload"`
	Start    int64    `json:"start"`
	End      int64    `json:"end"`
	// Skip is how many events at the beginning are left out, because another source
	// has published them: this one goes on where that one ended.
	Skip int `json:"skip,omitempty"`
}

// Drive publishes the load on all topics of the source, in the order in which
// they were added, and returns how many events that were. It is an open loop:
// an event is stamped with the instant at which it was due, one that is late
// goes out late, and none is skipped, so a stall of the process delays events
// and cannot hide. It ends when everything due before End has been published,
// or with the context's cause.
//
// Saturate is the exception: it publishes the next event on every topic when
// every cursor has the last one, and such events have no due instant. Reply
// publishes what answers the messages that clients say meanwhile.
func (s *Source) Drive(ctx context.Context, l Load, w Waiter) (published int, err error) {
	if err := errors.Join(l.Schedule.Check(), l.Payload.Check()); err != nil {
		return 0, err
	}
	if l.Payload.Raw != s.opts.Raw {
		return 0, fmt.Errorf("a raw load needs a raw source, and the reverse")
	}
	topics := s.Topics()
	if len(topics) == 0 {
		return 0, errors.New("source has no topics")
	}
	if l.Schedule.Kind == Saturate {
		s.tell() // its readers ask for nothing more while they lack something
		return s.saturate(ctx, l, topics, l.Payload.Maker(l.Schedule.Seed), w)
	}
	s.told.Store(false)
	defer s.tell()
	if l.Schedule.Kind == Reply {
		return s.reply(ctx, l, topics, w)
	}
	brake, _ := w.(Brake)
	message := l.contents()
	skip := l.Skip
	for tick := range l.Ticks(len(topics)) {
		due := l.Start + int64(tick.After)
		m := message(tick) // before the wait: making it must not delay it
		m.Due = due
		if skip > 0 {
			skip--
			continue
		}
		if due > wire.Now() {
			if err := w.WaitUntil(ctx, due); err != nil {
				return published, err
			}
		} else if published%64 == 0 && ctx.Err() != nil {
			return published, context.Cause(ctx) // far behind: no wait would notice
		}
		if brake != nil && brake.Over(due) {
			return published, nil
		}
		if _, err := topics[tick.Topic].Publish(m); err != nil {
			return published, err
		}
		published++
	}
	return published, nil
}

func (s *Source) saturate(ctx context.Context, l Load, topics []*Topic, payload func() []byte, w Waiter) (published int, err error) {
	s.pace()
	if err := w.WaitUntil(ctx, l.Start); err != nil {
		return 0, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, wire.Until(l.End), errEnd)
	defer cancel()
	for ctx.Err() == nil {
		for s.behind.Load() > 0 {
			select {
			case <-s.caught:
			case <-ctx.Done():
			}
			if ctx.Err() != nil {
				break
			}
		}
		if ctx.Err() != nil {
			break
		}
		for _, topic := range topics {
			if _, err := topic.Publish(wire.Message{Data: payload()}); err != nil {
				return published, err
			}
			published++
		}
		if s.behind.Load() <= 0 { // nobody listens yet: look again, without spinning
			if err := w.WaitUntil(ctx, wire.Now()+int64(time.Millisecond)); err != nil {
				break
			}
		}
	}
	if cause := context.Cause(ctx); cause != errEnd {
		return published, cause
	}
	return published, nil
}

// errEnd is how a saturating drive knows that its time was simply up.
var errEnd = errors.New("end of the load")
