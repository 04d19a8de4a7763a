package ws

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"unicode/utf8"

	"github.com/gorilla/websocket"

	"pushbench/servers/broadcast"
	"pushbench/servers/wire"
)

// Why sessions end without a word to the client, or without waiting for one.
var (
	errEarly      = errors.New("the client spoke before the handshake was complete")
	errUnanswered = errors.New("close frame not answered")
)

// A session is one client's connection on the lean stack.
type session struct {
	broadcast.Reader
	part *part
	ping int64 // when the next ping is due
	pong int64 // when a pong must have come
	box  *box  // nil: nothing has arrived in part, or waits to be said
}

// A box is what a session has in hand. It is kept apart because most have nothing.
type box struct {
	rest    []byte // of what has arrived: a frame that is not whole
	message []byte // of a message in fragments
	opcode  byte   // of that message; zero: there is none

	answer []byte   // to the last ping, while the kernel takes nothing; nil: none
	why    *closing // this side closes
	said   bool     // a close frame has been sent: nothing follows it
	last   bool     // no answer is waited for
	ended  bool     // nothing is to be said or heard any more
}

// open is the session's box, which it has from now on.
func (s *session) open() *box {
	if s.box == nil {
		s.box = new(box)
	}
	return s.box
}

// shut lets go of a box with nothing in it.
func (s *session) shut() {
	if b := s.box; b != nil && len(b.rest) == 0 && b.opcode == 0 && b.answer == nil && b.why == nil {
		s.box = nil
	}
}

// closing says whether this side has ended the session, or is about to.
func (s *session) closing() bool { return s.box != nil && s.box.why != nil }

var _ broadcast.Client = (*session)(nil)

// Received implements lean.Stream.
func (s *session) Received(now int64, b []byte) {
	if s.over() {
		return
	}
	if s.box != nil && len(s.box.rest) > 0 {
		s.box.rest = append(s.box.rest, b...)
		b = s.box.rest
	}
	for len(b) > 0 {
		n := s.frame(now, b)
		if n < 0 {
			s.box.rest, s.box.message = nil, nil
			return
		}
		if n == 0 {
			break
		}
		b = b[n:]
	}
	s.keep(b)
}

// keep remembers what is not a whole frame yet.
func (s *session) keep(rest []byte) {
	if len(rest) > 0 {
		b := s.open()
		b.rest = append(b.rest[:0], rest...)
		return
	}
	if s.box != nil {
		s.box.rest = nil
		s.shut()
	}
}

// frame takes the frame that b begins with and returns its length: zero when it is
// not whole, and negative when nothing more is to be read.
func (s *session) frame(now int64, b []byte) int {
	h, why := readHeader(b, s.box != nil && s.box.opcode != 0)
	if why != nil {
		return s.refuse(now, why)
	}
	if h.size == 0 {
		return 0
	}
	if h.opcode < opClose {
		if limit := s.part.lean.opts.readLimit(); h.length > limit-int64(s.gathered()) {
			if h.length > math.MaxInt64-int64(s.gathered()) {
				return s.refuse(now, errLength)
			}
			return s.refuse(now, errTooBig)
		}
	}
	if int64(len(b)-h.size) < h.length {
		return 0
	}
	end := h.size + int(h.length)
	payload := b[h.size:end]
	unmask(payload, h.mask)
	if !s.take(now, &h, payload) {
		return -1
	}
	return end
}

// gathered is the length of the fragments so far.
func (s *session) gathered() int {
	if s.box == nil {
		return 0
	}
	return len(s.box.message)
}

// take takes a frame, and says whether there may be another one.
func (s *session) take(now int64, h *header, payload []byte) bool {
	switch h.opcode {
	case opPong:
		s.pong = now + int64(s.part.lean.opts.pongWait())
	case opPing:
		s.answer(now, payload)
	case opClose:
		s.closed(now, payload)
		return false
	default:
		s.gather(now, h, payload)
	}
	return true
}

// gather takes a fragment of a message, which is mostly all of it.
func (s *session) gather(now int64, h *header, payload []byte) {
	opcode := h.opcode
	switch {
	case !h.final:
		b := s.open()
		if opcode != continuation {
			b.opcode = opcode
		}
		b.message = append(b.message, payload...)
		return
	case opcode == continuation:
		opcode = s.box.opcode
		payload = append(s.box.message, payload...)
		s.box.opcode, s.box.message = 0, nil
	default:
		payload = bytes.Clone(payload) // publishing keeps it
	}
	if s.closing() {
		return // only the answer to our close frame matters now
	}
	if why := s.publish(opcode, payload); why != nil {
		s.close(now, why)
	}
}

