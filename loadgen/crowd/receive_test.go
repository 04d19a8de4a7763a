package crowd

import (
	"bytes"
	"context"
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"pushbench/loadgen/engine"
	"pushbench/loadgen/longpoll"
	"pushbench/loadgen/poll"
	"pushbench/loadgen/recorder"
	"pushbench/loadgen/sse"
	"pushbench/loadgen/ws"
	"pushbench/servers/wire"
)

// A sink is an engine without a network: it keeps what was sent last.
type sink struct{ sent []byte }

func (s *sink) Line(int, engine.Caller) engine.Line { return s }
func (s *sink) Run(context.Context) error           { return nil }
func (s *sink) Do(int, func(int64))                 {}
func (s *sink) Shards() int                         { return 1 }
func (s *sink) Dial()                               {}
func (s *sink) Send(b []byte)                       { s.sent = append(s.sent[:0], b...) }
func (s *sink) HangUp(why error)                    { panic(why) }
func (s *sink) At(int64)                            {}

// A speech is what a server says: at the beginning, given what it was sent, and
// for each event.
type speech struct {
	name     string
	half     func(*engine.Endpoint) engine.Conversation
	interval time.Duration
	hello    func(request []byte) string
	event    func(n uint64, envelope []byte) []byte
}

var speeches = []speech{
	{"poll", poll.New, time.Second, greet, answer},
	{"longpoll", longpoll.New, 0, greet, answer},
	{
		"sse", sse.New, 0,
		func([]byte) string {
			return "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nid: e-0\n\n\r\n"
		},
		func(n uint64, envelope []byte) []byte {
			block := fmt.Sprintf("id: e-%d\ndata: %s\n\n", n, envelope)
			return fmt.Appendf(nil, "%x\r\n%s\r\n", len(block), block)
		},
	},
	{
		"ws", ws.New, 0,
		func(request []byte) string {
			_, rest, _ := bytes.Cut(request, []byte("Sec-WebSocket-Key: "))
			key, _, _ := bytes.Cut(rest, []byte("\r\n"))
			sum := sha1.Sum(append(key[:len(key):len(key)], "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"...))
			return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
				base64.StdEncoding.EncodeToString(sum[:]) + "\r\n\r\n\x81\x0f" + `{"hello":"e-0"}`
		},
		func(_ uint64, envelope []byte) []byte {
			return append([]byte{0x81, 126, byte(len(envelope) >> 8), byte(len(envelope))}, envelope...)
		},
	},
}

func greet([]byte) string { return string(respond(0, `{"cursor":"e-0","more":false,"events":[]}`)) }

func answer(n uint64, envelope []byte) []byte {
	return respond(n, fmt.Sprintf(`{"cursor":"e-%d","more":false,"events":[%s]}`, n, envelope))
}

func respond(n uint64, body string) []byte {
	return fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nEtag: \"e-%d\"\r\n"+
		"Date: Sat, 21 Nov 2026 12:00:00 GMT\r\nContent-Length: %d\r\n\r\n%s", n, len(body), body)
}

// An audience is a crowd that has been greeted and gets one event after the
// other, or some at a time, each event to all members: so histories, and misses of
// the CPU's cache, are as in a trial.
type audience struct {
	speech
	crowd  *Crowd
	record *recorder.Recorder
	due    int64
	n      uint64
	some   int    // events of a read
	read   []byte // of them
	next   int    // member
}

func newAudience(s speech, clients int) *audience {
	a := &audience{speech: s, due: wire.Now(), some: 1}
	network := new(sink)
	a.record = recorder.New(recorder.Options{Clients: clients, Topics: 1, Shards: 1})
	a.record.Measure(0, math.MaxInt64)
	a.crowd = New(Options{
		Clients: clients, Topics: []string{"t0"}, Endpoint: engine.Endpoint{Host: "127.0.0.1:8080", Path: "/" + s.name},
		Half: s.half, ConnectRate: 1000, Interval: s.interval,
	}, network, a.record, a.due)
	for _, m := range a.crowd.members {
		m.dial(a.due)
		m.Connected(a.due)
		m.Received(a.due, []byte(s.hello(network.sent)))
	}
	return a
}

// envelope is the next event, of 170 bytes.
func (a *audience) envelope() []byte {
	a.n++
	e := wire.Event{N: a.n, Due: a.due, Pub: a.due, Wall: wire.Wall(), Data: []byte(`""`)}
	room := 170 - len(wire.AppendEvent(nil, &e))
	e.Data = []byte(`"` + strings.Repeat("x", room) + `"`)
	return wire.AppendEvent(nil, &e)
}

// publish makes the bytes of a read: polls have all in one answer.
func (a *audience) publish() {
	a.read = a.read[:0]
	if a.name == "poll" || a.name == "longpoll" {
		all := a.envelope()
		for range a.some - 1 {
			all = append(append(all, ','), a.envelope()...)
		}
		a.read = a.speech.event(a.n, all)
		return
	}
	for range a.some {
		envelope := a.envelope()
		a.read = append(a.read, a.speech.event(a.n, envelope)...)
	}
}

// receive lets the next member have its events, and a polling one ask before.
func (a *audience) receive() {
	if a.next == 0 {
		a.publish()
	}
	m := a.crowd.members[a.next]
	if a.interval > 0 && m.asker().Asking() != engine.Waiting {
		m.ask(a.due)
	}
	m.Received(a.due+int64(time.Millisecond), a.read)
	a.next = (a.next + 1) % len(a.crowd.members)
}

// What the generator does for an event of 170 bytes, without the network: the
// client half, the recorder and, of polling, the next question. One event in a read
// is what a read costs, too; sixteen of them is what servers do that are pressed.
func BenchmarkReceivePath(b *testing.B) {
	for _, s := range speeches {
		for _, some := range []int{1, 16} {
			b.Run(fmt.Sprintf("%s/%d", s.name, some), func(b *testing.B) {
				a := newAudience(s, 1000)
				a.some = some
				b.ReportAllocs()
				for b.Loop() {
					a.receive()
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*some), "ns/event")
			})
		}
	}
}
