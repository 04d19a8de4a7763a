package host

import (
	"io"
	"net"
	"testing"

	"pushbench/servers/source"
)

// A server that is asked what it has found out names the connections that it has
// ended itself, and no other.
func TestAServerKnowsWhichConnectionsItHasEnded(t *testing.T) { // Q6
	onEachStack(t, func(t *testing.T, h half) {
		found := &source.Findings{}
		p, ready := obeyAs(t, h, func(s *Server) { s.Found = found })
		dial := func(request string) net.Conn {
			c, err := net.Dial("tcp", ready.Address)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { c.Close() })
			if _, err := io.WriteString(c, request); err != nil {
				t.Fatal(err)
			}
			return c
		}
		const request = "GET /poll?topic=t0 HTTP/1.1\r\nHost: x\r\n"
		leaves := dial(request + "\r\n")
		if _, err := leaves.Read(make([]byte, 1)); err != nil {
			t.Fatal(err)
		}
		leaves.Close()
		ended := dial(request + "Connection: close\r\n\r\n")
		if _, err := io.Copy(io.Discard, ended); err != nil {
			t.Fatal(err)
		}
		// Once the server has closed the one that leaves too, its open connections are
		// gone: then everything there is to find has been found.
		for p.ask(Order{Do: Weigh}).Memory.Conns > 0 {
		}
		got := p.ask(Order{Do: Found}).Found
		if len(got) != 1 || got[0].Client != ended.LocalAddr().String() || got[0].What != source.GivenUp || got[0].At == 0 {
			t.Errorf("found %+v, want the one at %s given up", got, ended.LocalAddr())
		}
	})
}
