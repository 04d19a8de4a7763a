package http1

import (
	"fmt"
	"strings"
	"testing"
)

// BenchmarkChunk is what an event on a stream costs besides its own bytes.
func BenchmarkChunk(b *testing.B) {
	var r Reader
	if _, _, err := r.Next([]byte("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")); err != nil {
		b.Fatal(err)
	}
	chunk := fmt.Appendf(nil, "%x\r\n%s\r\n", 170, strings.Repeat("x", 170))
	b.ReportAllocs()
	for b.Loop() {
		for in := chunk; ; {
			part, rest, err := r.Next(in)
			if err != nil {
				b.Fatal(err)
			}
			if part.Kind == More {
				break
			}
			in = rest
		}
	}
}

// BenchmarkResponse is what an answer to a poll costs besides its own bytes.
func BenchmarkResponse(b *testing.B) {
	var r Reader
	body := strings.Repeat("x", 170)
	whole := fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nCache-Control: no-store\r\nContent-Type: application/json\r\nEtag: \"E-12\"\r\n"+
		"Date: Mon, 02 Jan 2006 15:04:05 GMT\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
	b.ReportAllocs()
	for b.Loop() {
		for in := whole; ; {
			part, rest, err := r.Next(in)
			if err != nil {
				b.Fatal(err)
			}
			if part.Kind == End {
				break
			}
			in = rest
		}
	}
}
