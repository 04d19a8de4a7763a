package ws

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// leanSays is what a lean server answers to frames that come in parts of that
// size, until it ends the connection, as it does when no pong comes.
func leanSays(t *testing.T, sent []byte, split int) string {
	src, _ := raw(0)
	stage, _ := stageOf(t, src, oracleOptions)
	c := openLean(t, stage, "")
	for part := range slices.Chunk(sent, split) {
		c.Send(string(part))
		stage.Run()
	}
	stage.Advance(oracleOptions.PongWait + 10*time.Second)
	if !c.Finished() {
		t.Errorf("after %q the connection does not end", sent)
	}
	return c.Got()
}

// Pings and the end for want of a pong are far apart, so that it does not matter
// how late either is.
var oracleOptions = Options{PingInterval: 40 * time.Second, PongWait: time.Minute, ReadLimit: 300}

// stdSays is the same of the other stack.
func stdSays(t *testing.T, sent []byte) (said string) {
	synctest.Test(t, func(t *testing.T) {
		src, _ := raw(0)
		l := newPipes()
		server := &http.Server{Handler: New(src, oracleOptions)}
		go server.Serve(l)
		conn := l.dial()
		defer conn.Close()
		if _, err := io.WriteString(conn, "GET /ws?topic=t0 HTTP/1.1\r\n"+upgrade+"\r\n"); err != nil {
			t.Fatal(err)
		}
		opening := make([]byte, len(leanHead)+len(appendFrame(nil, opText, []byte(hello))))
		if _, err := io.ReadFull(conn, opening); err != nil {
			t.Fatal(err)
		}
		read := make(chan []byte)
		go func() {
			rest, _ := io.ReadAll(conn)
			read <- rest
		}()
		for i := range sent { // what one byte brings about is done before the next
			if _, err := conn.Write(sent[i : i+1]); err != nil {
				break
			}
			synctest.Wait()
		}
		rest := <-read
		said = string(rest)
		server.Close()
	})
	return said
}

// said are the frames that a server has sent, or only those that are no messages.
func said(t *testing.T, sent string, messages bool) string {
	all := frames(t, sent)
	if !messages {
		all = slices.DeleteFunc(all, func(f string) bool { return f[:2] == "81" })
	}
	return fmt.Sprintf("%q", all)
}

func FuzzLeanAnswersAsGorillaDoes(f *testing.F) { // W1, W3, W4, W5, W9
	message := `{"due":"1","data":"hi"}`
	long := strings.Repeat("x", 301)
	for _, seed := range []string{
		"", masked(final|opText, message), masked(final|opText, message) + masked(final|opClose, "\x03\xe8bye"),
		masked(opText, message[:4]) + masked(final|opPing, "p") + masked(final, message[4:]),
		masked(final|opBinary, message), masked(final|opText, "\xff"), masked(final|opText, "nonsense"), masked(final|opText, ""),
		masked(final|opClose, ""), masked(final|opClose, "x"), masked(final|opClose, "\x03\xed"), masked(final|opClose, "\x03\xe8\xff"),
		masked(final|opClose, "\x0f\xa0own"), masked(final|opClose, "\x03\xf6"), masked(final|opClose, "\x03\xec"),
		masked(final|opPing, strings.Repeat("p", 126)), masked(opPing, "p"), masked(final|opPong, "unasked"),
		masked(final|opText, long), masked(opText, long[:200]) + masked(final, long[:101]), masked(opText, "a") + masked(opText, "b"),
		masked(final, "b"), masked(final|3, ""), masked(final|0xb, ""), masked(final|0x40|opText, ""), masked(final|0x70|0xf, ""),
		"\x81\x05hello", "\x81\xff\x80\x00\x00\x00\x00\x00\x00\x00mask", "\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xffmask",
		masked(opText, "a") + "\x80\xff\x7f\xff\xff\xff\xff\xff\xff\xffmask", "\x81\xfe\x01", "\x81", "\x89\x84\x01\x02\x03\x04abcd",
		masked(final|opText, message)[:20], masked(final|opBinary, "x") + masked(final|opText, message) + masked(final|opPing, "later"),
		masked(final|opBinary, "x") + masked(final|opClose, "\x03\xeb") + masked(final|opPing, "later"),
	} {
		f.Add([]byte(seed), 1)
		f.Add([]byte(seed), 1000)
	}
	for _, code := range []uint16{0, 999, 1004, 1007, 1013, 1014, 1015, 1016, 2999, 3000, 4999, 5000} {
		f.Add([]byte(masked(final|opClose, string(binary.BigEndian.AppendUint16(nil, code)))), 3)
	}
	f.Fuzz(func(t *testing.T, sent []byte, split int) {
		if len(sent) > 2000 {
			t.Skip("more than a pipe's test needs")
		}
		split = max(1, split)
		// Of what comes together, a message may not come back before the end.
		want := said(t, stdSays(t, bytes.Clone(sent)), split == 1)
		if got := said(t, leanSays(t, sent, split), split == 1); got != want {
			t.Errorf("to %q, %d bytes at a time, lean says %s, gorilla %s", sent, split, got, want)
		}
	})
}

