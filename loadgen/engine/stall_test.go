package engine

import (
	"bytes"
	"io"
	"net"
	"net/netip"
	"testing"
)

// makers make both engines, where there are two.
func makers(t *testing.T) map[string]func(Options) Engine {
	all := map[string]func(Options) Engine{"goroutine": NewGoroutine}
	if CanVanish { // Linux
		all["loop"] = func(o Options) Engine {
			e, err := NewLoop(o)
			if err != nil {
				t.Fatal(err)
			}
			return e
		}
	}
	return all
}

// A reader is a caller that reads until it is told to pause.
type reader struct {
	line     Line
	pause    bool // at its next read
	open     chan struct{}
	received chan []byte
	ended    chan error
}

func newReader() *reader {
	return &reader{open: make(chan struct{}), received: make(chan []byte, 1000), ended: make(chan error, 1)}
}

func (r *reader) Connected(int64) { close(r.open) }
func (r *reader) Received(_ int64, b []byte) {
	if r.pause {
		r.line.(Pauser).Pause()
	}
	r.received <- bytes.Clone(b)
}
func (r *reader) Alarm(int64)              {}
func (r *reader) Ended(_ int64, why error) { r.ended <- why }
func (r *reader) do(e Engine, f func(p Line)) {
	done := make(chan struct{})
	e.Do(0, func(int64) { f(r.line); close(done) })
	<-done
}

// connected is a reader on an engine, and the other end of its connection.
func connected(t *testing.T, make func(Options) Engine) (*reader, Engine, *net.TCPConn) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	r := newReader()
	e := make(Options{Remote: ln.Addr().(*net.TCPAddr).AddrPort(), Shards: 1, ReceiveBuffer: 8 << 10})
	r.line = e.Line(0, r)
	r.line.Dial()
	run(t, e)
	peer, err := ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { peer.Close() })
	<-r.open
	return r, e, peer.(*net.TCPConn)
}

func TestAPausedLineReadsNothingAndLosesNothing(t *testing.T) { // Q6
	for name, engine := range makers(t) {
		t.Run(name, func(t *testing.T) {
			r, e, peer := connected(t, engine)
			peer.SetWriteBuffer(8 << 10)
			r.do(e, func(l Line) { l.(Pauser).Pause() })
			// More than both buffers hold: the writer is done only when somebody reads.
			want := bytes.Repeat([]byte("0123456789abcdef"), 1<<16)
			written := make(chan error, 1)
			go func() {
				_, err := peer.Write(want)
				written <- err
			}()
			r.do(e, func(Line) {
				select {
				case <-written:
					t.Error("all is written and nobody has read")
				case b := <-r.received:
					t.Errorf("%d bytes were read while it was paused", len(b))
				default:
				}
			})
			r.do(e, func(l Line) { l.(Pauser).Resume() })
			var got []byte
			for len(got) < len(want) {
				got = append(got, <-r.received...)
			}
			if err := <-written; err != nil || !bytes.Equal(got, want) {
				t.Errorf("%d bytes were read of %d, and written with %v", len(got), len(want), err)
			}
		})
	}
}

func TestAPausedLineCanHangUp(t *testing.T) { // C14
	for name, engine := range makers(t) {
		t.Run(name, func(t *testing.T) {
			r, e, peer := connected(t, engine)
			// Within a read, so that whoever reads is waiting afterwards.
			r.do(e, func(Line) { r.pause = true })
			if _, err := peer.Write([]byte("x")); err != nil {
				t.Fatal(err)
			}
			<-r.received
			r.do(e, func(l Line) { l.HangUp(io.ErrClosedPipe) })
			if why := <-r.ended; why != io.ErrClosedPipe {
				t.Errorf("ended for %v", why)
			}
			if _, err := peer.Read(make([]byte, 1)); err == nil {
				t.Error("the peer reads something")
			}
		})
	}
}

// An engine ends, and leaves nothing behind, whatever its lines wait for: see
// TestMain.
func TestAnEngineEndsWithLinesThatArePausedOrVanished(t *testing.T) { // C14
	for name, engine := range makers(t) {
		t.Run(name, func(t *testing.T) {
			for _, f := range []func(Line){
				func(l Line) { l.(Pauser).Pause() },
				func(l Line) {
					if err := l.(Vanisher).Vanish(); CanVanish != (err == nil) {
						t.Error(err)
					}
				},
			} {
				r, e, peer := connected(t, engine)
				r.do(e, f)
				if _, err := peer.Write([]byte("x")); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

func TestAVanishedLineHearsNothing(t *testing.T) { // C13
	if !CanVanish {
		t.Skip("connections cannot vanish here")
	}
	for name, engine := range makers(t) {
		t.Run(name, func(t *testing.T) {
			r, e, peer := connected(t, engine)
			var local netip.AddrPort
			r.do(e, func(l Line) {
				v := l.(Vanisher)
				local = v.Local()
				if err := v.Vanish(); err != nil {
					t.Error(err)
				}
			})
			if want := peer.RemoteAddr().(*net.TCPAddr).AddrPort(); local != want {
				t.Errorf("its address is %s, its peer says %s", local, want)
			}
			if _, err := peer.Write([]byte("x")); err != nil {
				t.Fatal(err)
			}
			peer.Close()
			// The other direction works: what was sent before is no sign of life of later.
			r.do(e, func(Line) {})
			select {
			case b := <-r.received:
				t.Errorf("%q was read", b)
			case why := <-r.ended:
				t.Errorf("ended for %v", why)
			default:
			}
		})
	}
}
