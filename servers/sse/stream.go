package sse

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"time"

	"pushbench/servers/request"
	"pushbench/servers/source"
	"pushbench/servers/wire"
)

// batch is how many events at most share a flush.
const batch = 64

// A stream is one client's response. Only its handler's goroutine uses it.
type stream struct {
	handler  *Handler
	w        http.ResponseWriter
	control  *http.ResponseController
	ctx      context.Context // ends with the client, or with errShutdown
	follower source.Follower
	client   string // its address
	lift     bool   // the deadline must not outlast a write
	spoke    int64  // when the last write began
	renew    int64  // when the next write needs a deadline of its own
}

// serve subscribes, follows the topic until that ends, and says so to a client
// that can still be told.
func (s *stream) serve(asked request.Subscription) {
	o := s.handler.opts
	opening := appendRetry(make([]byte, 0, 256), o.retry())
	var sub *source.Subscription
	if asked.Cursor.IsZero() {
		var head uint64
		sub, head = asked.Topic.SubscribeHead()
		opening = appendHello(opening, asked.Topic.Cursor(head))
	} else {
		after, gap := asked.Topic.Resume(asked.Cursor)
		sub = asked.Topic.Subscribe(after)
		opening = append(opening, '\n')
		if gap != nil {
			opening = appendGap(opening, gap)
		}
	}
	defer sub.Close()
	s.follower = sub.Follow(o.Slow, o.Limit, s.client)

	err := s.send(opening)
	if err == nil {
		err = s.follow()
	}
	// Note: after a failed write the deadline stays as it is. Lifting it would
	// let net/http block for ever on what it still has buffered.
	switch {
	case errors.Is(err, errShutdown):
		s.send(append(appendRetry(nil, o.retry()+rand.N(o.retry())), '\n'))
	case errors.Is(err, source.ErrSlow):
		s.send(tooSlow)
	}
}

// follow writes what is new until the context ends, a write fails, or the
// client is too slow.
func (s *stream) follow() error {
	interval := s.handler.opts.heartbeat()
	beat := time.NewTimer(interval)
	defer beat.Stop()
	var entries []*source.Entry // grows to what a client needs; an idle one needs none
	for s.ctx.Err() == nil {
		r, err := s.follower.Next(s.handler.opts.perWrite(), entries)
		if err != nil {
			return err
		}
		if r.Gap != nil || len(r.Entries) > 0 {
			if err := s.write(r); err != nil {
				return err
			}
			clear(r.Entries) // a quiet stream must not keep old events alive
			entries = r.Entries[:0]
			continue
		}
		select {
		case <-s.follower.Changed():
		case <-beat.C:
			// The timer runs on while events flow and is only now told how long the
			// stream has been silent: setting it anew for every event costs more.
			if rest := s.spoke + int64(interval) - wire.Now(); rest > 0 {
				beat.Reset(time.Duration(rest))
				continue
			}
			if err := s.send(heartbeat); err != nil {
				return err
			}
			beat.Reset(interval)
		case <-s.ctx.Done():
		}
	}
	return context.Cause(s.ctx)
}

// write sends a reading with one flush.
func (s *stream) write(r source.Reading) error {
	s.begin()
	if r.Gap != nil {
		if _, err := s.w.Write(appendGap(nil, r.Gap)); err != nil {
			return err
		}
	}
	for _, e := range r.Entries {
		if _, err := s.w.Write(*s.handler.block(e)); err != nil {
			return err
		}
	}
	return s.flush()
}

// send sends one block.
func (s *stream) send(block []byte) error {
	s.begin()
	if _, err := s.w.Write(block); err != nil {
		return err
	}
	return s.flush()
}

// begin gives the write that follows a deadline: the server's counts from the
// request, and no stream would outlive it. Setting one costs the twentieth part
// of an event, so writes within an eighth of the timeout share theirs.
func (s *stream) begin() {
	s.spoke = wire.Now()
	if s.renew != 0 && s.spoke < s.renew && !s.lift {
		return
	}
	timeout := s.handler.opts.writeTimeout()
	s.control.SetWriteDeadline(wire.Deadline(timeout))
	s.renew = s.spoke + int64(timeout/8)
}

func (s *stream) flush() error {
	err := s.control.Flush()
	if err == nil && s.lift {
		// HTTP/2 resets a stream when its deadline passes, also one that is idle.
		// In HTTP/1 a deadline matters to a write only, so this is saved there.
		err = s.control.SetWriteDeadline(time.Time{})
	}
	return err
}
