package host

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"runtime"
	"testing"

	"pushbench/servers/poll"
	"pushbench/servers/source"
)

func TestMemoryIsDividedByWhatItIsFor(t *testing.T) { // G5
	server := New(source.New(source.Options{}))
	server.weigh() // what the tests before have left in pools lives for one collection more
	before := server.weigh()
	kept := make([]byte, 8<<20)
	after := server.weigh()
	if grown := after.Heap - before.Heap; grown < 7<<20 || grown > 16<<20 {
		t.Errorf("8 MiB more are a heap larger by %d bytes", grown)
	}
	if after.Stacks <= 0 || after.Runtime <= 0 {
		t.Errorf("nothing but heap: %+v", after)
	}
	runtime.KeepAlive(kept)
	kept = nil
	if freed := after.Heap - server.weigh().Heap; freed < 7<<20 {
		t.Errorf("the heap is smaller by %d bytes after 8 MiB became garbage: was there no collection?", freed)
	}
}

func TestWhatIsQueuedOnConnectionsIsWeighed(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("asks for SO_MEMINFO: run it on Linux")
	}
	server := New(source.New(source.Options{}))
	listener, err := server.Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	near, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer near.Close()
	far, err := listener.(net.Listener).Accept()
	if err != nil {
		t.Fatal(err)
	}
	const length = 16 << 10
	if _, err := near.Write(bytes.Repeat([]byte{1}, length)); err != nil {
		t.Fatal(err)
	}
	if _, err := far.Read(make([]byte, 1)); err != nil { // so the rest waits on this side
		t.Fatal(err)
	}
	if m := server.weigh(); m.Conns != 1 || m.Sockets < length || m.Sockets > 8*length {
		t.Errorf("%d unread bytes on one connection weigh as %+v", length, m)
	}
	far.Close()
	if m := server.weigh(); m.Conns != 0 || m.Sockets != 0 {
		t.Errorf("no connection weighs as %+v", m)
	}
}

func TestAServerKnowsItsConnections(t *testing.T) {
	onEachStack(t, func(t *testing.T, h half) {
		p, ready := obeyAs(t, h)
		for range 3 { // on one connection: each answer is read to its end
			answer, err := http.Get("http://" + ready.Address + "/poll?topic=t0")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.Copy(io.Discard, answer.Body); err != nil {
				t.Fatal(err)
			}
			answer.Body.Close()
		}
		w := p.ask(Order{Do: Weigh})
		if w.Error != "" || w.Memory == nil || w.Memory.Conns != 1 || w.Memory.Heap == 0 {
			t.Errorf("weight of a server with one client: %+v", w.Memory)
		}
	})
}

func BenchmarkWeighAThousandConnections(b *testing.B) {
	src := source.New(source.Options{}, "t0")
	server := New(src, Mount{Path: "/poll", Handler: poll.New(src, poll.Options{})})
	listener, err := server.Listen(b.Context(), "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer listener.Close()
	for range 1000 {
		near, err := net.Dial("tcp", listener.Addr().String())
		if err != nil {
			b.Fatal(err)
		}
		defer near.Close()
		far, err := listener.(net.Listener).Accept()
		if err != nil {
			b.Fatal(err)
		}
		defer far.Close()
	}
	for b.Loop() {
		server.weigh()
	}
}
