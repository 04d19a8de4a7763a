package http1

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"pushbench/loadgen/engine"
	"pushbench/loadgen/reads"
	"pushbench/servers/wire"
)

// A response is one as it was read.
type response struct {
	Status  int
	Type    string // Content-Type
	Body    string
	Closing bool
	Whole   bool // its end was seen
}

// read takes everything apart that a Reader can, up to a response with status 101.
func read(r reads.Reads) (got []response, err error) {
	var reader Reader
	switched := false
	err = r.Bring(func(in []byte) error {
		for !switched {
			part, rest, err := reader.Next(in)
			if err != nil {
				return err
			}
			last := len(got) - 1
			switch part.Kind {
			case More:
				return nil
			case Head:
				got = append(got, response{reader.Status(), string(Field(part.Data, "content-type")), "", reader.Closing(), reader.Endless()})
				switched = reader.Status() == 101
			case Body:
				if len(part.Data) == 0 {
					return errors.New("empty piece of a body")
				}
				got[last].Body += string(part.Data)
			case End:
				got[last].Whole = true
			}
			in = rest
		}
		return nil
	})
	return got, err
}

const plain = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"

func ok(body string) response { return response{200, "text/plain", body, false, true} }

func TestResponsesAreRead(t *testing.T) {
	for _, c := range []struct {
		name, stream string
		want         []response
	}{
		{"length", plain + "Content-Length: 5\r\n\r\nhello", []response{ok("hello")}},
		{"keep-alive", plain + "Content-Length: 0\r\n\r\n" + plain + "content-length:\t2 \r\n\r\nhi", []response{ok(""), ok("hi")}},
		{"chunks", plain + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n00A\r\n0123456789\r\n0\r\n\r\n" + plain + "Content-Length: 1\r\n\r\nx", []response{ok("hello0123456789"), ok("x")}},
		{"chunk extensions and trailer", plain + "transfer-encoding: Chunked\r\n\r\n1;a=\"b;c\"\r\nx\r\n0;end\r\nX-Sum: 1\r\nY:\r\n\r\n", []response{ok("x")}},
		{"many chunks", plain + "Transfer-Encoding: chunked\r\n\r\n" + strings.Repeat("1A\r\n"+strings.Repeat("x", 26)+"\r\n", 20) + "0\r\n\r\n", []response{ok(strings.Repeat("x", 520))}},
		{"interim responses", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\nContent-Length: 9\r\n\r\n" + plain + "Content-Length: 1\r\n\r\nx", []response{ok("x")}},
		{"no body by status", "HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 304 Not Modified\r\nContent-Length: 10\r\n\r\nHTTP/1.1 404\r\nContent-Length: 0\r\n\r\n",
			[]response{{204, "", "", false, true}, {304, "", "", false, true}, {404, "", "", false, true}}},
		{"body until the end", plain + "\r\nall\r\n\r\nof it", []response{{200, "text/plain", "all\r\n\r\nof it", true, true}}},
		{"last on its connection", plain + "Connection: X, Close\r\nContent-Length: 1\r\n\r\nx", []response{{200, "text/plain", "x", true, true}}},
		{"HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx", []response{{200, "", "x", true, true}}},
		{"HTTP/1.0 kept alive", "HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 1\r\n\r\nx", []response{{200, "", "x", false, true}}},
		{"switched", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\nno HTTP", []response{{101, "", "", false, false}}},
		{"unfinished", plain + "Content-Length: 5\r\n\r\nhell", []response{{200, "text/plain", "hell", false, false}}},
		{"unfinished chunk", plain + "Transfer-Encoding: chunked\r\n\r\n5\r\nhell", []response{{200, "text/plain", "hell", false, false}}},
		{"unfinished head", plain, nil},
		{"odd but allowed", "HTTP/1.1 299 \xfc\r\n!#$%&'*+-.^_`|~:\r\nEmpty:\r\nContent-Length: 000\r\n\r\n", []response{{299, "", "", false, true}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			reads.Each(t, c.stream, func(name string, r reads.Reads) {
				got, err := read(r)
				if err != nil || !cmp.Equal(c.want, got) {
					t.Fatalf("%s: %v (-want +got)\n%s", name, err, cmp.Diff(c.want, got))
				}
			})
		})
	}
}

func TestAmbiguousResponsesAreRefused(t *testing.T) {
	chunked := plain + "Transfer-Encoding: chunked\r\n\r\n"
	for _, stream := range []string{
		plain + "Content-Length: 5\r\nContent-Length: 6\r\n\r\n",
		plain + "Content-Length: 5\r\nContent-Length: 5\r\n\r\n",
		plain + "Content-Length: 5, 5\r\n\r\n",
		plain + "Content-Length: -1\r\n\r\n",
		plain + "Content-Length: +1\r\n\r\n",
		plain + "Content-Length: 1_0\r\n\r\n",
		plain + "Content-Length: 0x1\r\n\r\n",
		plain + "Content-Length:\r\n\r\n",
		plain + "Content-Length: 99999999999999999999\r\n\r\n",
		plain + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
		plain + "Transfer-Encoding: gzip, chunked\r\n\r\n",
		plain + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
		plain + "Transfer-Encoding: xchunked\r\n\r\n",
		"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
		plain + "Content-Length : 1\r\n\r\n",
		plain + " folded\r\n\r\n",
		plain + "no colon\r\n\r\n",
		plain + ": no name\r\n\r\n",
		plain + "X: \x00\r\n\r\n",
		plain + "X: a\rContent-Length: 5\r\n\r\n",
		"HTTP/1.1 200 OK\n\n",
		"HTTP/1.1 200 OK\r\nX: y\n\r\n",
		"HTTP/1.1 200 OK\r\n\n",
		"\r\nHTTP/1.1 200 OK\r\n\r\n",
		"HTTP/1.2 200 OK\r\n\r\n",
		"HTTP/2.0 200 OK\r\n\r\n",
		"http/1.1 200 OK\r\n\r\n",
		"HTTP/1.1  200 OK\r\n\r\n",
		"HTTP/1.1 20 OK\r\n\r\n",
		"HTTP/1.1 2000 OK\r\n\r\n",
		"HTTP/1.1 099 OK\r\n\r\n",
		"HTTP/1.1 2x0 OK\r\n\r\n",
		"HTTP/1.1 200 a\rb\r\n\r\n",
		"HTTP/1.1\r\n\r\n",
		"SSH-2.0-OpenSSH",
		chunked + "\r\n",
		chunked + "x\r\n",
		chunked + "-1\r\n",
		chunked + " 1\r\nx\r\n",
		chunked + "1 \r\nx\r\n",
		chunked + "1\nx",
		chunked + "1\rx",
		chunked + "1;\n",
		chunked + "1;\x00",
		chunked + "1;a\rb",
		chunked + "11111111111111111\r\n",
		chunked + "1\r\nxy",
		chunked + "1\r\nx\n",
		chunked + "1\r\nx\rx",
		chunked + "0\r\nno colon\r\n\r\n",
		chunked + "0\r\nX: y\n\r\n",
	} {
		reads.Each(t, stream, func(name string, r reads.Reads) {
			if got, err := read(r); !errors.Is(err, engine.ErrProtocol) {
				t.Fatalf("%q %s: %+v, %v", stream, name, got, err)
			}
		})
	}
}

func TestHeadsOverTheLimitAreRefused(t *testing.T) {
	fill := func(n int) string {
		return plain + "X: " + strings.Repeat("x", n-len(plain)-len("X: \r\n\r\n")) + "\r\n\r\n"
	}
	const chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	for _, c := range []struct {
		name, stream string
		want         error
	}{
		{"head at the limit", fill(MaxHead), nil},
		{"head over the limit", fill(MaxHead + 1), engine.ErrLimit},
		{"head without end", plain + strings.Repeat("X: y\r\n", MaxHead), engine.ErrLimit},
		{"extension at the limit", chunked + "1;" + strings.Repeat("x", MaxExtension-2) + "\r\n", nil},
		{"extension over the limit", chunked + "1;" + strings.Repeat("x", MaxExtension), engine.ErrLimit},
		{"trailer over the limit", chunked + "0\r\nX:" + strings.Repeat("x", MaxHead), engine.ErrLimit},
	} {
		reads.Each(t, c.stream, func(name string, r reads.Reads) {
			if _, err := read(r); !errors.Is(err, c.want) {
				t.Fatalf("%s %s: %v", c.name, name, err)
			}
		})
	}
}

func TestASplitHeadIsNotReadAgainForEveryByte(t *testing.T) { // S31
	var r Reader
	head := []byte(plain + "X: " + strings.Repeat("x", 8000) + "\r\n\r\n")
	for i := range head[:len(head)-1] {
		if part, _, err := r.Next(head[i : i+1]); part.Kind != More || err != nil {
			t.Fatalf("byte %d: %v, %v", i, part, err)
		}
	}
	if r.held == nil || len(*r.held) != len(head)-1 {
		t.Errorf("not all of %d bytes held", len(head)-1)
	}
	if part, _, err := r.Next(head[len(head)-1:]); part.Kind != Head || err != nil || r.held != nil {
		t.Errorf("part %v, %v; holds %v", part.Kind, err, r.held)
	}
}

func TestRetryAfterCountsFromTheResponsesDate(t *testing.T) { // P6 L13
	for lines, want := range map[string]time.Duration{
		"":                                      0,
		"Retry-After: 120\r\n":                  2 * time.Minute,
		"Retry-After:\r\n":                      0,
		"Retry-After: soon\r\n":                 0,
		"Retry-After: -1\r\n":                   0,
		"Retry-After: 86401\r\n":                MaxRetryAfter,
		"Retry-After: 99999999999999999999\r\n": MaxRetryAfter,
		"Retry-After: Fri, 31 Dec 1999 23:59:59 GMT\r\n":                                                0,
		"Date: Fri, 31 Dec 1999 23:59:00 GMT\r\nretry-after: Fri, 31 Dec 1999 23:59:59 GMT\r\n":         59 * time.Second,
		"Date: Fri, 31 Dec 1999 23:59:59 GMT\r\nRetry-After: Fri, 31 Dec 1999 23:59:00 GMT\r\n":         0,
		"Date: Fri, 31 Dec 1999 23:59:00 GMT\r\nX: y\r\nRetry-After: Fri, 31 Dec 2099 23:59:59 GMT\r\n": MaxRetryAfter,
	} {
		if got := RetryAfter([]byte(lines)); got != want {
			t.Errorf("RetryAfter(%q) = %v, want %v", lines, got, want)
		}
	}
}

func TestFieldsAreFoundInAnyCase(t *testing.T) {
	lines := []byte("ETag: \"E-1\"\r\nempty:\r\nX-Long:  a, b\t \r\nx-long: c\r\n")
	for name, want := range map[string][]byte{"etag": []byte(`"E-1"`), "Empty": {}, "X-LONG": []byte("a, b"), "X-Lon": nil, "ab": nil} {
		if got := Field(lines, name); !bytes.Equal(got, want) || (got == nil) != (want == nil) {
			t.Errorf("Field(%q) = %q, want %q", name, got, want)
		}
	}
	if HasToken([]byte("a, bc ,,d"), "b") || !HasToken([]byte("a, BC ,,d"), "bc") || !HasToken([]byte("d"), "d") {
		t.Error("HasToken misreads a list")
	}
}

func TestRequestIsReadByAnotherServer(t *testing.T) {
	for _, c := range []struct {
		endpoint engine.Endpoint
		after    wire.Cursor
		want     string
	}{
		{engine.Endpoint{Host: "h:1", Path: "/poll", Topic: "a"}, wire.Cursor{}, "GET /poll?topic=a HTTP/1.1 h:1"},
		{engine.Endpoint{Host: "h", Path: "/x?y=z", Topic: "ü &/"}, wire.Cursor{Epoch: "E", N: 7}, "GET /x?y=z&topic=%C3%BC+%26%2F&after=E-7 HTTP/1.1 h"},
	} {
		b := append(AppendRequest(nil, "GET", &c.endpoint, c.after), "\r\n"...)
		r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(b)))
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(r.Method, " ", r.URL, " ", r.Proto, " ", r.Host); got != c.want || r.URL.Query().Get("topic") != c.endpoint.Topic {
			t.Errorf("request is %q, want %q", got, c.want)
		}
	}
}

func TestControlCharactersAreFoundAnywhereInAField(t *testing.T) {
	for length := 1; length <= 20; length++ {
		for at := range length {
			for c := range 256 {
				for _, around := range []byte{'x', '\t', 0xff} {
					b := bytes.Repeat([]byte{around}, length)
					b[at] = byte(c)
					if got, want := visible(b), c >= ' ' && c != 0x7f || c == '\t'; got != want {
						t.Fatalf("visible(%q) = %t", b, got)
					}
				}
			}
		}
	}
}
