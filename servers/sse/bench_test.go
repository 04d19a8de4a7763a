package sse

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"pushbench/servers/wire"
)

func BenchmarkEncode(b *testing.B) {
	e := entry(123456, "", strings.Repeat("x", 170))
	b.SetBytes(int64(len(e.Bytes)))
	b.ReportAllocs()
	for b.Loop() {
		appendEvent(make([]byte, 0, len(e.Bytes)+128), "local", e)
	}
}

// subscribed opens n connections that have read up to the end of their hello.
func subscribed(b *testing.B, h http.Handler, n int) []net.Conn {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	server := &http.Server{Handler: h}
	go server.Serve(l)
	b.Cleanup(func() { server.Close() })
	conns := make([]net.Conn, n)
	in := make([]byte, 512)
	for i := range conns {
		if conns[i], err = net.Dial("tcp", l.Addr().String()); err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { conns[i].Close() })
		io.WriteString(conns[i], "GET /?topic=t0 HTTP/1.1\r\nHost: localhost\r\n\r\n")
		for got := 0; !strings.HasSuffix(string(in[:got]), "\n\n\r\n"); {
			k, err := conns[i].Read(in[got:])
			if err != nil {
				b.Fatal(err)
			}
			got += k
		}
	}
	return conns
}

func BenchmarkBroadcast(b *testing.B) {
	const clients, size = 100, 170
	src, topic := raw(1 << 16)
	read := make(chan struct{}, clients)
	for _, conn := range subscribed(b, New(src, Options{}), clients) {
		go func() {
			for in := bufio.NewReader(conn); ; {
				line, err := in.ReadSlice('\n')
				if err != nil {
					return
				}
				if len(line) > size {
					read <- struct{}{}
				}
			}
		}()
	}
	payload := []byte(strings.Repeat("x", size))
	b.ReportAllocs()
	for b.Loop() {
		topic.Publish(wire.Message{Data: payload})
		for range clients {
			<-read
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/1e3/float64(b.N)/clients, "µs/delivery")
}

// BenchmarkIdleConnection reports what a connection holds in this process, both
// its ends, but for the kernel's buffers.
func BenchmarkIdleConnection(b *testing.B) {
	const clients = 1000
	src, _ := raw(0)
	for b.Loop() {
		before := held()
		subscribed(b, New(src, Options{}), clients)
		b.ReportMetric(float64(held()-before)/1024/clients, "KiB/connection")
	}
}

func held() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC() // what pools hold lives for one more
	runtime.ReadMemStats(&m)
	return int64(m.HeapInuse + m.StackInuse)
}
