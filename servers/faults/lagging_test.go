package faults_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"pushbench/servers/faults"
	"pushbench/servers/source"
	"pushbench/servers/wire"
)

// between is a connection with the fault, and the other side of it.
func between(f *faults.Fault) (half, peer net.Conn) {
	inner, peer := net.Pipe()
	return f.Conn(inner), peer
}

// begin lets a load of ten seconds begin now.
func begin(f *faults.Fault) (start int64) {
	start = wire.Now()
	f.Begin(source.Load{Start: start, End: start + int64(10*time.Second)}, source.Timer{})
	return start
}

// pass lets virtual time pass.
func pass(d time.Duration) { <-time.After(d) }

// An arrival is what came at which time after the start.
type arrival struct {
	text string
	at   time.Duration
}

// arrivals reads until the end; the result is there when it has come.
func arrivals(peer net.Conn, start int64) <-chan []arrival {
	done := make(chan []arrival, 1)
	go func() {
		var all []arrival
		b := make([]byte, 1<<10)
		for {
			n, err := peer.Read(b)
			if err != nil {
				done <- all
				return
			}
			all = append(all, arrival{string(b[:n]), time.Duration(wire.Now() - start)})
		}
	}()
	return done
}

func write(t *testing.T, c net.Conn, text string) {
	t.Helper()
	if n, err := io.WriteString(c, text); n != len(text) || err != nil {
		t.Errorf("Write(%q) = %d, %v", text, n, err)
	}
}

func TestWritesLeaveLaterAndInOrder(t *testing.T) { // G13
	for spec, second := range map[string]time.Duration{
		"delay=constant:100ms":     150 * time.Millisecond,
		"delay=ramp:100ms:50ms":    149750 * time.Microsecond,
		"delay=bimodal:100ms:0s:1": 150 * time.Millisecond,
	} {
		synctest.Test(t, func(t *testing.T) {
			f := fault(t, spec)
			half, peer := between(f)
			start := wire.Now()
			came := arrivals(peer, start)
			write(t, half, "before the load")
			begin(f)
			write(t, half, "one")
			if took := wire.Now() - start; took != 0 {
				t.Errorf("%s: writing took %s", spec, time.Duration(took))
			}
			pass(50 * time.Millisecond)
			write(t, half, "two")
			pass(time.Second)
			half.Close()
			want := []arrival{{"before the load", 0}, {"one", 100 * time.Millisecond}, {"two", second}}
			if got := <-came; !slices.Equal(got, want) {
				t.Errorf("%s: came %v, want %v", spec, got, want)
			}
		})
	}
}

func TestAWriteWaitsForTheOneBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := fault(t, "late-headers=100ms")
		half, peer := between(f)
		start := wire.Now()
		came := arrivals(peer, start)
		write(t, half, "header")
		write(t, half, "body")
		pass(time.Second)
		write(t, half, "more")
		half.Close()
		want := []arrival{{"header", 100 * time.Millisecond}, {"body", 100 * time.Millisecond}, {"more", time.Second}}
		if got := <-came; !slices.Equal(got, want) {
			t.Errorf("came %v, want %v", got, want)
		}
	})
}

func TestInjectedIsByHowMuchWritesWereReallyHeldBack(t *testing.T) { // G13
	synctest.Test(t, func(t *testing.T) {
		f := fault(t, "delay=constant:20ms")
		half, peer := between(f)
		start := begin(f)
		write(t, half, "read late")
		write(t, half, "so held back by another")
		pass(time.Second)
		came := arrivals(peer, start)
		pass(10 * time.Second)
		write(t, half, "after the load")
		half.Close()
		<-came
		got := f.Injected(start, start+int64(time.Minute))
		if want := []int64{int64(20 * time.Millisecond), int64(time.Second)}; !slices.Equal(got, want) {
			t.Errorf("injected %v, want %v", got, want)
		}
		if got := f.Injected(start+1, start+int64(time.Minute)); got != nil {
			t.Errorf("injected %v from the nanosecond after", got)
		}
	})
}

