package host

import (
	"io"
	"net"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"

	"pushbench/servers/source"
	"pushbench/servers/wire"
)

// A marked fault notes what it is used for.
type marked struct {
	conns    atomic.Int64
	load     source.Load
	from, to int64
}

func (m *marked) Conn(c net.Conn) net.Conn { m.conns.Add(1); return c }

func (m *marked) Accepted(int64) func(int64) bool { return nil }

func (m *marked) Begin(l source.Load, w source.Waiter) source.Waiter {
	m.load = l
	return w
}

func (m *marked) Injected(from, to int64) []int64 {
	m.from, m.to = from, to
	return []int64{3, 1, 2}
}

func TestAFaultIsToldOfConnectionsAndLoads(t *testing.T) { // D11
	fault := new(marked)
	p, ready := obey(t, func(s *Server) { s.Fault = fault })
	answer, err := http.Get("http://" + ready.Address + "/poll?topic=t0")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	start := wire.Now()
	load := source.Load{
		Schedule: source.Schedule{Kind: source.Constant, Rate: 1000},
		Payload:  source.Payload{Min: 8, Max: 8, Content: source.Text},
		Start:    start, End: start + 5e6,
	}
	p.ask(Order{Do: Drive, Load: &load})
	w := p.ask(Order{Do: Journal, From: start + 1, To: start + 2})
	if n := fault.conns.Load(); n != 1 {
		t.Errorf("told of %d connections, want 1", n)
	}
	if fault.load != load {
		t.Errorf("told of the load %+v, want %+v", fault.load, load)
	}
	if !slices.Equal(w.Injected, []int64{3, 1, 2}) || fault.from != start+1 || fault.to != start+2 {
		t.Errorf("injected %v between %d and %d, want what the fault says of the phase", w.Injected, fault.from-start, fault.to-start)
	}
}
