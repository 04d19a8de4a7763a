package lean_test

import (
	"bytes"
	"errors"
	"net"
	"net/http"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"pushbench/servers/lean"
	"pushbench/servers/lean/leantest"
	"pushbench/servers/poll"
	"pushbench/servers/publish"
	"pushbench/servers/source"
	"pushbench/servers/wire"
)

// A recording is a connection whose client has sent these bytes and is silent then,
// for longer than any server waits.
type recording struct {
	net.Conn
	in   *strings.Reader
	out  bytes.Buffer
	once sync.Once
	done chan struct{}
}

func (r *recording) Read(b []byte) (int, error) {
	if r.in.Len() == 0 {
		return 0, os.ErrDeadlineExceeded
	}
	return r.in.Read(b)
}

func (r *recording) Write(b []byte) (int, error)      { return r.out.Write(b) }
func (r *recording) Close() error                     { r.once.Do(func() { close(r.done) }); return nil }
func (r *recording) LocalAddr() net.Addr              { return &net.TCPAddr{} }
func (r *recording) RemoteAddr() net.Addr             { return &net.TCPAddr{} }
func (r *recording) SetDeadline(time.Time) error      { return nil }
func (r *recording) SetReadDeadline(time.Time) error  { return nil }
func (r *recording) SetWriteDeadline(time.Time) error { return nil }

// one is a listener with one connection.
type one struct{ conn chan net.Conn }

func (o one) Accept() (net.Conn, error) {
	if c, ok := <-o.conn; ok {
		return c, nil
	}
	return nil, net.ErrClosed
}
func (one) Close() error   { return nil }
func (one) Addr() net.Addr { return &net.TCPAddr{} }

func newSource(t testing.TB) *source.Source {
	src := source.New(source.Options{Epoch: "e"}, "t")
	if _, err := src.Publish("t", wire.Message{Due: 1, Data: []byte(`"x"`)}); err != nil {
		t.Fatal(err)
	}
	return src
}

// byStd is what net/http and the halves on it answer.
func byStd(t testing.TB, sent string) string {
	src := newSource(t)
	mux := http.NewServeMux()
	mux.Handle("/poll", poll.New(src, poll.Options{}))
	mux.Handle("/publish", publish.New(src, publish.Options{}))
	server := http.Server{Handler: mux, MaxHeaderBytes: 16 << 10, ReadHeaderTimeout: time.Hour}
	conn := &recording{in: strings.NewReader(sent), done: make(chan struct{})}
	l := one{make(chan net.Conn, 1)}
	l.conn <- conn
	close(l.conn)
	if err := server.Serve(l); !errors.Is(err, net.ErrClosed) {
		t.Fatal(err)
	}
	<-conn.done
	return conn.out.String()
}

// byLean is what the lean stack answers to the same, in these pieces.
func byLean(t testing.TB, pieces ...string) string {
	src := newSource(t)
	st := leantest.New(t, src,
		lean.Mount{Path: "/poll", Half: poll.NewLean(src, poll.Options{})},
		lean.Mount{Path: "/publish", Half: publish.NewLean(src, publish.Options{})})
	c := st.Dial()
	c.Send(pieces...)
	st.Advance(5 * time.Minute)
	if !c.Ended() {
		t.Errorf("a client that has been silent for five minutes is still connected, after %q", pieces)
	}
	return c.Got()
}

var (
	dates  = regexp.MustCompile(`Date: [^\r]*\r\n`)
	stamps = regexp.MustCompile(`"(pub|wall)":"[0-9]*"`)
	// net/http reads a body that nobody wants before it answers and so knows
	// whether the connection can be used again; here the answer comes at once.
	ends = regexp.MustCompile(`Connection: close\r\n`)
	// Which of the two is said of no body at all.
	empty     = regexp.MustCompile(`Content-Length: 0\r\n`)
	bodies    = regexp.MustCompile(`Content-Length: [0-9]*\r\n\r\nread body: [^\n]*\n`)
	redirects = regexp.MustCompile(`(?s)(HTTP/1.[01] 307 [^\r]*\r\n).*?\r\n\r\n(<a href=[^\n]*\n\n)?`)
)