// publish takes a message to the topic that the client follows.
func (s *session) publish(opcode byte, message []byte) *closing {
	if opcode != opText {
		return errBinary
	}
	if !utf8.Valid(message) { // section 8.1
		return errUTF8
	}
	m, err := wire.ParseMessage(message)
	if err == nil {
		err = s.Topic().Say(m)
	}
	if err != nil {
		return &closing{websocket.ClosePolicyViolation, err.Error()}
	}
	return nil
}

// answer answers a ping, or the last of several that came while the kernel took
// nothing, which is enough (section 5.5.3).
func (s *session) answer(now int64, payload []byte) {
	switch {
	case s.box != nil && s.box.said:
	case s.Waiting():
		s.open().answer = appendFrame(s.open().answer[:0], opPong, payload)
	default:
		s.say(now, opPong, payload)
	}
}

// closed takes the client's close frame, and answers it unless it is an answer
// (section 5.5.1).
func (s *session) closed(now int64, payload []byte) {
	code := websocket.CloseNoStatusReceived
	if len(payload) >= 2 {
		code = int(binary.BigEndian.Uint16(payload))
		switch {
		case !received(code):
			s.refuse(now, &closing{websocket.CloseProtocolError, fmt.Sprintf("bad close code %d", code)})
			return
		case !utf8.Valid(payload[2:]):
			s.refuse(now, errReason)
			return
		}
	}
	s.finish(now, &closing{code: code})
}

// refuse ends a session whose client has broken the protocol: nothing that it
// says from now on can be understood.
func (s *session) refuse(now int64, why *closing) int {
	s.finish(now, why)
	return -1
}

// finish ends the session with that close frame, unless one has been sent, and
// waits for no answer.
func (s *session) finish(now int64, why *closing) {
	s.Stop()
	b := s.open()
	b.why, b.last = why, true
	if !s.Waiting() {
		s.end(now)
	}
}

// close begins the closing handshake, as soon as the client can be written to.
func (s *session) close(now int64, why *closing) {
	if s.closing() {
		return
	}
	s.Stop()
	s.open().why = why
	if !s.Waiting() {
		s.end(now)
	}
}

// end says the last word, and either waits for the client's or for nothing.
func (s *session) end(now int64) {
	b := s.box
	if !b.said && b.why != errLength {
		s.say(now, opClose, b.why.frame())
	}
	b.said = true
	switch {
	case b.ended:
	case b.last:
		b.ended = true
		s.Finish(now)
		s.part.lean.count.Add(-1)
	case !s.Waiting():
		s.Conn().Expire(now + int64(closeWait))
	}
}

// over says whether nothing that the client says matters any more.
func (s *session) over() bool { return s.box != nil && s.box.last }

// say sends one frame to this client alone, which must not be waiting.
func (s *session) say(now int64, opcode byte, payload []byte) {
	s.part.room = appendFrame(s.part.room[:0], opcode, payload)
	s.Send(now, s.part.room)
}

// Drained implements lean.Stream.
func (s *session) Drained(now int64) {
	if !s.Reader.Drained(now) || s.box == nil {
		return
	}
	switch b := s.box; {
	case b.why != nil:
		s.end(now)
	case b.answer != nil:
		s.Send(now, b.answer)
		b.answer = nil
		s.shut()
	}
}

// Alarm implements lean.Holder: the kernel has not taken what was written, or the
// client has not answered our close frame.
func (s *session) Alarm(now int64) {
	switch {
	case s.Waiting():
		s.Conn().Close(broadcast.ErrUnread)
	case s.box != nil && s.box.said:
		s.Conn().Close(errUnanswered)
	}
}

// Ended implements lean.Holder.
func (s *session) Ended(int64, error) {
	s.Stop()
	s.part.lean.count.Add(-1)
}

// Tend implements broadcast.Client: a client is pinged, and must answer.
func (s *session) Tend(now int64) (again int64) {
	if s.closing() {
		return now + int64(s.part.lean.opts.pingInterval())
	}
	if now >= s.pong {
		s.lost(now)
		return now + int64(s.part.lean.opts.pingInterval())
	}
	if now >= s.ping && !s.Waiting() {
		s.say(now, opPing, nil)
		s.ping = now + int64(s.part.lean.opts.pingInterval())
	}
	return min(s.ping, s.pong)
}

// lost ends a session whose client does not answer pings: nobody waits for it.
func (s *session) lost(now int64) {
	s.Stop()
	b := s.open()
	if !s.Waiting() {
		s.say(now, opClose, errNoPong.frame())
	}
	b.why, b.said, b.last, b.ended = errNoPong, true, true, true
	s.Conn().Close(errNoPong)
}

// TooSlow implements broadcast.Client.
func (s *session) TooSlow(now int64) { s.close(now, errSlow) }

// Leave implements broadcast.Client.
func (s *session) Leave(now int64) { s.close(now, errShutdown) }