func TestEachConnectionHasItsOwnDice(t *testing.T) {
	delays := func(order []int) []int64 {
		f := fault(t, "delay=exponential:10ms")
		var halves []net.Conn
		for range 3 {
			half, peer := between(f)
			arrivals(peer, 0)
			halves = append(halves, half)
		}
		start := begin(f)
		for _, i := range order {
			write(t, halves[i], "x")
			pass(time.Second)
		}
		for _, half := range halves {
			half.Close()
		}
		synctest.Wait()
		return f.Injected(start, start+int64(time.Minute))
	}
	synctest.Test(t, func(t *testing.T) {
		first, second := delays([]int{0, 1, 2}), delays([]int{2, 1, 0})
		slices.Reverse(second)
		if len(first) != 3 || !slices.Equal(first, second) || first[0] == first[1] {
			t.Errorf("three connections draw %v, and in the other order %v", first, second)
		}
	})
}

func TestAConnectionHoldsBackOnlySoMuch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := fault(t, "delay=constant:1s")
		half, peer := between(f)
		start := begin(f)
		came := arrivals(peer, start)
		chunk := bytes.Repeat([]byte("x"), 512<<10)
		write(t, half, string(chunk))
		write(t, half, string(chunk))
		half.SetWriteDeadline(wire.Deadline(100 * time.Millisecond))
		if _, err := half.Write(chunk); !errors.Is(err, os.ErrDeadlineExceeded) || wire.Now()-start != int64(100*time.Millisecond) {
			t.Errorf("a write with too much before it: %v after %s, want its deadline", err, time.Duration(wire.Now()-start))
		}
		half.SetWriteDeadline(time.Time{})
		write(t, half, string(chunk))
		if took := time.Duration(wire.Now() - start); took != time.Second {
			t.Errorf("it was written after %s, want as soon as there was room", took)
		}
		half.Close()
		<-came
	})
}

func TestWhatWasWrittenBeforeTheEndStillArrives(t *testing.T) {
	for _, end := range []string{"Close", "CloseWrite"} {
		synctest.Test(t, func(t *testing.T) {
			f := fault(t, "delay=constant:20ms")
			half, peer := between(f)
			start := begin(f)
			came := arrivals(peer, start)
			reading := make(chan error, 1)
			write(t, half, "farewell")
			if end == "Close" {
				go func() {
					_, err := half.Read(make([]byte, 1))
					reading <- err
				}()
				synctest.Wait()
				if err := half.Close(); err != nil {
					t.Errorf("Close = %v", err)
				}
				if err := <-reading; !errors.Is(err, net.ErrClosed) || wire.Now() != start {
					t.Errorf("a read ends with %v, want at once and that it is closed", err)
				}
			} else if err := half.(interface{ CloseWrite() error }).CloseWrite(); err != nil {
				t.Errorf("CloseWrite = %v", err)
			}
			if _, err := half.Write([]byte("x")); !errors.Is(err, net.ErrClosed) {
				t.Errorf("after %s a write says %v", end, err)
			}
			want := []arrival{{"farewell", 20 * time.Millisecond}}
			if got := <-came; !slices.Equal(got, want) {
				t.Errorf("%s: came %v, want %v and the end", end, got, want)
			}
			if took := time.Duration(wire.Now() - start); took != 20*time.Millisecond {
				t.Errorf("%s: the end came after %s", end, took)
			}
		})
	}
}

// Nobody reads: the bubble could not end if anything still waited for that.
func TestAClosedConnectionIsNotWaitedForForLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := fault(t, "delay=constant:20ms")
		half, _ := between(f)
		begin(f)
		for i := range 3 {
			write(t, half, fmt.Sprint(i))
		}
		pass(time.Second)
		half.Close()
		pass(time.Minute)
	})
}

func TestAFailedWriteIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := fault(t, "delay=constant:20ms")
		half, peer := between(f)
		begin(f)
		peer.Close()
		write(t, half, "nobody knows yet")
		pass(time.Second)
		if _, err := half.Write([]byte("x")); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("the write after it: %v, want the error of the first", err)
		}
		half.Close()
	})
}