// visible is what of a response does not depend on the instant, nor on how a
// refusal is worded for people.
func visible(answers string) string {
	for _, r := range []*regexp.Regexp{dates, ends, empty} {
		answers = r.ReplaceAllString(answers, "")
	}
	answers = bodies.ReplaceAllString(answers, "")
	answers = stamps.ReplaceAllString(answers, `"$1":""`)
	return redirects.ReplaceAllString(answers, "$1\r\n\r\n")
}

const host = "Host: x\r\n"

// exchanges are bytes of clients, good and bad.
var exchanges = []string{
	"GET /poll?topic=t HTTP/1.1\r\n" + host + "\r\n",
	"GET /poll?topic=t&after=e-0 HTTP/1.1\r\n" + host + "\r\n",
	"GET /poll?topic=t&after=e-1 HTTP/1.1\r\n" + host + "\r\n",
	"HEAD /poll?topic=t&after=e-0 HTTP/1.1\r\n" + host + "\r\n",
	"GET /poll?topic=t HTTP/1.1\r\n" + host + "If-None-Match: \"e-0\"\r\n\r\n",
	"GET /poll?topic=t HTTP/1.1\r\n" + host + "If-None-Match: W/\"e-0\"\r\n\r\n",
	"GET /poll?topic=t HTTP/1.1\r\n" + host + "If-None-Match: *\r\n\r\n",
	"GET /poll?topic=t HTTP/1.1\r\n" + host + "If-None-Match: garbage\r\n\r\n",
	"GET /poll?topic=other HTTP/1.1\r\n" + host + "\r\n",
	"GET /poll?topic=%74 HTTP/1.1\r\n" + host + "\r\n",
	"GET /poll?topic=%zz HTTP/1.1\r\n" + host + "\r\n",
	"GET /poll?topic=t;x HTTP/1.1\r\n" + host + "\r\n",
	"GET /poll?topic=t&topic=other&after=e-0&after=e-1 HTTP/1.1\r\n" + host + "\r\n",
	"GET /poll?topic=t&x=" + strings.Repeat("y", 5000) + " HTTP/1.1\r\n" + host + "\r\n",
	"GET /poll HTTP/1.1\r\n" + host + "\r\n",
	"GET / HTTP/1.1\r\n" + host + "\r\n",
	"GET /pol%6c?topic=t HTTP/1.1\r\n" + host + "\r\n",
	"GET /poll%2f?topic=t HTTP/1.1\r\n" + host + "\r\n",
	"GET /poll/ HTTP/1.1\r\n" + host + "\r\n",
	"GET //poll?topic=t HTTP/1.1\r\n" + host + "\r\n",
	"GET /./poll?topic=t HTTP/1.1\r\n" + host + "\r\n",
	"GET /x/../poll?topic=t HTTP/1.1\r\n" + host + "\r\n",
	"GET http://x/poll?topic=t HTTP/1.1\r\n" + host + "\r\n",
	"GET http://x HTTP/1.1\r\n" + host + "\r\n",
	"GET http:x HTTP/1.1\r\n" + host + "\r\n",
	"GET poll HTTP/1.1\r\n" + host + "\r\n",
	"GET /p\x7foll HTTP/1.1\r\n" + host + "\r\n",
	"GET /poll?topic=\xff HTTP/1.1\r\n" + host + "\r\n",
	"GET /poll?topic=t#x HTTP/1.1\r\n" + host + "\r\n",
	"GET * HTTP/1.1\r\n" + host + "\r\n",
	"OPTIONS * HTTP/1.1\r\n" + host + "\r\n",
	"OPTIONS * HTTP/1.0\r\n\r\n",
	"OPTIONS /poll HTTP/1.1\r\n" + host + "\r\n",
	"CONNECT /poll HTTP/1.1\r\n\r\n",
	"CONNECT x:80 HTTP/1.1\r\n" + host + "\r\n",
	"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
	"DELETE /poll?topic=t HTTP/1.1\r\n" + host + "\r\n",
	"G\x00T / HTTP/1.1\r\n" + host + "\r\n",
	"GET /poll?topic=t HTTP/1.0\r\n\r\n",
	"GET /poll?topic=t HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
	"GET /poll?topic=t&after=e-1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
	"GET /poll?topic=t HTTP/1.7\r\n" + host + "\r\n",
	"GET /poll?topic=t HTTP/0.9\r\n\r\n",
	"GET /poll?topic=t HTTP/2.0\r\n" + host + "\r\n",
	"GET /poll?topic=t HTTP/3\r\n" + host + "\r\n",
	"GET /poll?topic=t\r\n\r\n",
	"GET  /poll HTTP/1.1\r\n\r\n",
	"\r\nGET /poll?topic=t HTTP/1.1\r\n" + host + "\r\n",
	"GET /poll?topic=t HTTP/1.1\n" + "Host: x\n\n",
	"GET /poll?topic=t HTTP/1.1\r\n\r\n",
	"GET /poll?topic=t HTTP/1.1\r\n" + host + host + "\r\n",
	"GET /poll?topic=t HTTP/1.1\r\nHost: x y\r\n\r\n",
	"GET /poll?topic=t HTTP/1.1\r\nHost:\r\n\r\n",
	"GET /poll?topic=t HTTP/1.1\r\n" + host + "A b: c\r\n\r\n",
	"GET /poll?topic=t HTTP/1.1\r\n" + host + "Ab : c\r\n\r\n",
	"GET /poll?topic=t HTTP/1.1\r\n" + host + ": c\r\n\r\n",
	"GET /poll?topic=t HTTP/1.1\r\n" + host + "Abc\r\n\r\n",
	"GET /poll?topic=t HTTP/1.1\r\n" + host + "A: b\x01\r\n\r\n",
	"GET /poll?topic=t HTTP/1.1\r\n" + host + "A: b\rc\r\n\r\n",
	"GET /poll?topic=t HTTP/1.1\r\n A: b\r\n" + host + "\r\n",
	"GET /poll?topic=t HTTP/1.1\r\n" + host + "If-None-Match:\r\n \"e-0\"\r\n\r\n",
	"GET /poll?topic=t HTTP/1.1\r\n" + host + "A: b\r\n \r\n\r\n",
	"GET /poll?topic=t HTTP/1.1\r\n" + host + "Connection: x, close\r\n\r\n",
	"GET /poll?topic=t HTTP/1.1\r\n" + host + "X: " + strings.Repeat("y", 30<<10) + "\r\n\r\n",
	"GET /poll?topic=t HTTP/1.1\r\n" + host + strings.Repeat("X: y\r\n", 4000) + "\r\n",
	"GET /poll?topic=t HTTP/1.1\r\n" + host + "Expect: 100-continue\r\n\r\n",
	"GET /poll?topic=t HTTP/1.1\r\n" + host + "Expect: the best\r\n\r\n",
	"GET /poll?topic=t HTTP/1.1\r\n" + host + "Content-Length: 3\r\n\r\nabcGET /poll?topic=t HTTP/1.1\r\n" + host + "\r\n",
	"GET /poll?topic=t HTTP/1.1\r\n" + host + "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
	"GET /poll?topic=t HTTP/1.1\r\n" + host + "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
	"GET /poll?topic=t HTTP/1.1\r\n" + host + "Content-Length: -3\r\n\r\n",
	"GET /poll?topic=t HTTP/1.1\r\n" + host + "Content-Length:\r\n\r\n",
	"GET /poll?topic=t HTTP/1.1\r\n" + host + "Content-Length: 9223372036854775808\r\n\r\n",
	"GET /poll?topic=t HTTP/1.1\r\n" + host + "Transfer-Encoding: gzip\r\n\r\n",
	"GET /poll?topic=t HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
	"GET /poll?topic=t HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\nTrailer: Content-Length\r\n\r\n0\r\n\r\n",
	"GET /poll?topic=t HTTP/1.0\r\nTransfer-Encoding: gzip\r\n\r\n",
	"GET /poll?topic=t HTTP/2.0\r\nTransfer-Encoding: gzip\r\n\r\n",
	"GET /poll?topic=t HTTP/1.1\r\n" + host + "\r\nGET /poll?topic=t&after=e-1 HTTP/1.1\r\n" + host + "\r\n",
	"POST /publish?topic=t HTTP/1.1\r\n" + host + "Content-Length: 19\r\n\r\n{\"due\":\"5\",\"data\":1}",
	"POST /publish?topic=t HTTP/1.1\r\n" + host + "Content-Length: 20\r\n\r\n{\"due\":\"5\",\"data\":1}\r\n\r\nGET /poll?topic=t&after=e-1 HTTP/1.1\r\n" + host + "\r\n",
	"POST /publish?topic=t HTTP/1.1\r\n" + host + "Expect: 100-continue\r\nContent-Length: 20\r\n\r\n{\"due\":\"5\",\"data\":1}",
	"POST /publish?topic=t HTTP/1.1\r\n" + host + "Content-Length: 5\r\n\r\nhello",
	"POST /publish?topic=t HTTP/1.1\r\n" + host + "Content-Length: 50\r\n\r\nhello",
	"POST /publish?topic=t HTTP/1.1\r\n" + host + "\r\n",
	"POST /publish?topic=other HTTP/1.1\r\n" + host + "Content-Length: 1\r\n\r\n1",
	"POST /publish?topic=t HTTP/1.1\r\n" + host + "Content-Length: 70000\r\n\r\n" + strings.Repeat("x", 70000),
	"POST /publish?topic=t HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n14;x=y\r\n{\"due\":\"5\",\"data\":1}\r\n0\r\n\r\nGET /poll?topic=t&after=e-1 HTTP/1.1\r\n" + host + "\r\n",
	"POST /publish?topic=t HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\nA\r\n{\"due\":\"5\"\r\na \t\r\n,\"data\":1}\r\n0\r\nA: b\r\n\r\nGET /poll?topic=t HTTP/1.1\r\n" + host + "\r\n",
	"POST /publish?topic=t HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n\n",
	"POST /publish?topic=t HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n",
	"POST /publish?topic=t HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n5\r\nhelloo\r\n0\r\n\r\n",
	"POST /publish?topic=t HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\ng\r\n",
	"POST /publish?topic=t HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n11111111111111111\r\n",
	"POST /publish?topic=t HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n1;" + strings.Repeat("x", 5000) + "\r\n",
	"POST /publish?topic=t HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n0\r\nA\r\n\r\n",
	"POST /publish?topic=t HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n0\r\nA: " + strings.Repeat("x", 5000) + "\r\n\r\n",
	"POST /publish?topic=t HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n" + strings.Repeat("1;"+strings.Repeat("x", 1000)+"\r\ny\r\n", 20),
	"PUT /publish?topic=t HTTP/1.1\r\n" + host + "Content-Length: 300000\r\n\r\n" + strings.Repeat("x", 300000),
	"GET",
	"",
}

func TestBothStacksAnswerTheSameBytesAlike(t *testing.T) { // V13, L6, L14
	for _, sent := range exchanges {
		want, got := visible(byStd(t, sent)), visible(byLean(t, sent))
		if got != want {
			t.Errorf("%.300q is answered with\n%q, net/http with\n%q", sent, got, want)
		}
		if len(sent) > 1000 {
			continue
		}
		if split := visible(byLean(t, strings.Split(sent, "")...)); split != got {
			t.Errorf("%.300q is answered, byte by byte, with\n%q, at once with\n%q", sent, split, got)
		}
	}
}

func FuzzBothStacksAnswerAlike(f *testing.F) {
	for _, sent := range exchanges {
		if len(sent) < 2000 {
			f.Add(sent, uint16(len(sent)/2))
		}
	}
	f.Fuzz(func(t *testing.T, sent string, cut uint16) {
		if len(sent) > 1<<10 {
			return // where buffers of net/http end is its own affair
		}
		at := min(int(cut), len(sent))
		want, got := visible(byStd(t, sent)), visible(byLean(t, sent[:at], sent[at:]))
		if got != want {
			t.Errorf("%q, in two pieces of %d, is answered with\n%q, net/http with\n%q", sent, at, got, want)
		}
	})
}
