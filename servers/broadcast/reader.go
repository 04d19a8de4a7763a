package broadcast

import (
	"errors"

	"pushbench/servers/lean"
	"pushbench/servers/source"
)

// ErrUnread ends a connection whose client does not read.
var ErrUnread = errors.New("not read in time")

// A Client is a stream that follows a topic by way of a Reader.
type Client interface {
	lean.Stream
	// TooSlow: its policy wants it to be disconnected. It is not read for any more.
	TooSlow(now int64)
	// Tend is called now and then, and returns when it wants to be called again; it
	// may be called earlier, or the sixteenth part of the station's interval later.
	Tend(now int64) (again int64)
	// Leave: the server is about to end.
	Leave(now int64)
}

// A Reader writes to a client what its follower has. It is meant to be part of
// that client.
type Reader struct {
	source.Follower
	station *Station
	conn    *lean.Conn
	spoke   int64
	seat    lean.Seat
	waiting bool // for the kernel to take what was written
	ended   bool // reads no more
}

// Join begins to follow for the client that the connection streams to. What it is told first, it has been told;
// what is there by now goes out at once. Stop must follow when the connection has
// ended.
func (r *Reader) Join(s *Station, conn *lean.Conn, f source.Follower, now int64) {
	r.Follower, r.station, r.conn, r.spoke = f, s, conn, now
	s.add(r, now)
	if r.sent(now) {
		r.advance(now)
	}
}

// Stop ends the subscription. The connection can still be written to. It must be
// called when that has ended, and may be called more than once.
func (r *Reader) Stop() {
	if !r.ended {
		r.ended = true
		r.station.remove(r)
		r.Follower.Close()
	}
}

// Finish is Stop, and ends the connection in order: see lean.Conn.Finish.
func (r *Reader) Finish(now int64) {
	r.Stop()
	r.conn.Finish(now)
}

// Drained is for the stream's own: the kernel has taken everything. It says
// whether the client can be written to.
func (r *Reader) Drained(now int64) bool {
	r.waiting = false
	r.conn.Expire(0)
	if !r.ended {
		r.Wrote()
		r.advance(now)
	}
	return !r.waiting
}

// client is what the reader is part of: it has the connection.
func (r *Reader) client() Client { return r.conn.Holder().(Client) }

// Conn is the client's connection.
func (r *Reader) Conn() *lean.Conn { return r.conn }

// Waiting says whether the kernel has not taken all that was written. Nothing
// more should be written then.
func (r *Reader) Waiting() bool { return r.waiting }

// Spoke is when the client was written to last.
func (r *Reader) Spoke() int64 { return r.spoke }

// Send writes something of the client's own. It must not be waiting.
func (r *Reader) Send(now int64, b []byte) {
	r.conn.Write(b)
	r.sent(now)
}

// advance writes what the follower has, until there is nothing more or the
// kernel takes no more.
func (r *Reader) advance(now int64) {
	for !r.ended && !r.Current() {
		run := r.station.find(&r.Follower)
		instead, err := r.Take(&run.span)
		switch {
		case err != nil:
			r.Stop()
			r.client().TooSlow(now)
			return
		case instead != nil:
			r.conn.Write(r.station.notice(instead))
		case run.shared:
			r.conn.Share(run.bytes)
		case len(run.bytes) > 0:
			r.conn.Write(run.bytes)
		default: // whoever misbehaves on purpose shows nothing of it
			r.Wrote()
			continue
		}
		if !r.sent(now) {
			return
		}
		r.Wrote()
	}
}

// sent notes that something was written, and says whether the kernel has taken
// all of it. While it has not, the write timeout runs.
func (r *Reader) sent(now int64) bool {
	r.spoke = now
	if r.conn.Backlog() > 0 {
		r.waiting = true
		r.conn.Expire(now + int64(r.station.opts.writeTimeout()))
	}
	return !r.waiting
}