func FuzzLeanJudgesHandshakesAsGorillaDoes(f *testing.F) { // W1, X2
	const key = "AAAAAAAAAAAAAAAAAAAAAA=="
	f.Add("GET", "Upgrade", "websocket", "13", key, "", "localhost")
	f.Add("HEAD", "upgrade", "WebSocket", "13", key, "", "localhost")
	f.Add("GET", "keep-alive, Upgrade", "h2c, websocket", "8, 13", key, "http://localhost", "localhost")
	f.Add("GET", "close;q=1, upgrade", "websocket", "13", key, "http://LOCALHOST:80", "localhost:80")
	f.Add("GET", "Upgrade", "websocket/13", "12", key, "null", "localhost")
	f.Add("GET", "Upgrade", "websocket", "13", key[1:], "https://ally.example", "localhost")
	f.Add("GET", "", "", "", "", "http://localhost.evil.example", "localhost")
	f.Add("POST", "Upgrade", "websocket", "13", key+" ", "", "localhost")
	f.Fuzz(func(t *testing.T, method, connection, upgrade, version, challenge, origin, host string) {
		var request strings.Builder
		request.WriteString(method + " /ws?topic=t0 HTTP/1.1\r\nHost: " + host + "\r\n")
		for name, value := range map[string]string{
			"Connection": connection, "Upgrade": upgrade, "Sec-WebSocket-Version": version, "Sec-WebSocket-Key": challenge, "Origin": origin,
		} {
			if value != "" {
				request.WriteString(name + ": " + value + "\r\n")
			}
		}
		if strings.ContainsFunc(method+connection+upgrade+version+challenge+origin+host, func(r rune) bool { return r < ' ' || r > '~' }) ||
			strings.ContainsAny(method+host, " ") || method == "" {
			t.Skip("what is no header is not for this")
		}
		o := Options{Origins: []string{"https://ally.example"}}
		std := stdStatus(t, request.String()+"\r\n", o)
		if std == "" {
			t.Skip("net/http does not even answer")
		}
		src, _ := raw(0)
		stage, _ := stageOf(t, src, o)
		c := stage.Dial()
		c.Send(request.String() + "\r\n")
		if got, _, _ := strings.Cut(c.Got(), "\r\n"); got != std {
			t.Errorf("%q is answered with %q, gorilla's %q", request.String(), got, std)
		}
	})
}

// stdStatus is the status line with which the other stack answers.
func stdStatus(t *testing.T, request string, o Options) (line string) {
	synctest.Test(t, func(t *testing.T) {
		src, _ := raw(0)
		l := newPipes()
		server := &http.Server{Handler: New(src, o)}
		go server.Serve(l)
		defer server.Close()
		conn := l.dial()
		defer conn.Close()
		go io.WriteString(conn, request)
		defer time.AfterFunc(time.Minute, func() { conn.Close() }).Stop()
		buffer := make([]byte, 4<<10)
		n, _ := conn.Read(buffer)
		line, _, _ = strings.Cut(string(buffer[:n]), "\r\n")
	})
	return line
}
