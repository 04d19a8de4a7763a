package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
)

func TestWhatAClientSendsIsBounded(t *testing.T) { // X7
	onBothStacks(t, func(t *testing.T, s *served) {
		const big = 200 << 10
		pad := strings.Repeat("x", big)
		host := "Host: " + s.host() + "\r\n"
		for what, tt := range map[string]struct {
			request string
			want    []string
		}{
			"a head":   {"GET /poll?topic=t0 HTTP/1.1\r\n" + host + "X-Pad: " + pad + "\r\n\r\n", []string{"431"}},
			"fields":   {"GET /poll?topic=t0 HTTP/1.1\r\n" + host + strings.Repeat("A: b\r\n", big/6) + "\r\n", []string{"431"}},
			"an URL":   {"GET /poll?topic=t0&pad=" + pad + " HTTP/1.1\r\n" + host + "\r\n", []string{"414", "431"}},
			"a query":  {"GET /poll?topic=t0&pad=" + pad[:5<<10] + " HTTP/1.1\r\n" + host + "\r\n", []string{"414"}},
			"a body":   {fmt.Sprintf("POST /publish?topic=t0 HTTP/1.1\r\n%sContent-Length: %d\r\n\r\n%s", host, big, pad), []string{"413"}},
			"an order": {fmt.Sprintf("POST /control HTTP/1.1\r\n%sAuthorization: Bearer %s\r\nContent-Length: %d\r\n\r\n%s", host, s.token(t), big, pad), []string{"413", "400"}},
		} {
			c, err := net.Dial("tcp", s.host())
			if err != nil {
				t.Fatal(err)
			}
			var sending sync.WaitGroup
			sending.Go(func() { io.WriteString(c, tt.request) }) // of which the server may not want all
			status := make([]byte, len("HTTP/1.1 431"))
			_, err = io.ReadFull(c, status)
			c.Close()
			sending.Wait()
			if got := string(status[len("HTTP/1.1 "):]); err != nil || !strings.Contains(strings.Join(tt.want, " "), got) {
				t.Errorf("%s of %d bytes: %q %v, want %s", what, len(tt.request), status, err, tt.want)
			}
		}
	})
}

// Who sends and reads slowly is let go, and one who does neither has lost nothing
// meanwhile.
func TestSlowSendersAndReadersAreEndedAndNobodyElse(t *testing.T) { // X6
	if testing.Short() {
		t.Skip("waits for time-outs of 10 s")
	}
	onBothStacks(t, func(t *testing.T, s *served) {
		host := "Host: " + s.host() + "\r\n"
		slow := map[string]net.Conn{
			"sends no request":       s.dial(t, ""),
			"sends half a head":      s.dial(t, "GET /poll?topic=t0 HTTP/1.1\r\n"+host+"X-More: "),
			"sends half a body":      s.dial(t, "POST /publish?topic=t0 HTTP/1.1\r\n"+host+"Content-Length: 100\r\n\r\n{"),
			"reads no stream":        s.dial(t, "GET /sse?topic=t0 HTTP/1.1\r\n"+host+"\r\n"),
			"reads no frames":        s.dial(t, "GET /ws?topic=t0 HTTP/1.1\r\n"+host+"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"),
			"asks and does not read": s.dial(t, strings.Repeat("GET /poll?topic=t0&after=E-0 HTTP/1.1\r\n"+host+"\r\n", 400)),
		}
		answer, err := http.Get(s.url + "/sse?topic=t0")
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		var ended sync.WaitGroup
		for what, c := range slow {
			if strings.Contains(what, "read") {
				continue
			}
			ended.Go(func() {
				if _, err := io.Copy(io.Discard, c); err != nil && !strings.Contains(err.Error(), "reset") {
					t.Errorf("who %s: %v", what, err)
				}
			})
		}
		over := make(chan struct{})
		go func() {
			ended.Wait()
			close(over)
		}()
		lines := bufio.NewReaderSize(answer.Body, 1<<20)
		last, seen := 0, 0
		for done := false; !done; {
			line, err := lines.ReadString('\n')
			if err != nil {
				t.Fatalf("who is not slow was ended: %v", err)
			}
			if strings.HasPrefix(line, "event: gap") {
				t.Error("who is not slow has missed something")
			}
			var n int
			if _, err := fmt.Sscanf(line, "id: E-%d", &n); err != nil {
				continue
			}
			if last != 0 && n != last+1 {
				t.Errorf("event %d follows event %d", n, last)
			}
			last = n
			seen++
			select {
			case <-over:
				done = true
			default:
			}
		}
		if seen < 20 {
			t.Errorf("%d events seen while the others were waited for", seen)
		}
		// Those that read nothing have been written to for longer than a write may
		// take. What the kernel has for them is all that they still get.
		for what, c := range slow {
			if strings.Contains(what, "read") {
				if _, err := io.Copy(io.Discard, c); err != nil && !strings.Contains(err.Error(), "reset") {
					t.Errorf("who %s: %v", what, err)
				}
			}
		}
	}, "-r", "50/s", "-s", "64KiB", "--epoch", "E", "--write-timeout", "2s", "--keep", "64")
}
