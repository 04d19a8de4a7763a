// Package uplink is how a client sends where its transport only brings: by POST
// on a connection of its own, without a socket.
package uplink

import (
	"fmt"
	"strconv"

	"pushbench/loadgen/engine"
	"pushbench/loadgen/http1"
	"pushbench/servers/wire"
)

// A Sender says one message at a time over one connection at a time. It is for
// one goroutine at a time.
type Sender struct {
	to     *engine.Endpoint
	http   http1.Reader
	spoken bool // and not answered yet
}

var _ engine.Sayer = (*Sender)(nil)

// New makes a sender to the endpoint, whose Path takes POST requests.
func New(e *engine.Endpoint) *Sender { return &Sender{to: e} }

// Open begins a new connection. Whether a message that the last one left
// unanswered was published is not known.
func (s *Sender) Open() { s.http, s.spoken = http1.Reader{}, false }

// Ready implements engine.Sayer: the message before has been answered.
func (s *Sender) Ready() bool { return !s.spoken }

// Say appends the request that carries m. It may be called only when Ready.
func (s *Sender) Say(out []byte, m *wire.Message) []byte {
	s.spoken = true
	// The length precedes the body: writing it twice costs less than keeping it.
	length := len(wire.AppendMessage(out, m)) - len(out)
	out = http1.AppendRequest(out, "POST", s.to, wire.Cursor{})
	if s.to.Close {
		out = append(out, "Connection: close\r\n"...)
	}
	out = append(out, "Content-Type: application/json\r\nContent-Length: "...)
	out = strconv.AppendInt(out, int64(length), 10)
	out = append(out, "\r\n\r\n"...)
	return wire.AppendMessage(out, m)
}

// Receive takes bytes that arrived, in any split, and says whether they complete
// the answer that the message was taken. A refusal is an *engine.StatusError, and so
// is a redirect: what is not safe to repeat is not sent elsewhere unasked (RFC 9110,
// section 15.4).
// After an error the connection is of no more use; done with engine.ErrEnded
// means that the message was taken and the server closes the connection.
func (s *Sender) Receive(in []byte) (done bool, err error) {
	for {
		part, rest, err := s.http.Next(in)
		if err != nil {
			return done, err
		}
		switch part.Kind {
		case http1.More:
			if !s.spoken && !s.http.Between() {
				return done, fmt.Errorf("%w: answer to nothing", engine.ErrProtocol)
			}
			return done, nil
		case http1.Head:
			switch status := s.http.Status(); {
			case !s.spoken:
				return done, fmt.Errorf("%w: answer to nothing", engine.ErrProtocol)
			case status < 200 || status > 299:
				return done, &engine.StatusError{Code: status, RetryAfter: http1.RetryAfter(part.Data)}
			case s.http.Endless():
				s.spoken = false
				return true, fmt.Errorf("%w: connection closed behind an answer", engine.ErrEnded)
			}
		case http1.End:
			done, s.spoken = true, false
			if s.http.Closing() {
				return true, fmt.Errorf("%w: connection closed behind an answer", engine.ErrEnded)
			}
		}
		in = rest
	}
}
