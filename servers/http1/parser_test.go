package http1

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// told is all that a request says.
func told(r *Request) string {
	return fmt.Sprintf("%s|%s|%s|%s|%d|%t|%d|%t|%s|%s", r.Method, r.Path, r.Query, r.Host, r.Minor, r.Close, r.Length, r.Continue, r.Moved, r.fields)
}

// The model is to parse each request anew.
func TestAParserThatRemembersTellsTheSame(t *testing.T) {
	heads := []string{
		"GET /a HTTP/1.1\r\nHost: x\r\n\r\n",
		"GET /a HTTP/1.1\r\nHost: x\r\nA: b\r\n\r\n",
		"GET /a?b=c HTTP/1.0\r\n\r\n",
		"HEAD /%61 HTTP/1.1\nHost: x\n\n",
		"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n",
		"POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n",
		"GET //a HTTP/1.1\r\nHost: x\r\nConnection:\r\n close\r\n\r\n",
		"nonsense\r\n\r\n",
		"GET /a HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("y", MaxHead) + "\r\n\r\n",
	}
	behind := []string{"", "abc", "GET /a HTTP/1.1\r\nHost: x\r\n\r\n"}
	rapid.Check(t, func(t *rapid.T) {
		var p Parser
		serials := make(map[uint64]string)
		for range rapid.IntRange(1, 20).Draw(t, "requests") {
			head := rapid.SampledFrom(heads).Draw(t, "head")
			sent := []byte(head + rapid.SampledFrom(behind).Draw(t, "behind"))
			sent = sent[:rapid.IntRange(0, len(sent)).Draw(t, "arrived")]
			var fresh Request
			n, err := p.Parse(sent)
			wantN, wantErr := fresh.Parse(sent)
			if n != wantN || err != wantErr {
				t.Fatalf("%.200q is %d bytes, %v; want %d, %v", sent, n, err, wantN, wantErr)
			}
			if n == 0 {
				continue
			}
			got := told(&p.Request)
			clear(sent) // the buffer is used again
			if want := told(&Request{}); got == want || got != told(&p.Request) {
				t.Fatalf("%q depends on a buffer that is used again", got)
			}
			if fresh.Parse([]byte(head)); got != told(&fresh) {
				t.Fatalf("%q tells\n%s, want\n%s", head, got, told(&fresh))
			}
			serial := p.Request.Serial()
			if before, known := serials[serial]; serial == 0 || known && before != got {
				t.Fatalf("serial %d is of\n%s and of\n%s", serial, before, got)
			}
			serials[serial] = got
		}
	})
}

func TestTheSameRequestHasTheSameSerial(t *testing.T) {
	var p Parser
	var serials []uint64
	for _, head := range []string{"GET /a HTTP/1.1\r\nHost: x\r\n\r\n", "GET /a HTTP/1.1\r\nHost: x\r\n\r\nbehind", "GET /b HTTP/1.1\r\nHost: x\r\n\r\n"} {
		if _, err := p.Parse([]byte(head)); err != nil {
			t.Fatal(err)
		}
		serials = append(serials, p.Request.Serial())
	}
	if serials[0] != serials[1] || serials[1] == serials[2] {
		t.Errorf("serials %v, want the first two alike", serials)
	}
	if changed := p.Request.With("c=d", "Host", "y"); changed.Serial() != 0 || string(changed.Query) != "c=d" || string(changed.Field("Host")) != "y" {
		t.Errorf("changed to %s, serial %d", told(changed), changed.Serial())
	}
}

// Byte by byte, a head that is not whole is no error, and one that can never be
// whole is one as soon as its line has ended.
func TestAnErrorComesWithTheLineThatMakesIt(t *testing.T) {
	const head = "GET /a HTTP/1.1\r\nHost: x\r\nA: b\r\n\r\n"
	var r Request
	for i := range len(head) {
		if n, err := r.Parse([]byte(head[:i])); n != 0 || err != nil {
			t.Errorf("%q is %d bytes, %v", head[:i], n, err)
		}
	}
	if n, err := r.Parse([]byte(head + "more")); n != len(head) || err != nil {
		t.Errorf("a whole head is %d bytes, %v", n, err)
	}
	for _, bad := range []string{"GET /a\r\n", "GET /a HTTP/1.1\r\nHost x\r\n", "GET /a HTTP/1.1\r\nA: \x00\n"} {
		if n, err := r.Parse([]byte(bad[:len(bad)-1])); n != 0 || err != nil {
			t.Errorf("%q is %d bytes, %v", bad[:len(bad)-1], n, err)
		}
		if _, err := r.Parse([]byte(bad)); err != errMalformed {
			t.Errorf("%q: %v, want %v", bad, err, errMalformed)
		}
	}
	long := "GET /a HTTP/1.1\r\nA: " + strings.Repeat("b", MaxHead)
	if _, err := r.Parse([]byte(long[:MaxHead-1])); err != nil {
		t.Errorf("a head of %d bytes that may end yet: %v", MaxHead-1, err)
	}
	if _, err := r.Parse([]byte(long[:MaxHead])); err != errTooLarge {
		t.Errorf("a head of %d bytes that has not ended: %v", MaxHead, err)
	}
}

func TestABodyIsFoundInEverySplit(t *testing.T) {
	for _, tt := range []struct{ framing, sent, want string }{
		{"Content-Length: 5", "helloGET", "hello"},
		{"Transfer-Encoding: chunked", "5\r\nhello\r\n0\r\n\r\nGET", "hello"},
		{"Transfer-Encoding: chunked", "1;x=y\r\nh\r\n4 \r\nello\r\n0\r\nA: b\r\nC: d\r\n e\r\n\r\nGET", "hello"},
		{"Transfer-Encoding: chunked", "0\r\n\r\nGET", ""},
	} {
		for size := 1; size <= len(tt.sent); size++ {
			var r Request
			if _, err := r.Parse([]byte("POST /a HTTP/1.1\r\nHost: x\r\n" + tt.framing + "\r\n\r\n")); err != nil {
				t.Fatal(err)
			}
			b := r.Body()
			var got, kept []byte
			sent, done := []byte(tt.sent), false
			for !done {
				if len(sent) == 0 {
					t.Fatalf("%q in pieces of %d: no end", tt.sent, size)
				}
				n := min(size, len(sent))
				kept, sent = append(kept, sent[:n]...), sent[n:]
				for {
					data, rest, over, err := b.Next(kept)
					if err != nil {
						t.Fatalf("%q in pieces of %d: %v", tt.sent, size, err)
					}
					got, done = append(got, data...), over
					stuck := len(rest) == len(kept)
					kept = rest
					if stuck || done {
						break
					}
				}
			}
			if left := string(kept) + string(sent); string(got) != tt.want || left != "GET" {
				t.Errorf("%q in pieces of %d is %q and %q behind it, want %q and \"GET\"", tt.sent, size, got, left, tt.want)
			}
		}
	}
}

// The common case is a thousand clients that ask alike, and one that does not.
func BenchmarkParse(b *testing.B) {
	alike := []byte("GET /longpoll?topic=t0&after=local-1234567 HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nUser-Agent: somebody/1.0\r\nAccept: application/json\r\nConnection: keep-alive\r\n\r\n")
	other := []byte(strings.Replace(string(alike), "1234567", "1234568", 1))
	for name, heads := range map[string][2][]byte{"alike": {alike, alike}, "different": {alike, other}} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			var p Parser
			for i := 0; b.Loop(); i++ {
				if _, err := p.Parse(heads[i&1]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
