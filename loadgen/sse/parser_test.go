package sse

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"pushbench/loadgen/engine"
	"pushbench/loadgen/reads"
)

// A reading is everything that a stream means.
type reading struct {
	Messages []string // type|id|data
	ID       string
	Retry    time.Duration
}

func told(kind, id, data string) string { return fmt.Sprintf("%s|%s|%s", kind, id, data) }

// parse reads a stream with a Parser.
func parse(p *Parser, r reads.Reads) (got reading, err error) {
	err = r.Bring(func(in []byte) error {
		for {
			var m Message
			outcome, rest, err := p.Next(in, &m)
			if err != nil || outcome == More {
				return err
			}
			if m.ID != nil {
				got.ID = string(m.ID)
			}
			if outcome == Dispatch {
				got.Messages = append(got.Messages, told(string(m.Type), got.ID, string(m.Data)))
			}
			in = rest
		}
	})
	got.Retry = p.Retry()
	return got, err
}

// streams are read as the standard says, in every split.
var streams = []struct {
	id, name, stream string
	want             reading
}{
	{"S1", "mark", "\ufeffdata:1\n\ndata:2\n\n\ufeffdata:3\n\n", reading{Messages: []string{"message||1", "message||2"}}},
	{"S2", "two marks", "\ufeff\ufeffdata:1\n\ndata:2\n\n", reading{Messages: []string{"message||2"}}},
	{"S3", "most of a mark", "\xef\xbbdata:1\n\ndata:2\n\n", reading{Messages: []string{"message||2"}}},
	{"S3", "mark only", "\ufeff\n\ndata:1\n\n", reading{Messages: []string{"message||1"}}},
	{"S4", "line ends", "data:1\ndata:2\rdata:3\r\ndata:4\r\n\rdata:5\n\r\ndata:6\r\r", reading{Messages: []string{"message||1\n2\n3\n4", "message||5", "message||6"}}},
	{"S4", "CR within the usual", "id: a\rb\ndata: 1\n\nid: c\ndata: 2\rdata: 3\n\n", reading{Messages: []string{"message|a|1", "message|c|2\n3"}, ID: "c"}},
	{"S5", "CRLF CRLF", "data:1\r\n\r\ndata:2\r\n\r\n", reading{Messages: []string{"message||1", "message||2"}}},
	{"S6", "CR CR LF", "data:1\r\r\ndata:2\n\n", reading{Messages: []string{"message||1", "message||2"}}},
	{"S6", "CR CR LF LF", "id:7\r\r\n\ndata:2\n\n", reading{Messages: []string{"message|7|2"}, ID: "7"}},
	{"S8", "comments", "data:1\r:\x00\n:\r\ndata:2\n:" + strings.Repeat("x", 3000) + "\rdata:3\n:data:4\r\n:\n\n", reading{Messages: []string{"message||1\n2\n3"}}},
	{"S9", "comment block", "id:1\ndata:a\n\n:beat\n\n:\n\n", reading{Messages: []string{"message|1|a"}, ID: "1"}},
	{"S10", "several lines", "data:a\ndata: b\n\ndata:\ndata:\n\n", reading{Messages: []string{"message||a\nb", "message||\n"}}},
	{"S11", "empty data", "data\n\ndata:\n\ndata\ndata\n\ndata:x\n\n", reading{Messages: []string{"message||", "message||", "message||\n", "message||x"}}},
	{"S12", "leading space", "data:\ta\ndata:  b\ndata: \ndata:c\n\n", reading{Messages: []string{"message||\ta\n b\n\nc"}}},
	{"S13", "unknown fields", "data:a\n data:b\nDATA:c\ndata \x00:d\n\x00data:e\ndata:f\nfoo\nevent :x\n\n", reading{Messages: []string{"message||a\nf"}}},
	{"S14", "colons", "data::a:b\nid:x:y\n\n", reading{Messages: []string{"message|x:y|:a:b"}, ID: "x:y"}},
	{"S15", "NUL in data", "data:\x00a\x00\nevent:\x00\n\n", reading{Messages: []string{"\x00||\x00a\x00"}}},
	{"S16", "type", "event:a\ndata:1\n\ndata:2\n\n", reading{Messages: []string{"a||1", "message||2"}}},
	{"S16", "last type counts", "event:a\nevent:b\ndata:1\n\nevent:c\nevent\ndata:2\n\n", reading{Messages: []string{"b||1", "message||2"}}},
	{"S17", "empty type", "event:\ndata:1\n\nevent: \ndata:2\n\n", reading{Messages: []string{"message||1", "message||2"}}},
	{"S18", "no data", "event:a\nid:1\nretry:200\n\ndata:b\n\nevent:c\n\nid:2\n\n", reading{Messages: []string{"message|1|b"}, ID: "2", Retry: 200 * time.Millisecond}},
	{"S19", "ids", "id:1\ndata:a\n\ndata:b\n\nid:2\ndata:c\n\nid\ndata:d\n\nid:3\nid:4\ndata:e\n\n", reading{Messages: []string{"message|1|a", "message|1|b", "message|2|c", "message||d", "message|4|e"}, ID: "4"}},
	{"S20", "NUL in id", "id:1\ndata:a\n\nid:2\x00\ndata:b\n\nid: \x00\ndata: c\n\n", reading{Messages: []string{"message|1|a", "message|1|b", "message|1|c"}, ID: "1"}},
	{"S21", "id of an unfinished block", "id:1\ndata:a\n\nid:2\ndata:b\n", reading{Messages: []string{"message|1|a"}, ID: "1"}},
	{"S22", "unfinished block", "data:a\n\ndata:b", reading{Messages: []string{"message||a"}}},
	{"S22", "unfinished block with line end", "data:a\n\nretry:70\ndata:b\n", reading{Messages: []string{"message||a"}, Retry: 70 * time.Millisecond}},
	{"S23", "retry", "retry:03000\nretry:1000x\nretry:-1\nretry:+1\nretry\nretry:\nretry:  5\nretry:１２\n", reading{Retry: 3 * time.Second}},
	{"S23", "retry takes the last", "retry:20\nretry: 30\n\n", reading{Retry: 30 * time.Millisecond}},
	{"S24", "retry of nothing", "retry:0\n", reading{Retry: MinRetry}},
	{"S24", "retry without end", "retry:99999999999999999999999999\n", reading{Retry: MaxRetry}},
	{"S25", "UTF-8", "id:ü\nevent:✓\ndata:€ 😀 ok\n\n", reading{Messages: []string{"✓|ü|€ 😀 ok"}, ID: "ü"}},
	{"S26", "not UTF-8", "data:\xff a \xe2\x82\ndata:\xf0\x9f\x98x\xed\xa0\x80\nid:\xc3\n\n", reading{Messages: []string{"message|\uFFFD|\uFFFD a \uFFFD\n\uFFFDx\uFFFD\uFFFD\uFFFD"}, ID: "\uFFFD"}},
	{"S26", "unfinished characters", "id: 1\ndata: \xf0\x90\x80|\xf4\x8f\xbf|\xe0\xa0|\xe0\x80|\xc0\x80\n\n", reading{Messages: []string{"message|1|\uFFFD|\uFFFD|\uFFFD|\uFFFD\uFFFD|\uFFFD\uFFFD"}, ID: "1"}},
	{"S29", "the usual", "id: E-1\ndata: {}\n\nid: E-2\nevent: t\ndata: {\"a\":\"b\"}\n\n: beat\n\nid: E-3\ndata:  x\n\n", reading{Messages: []string{"message|E-1|{}", "t|E-2|{\"a\":\"b\"}", "message|E-3| x"}, ID: "E-3"}},
}

func TestStreamsAreReadAsTheStandardSays(t *testing.T) { // S1 S2 S3 S4 S5 S6 S8 S9 S10 S11 S12 S13 S14 S15 S16 S17 S18 S19 S20 S21 S22 S23 S24 S25 S26 S29
	for _, c := range streams {
		t.Run(c.id+" "+c.name, func(t *testing.T) {
			if want, _ := reference([]byte(c.stream), 0); !cmp.Equal(c.want, want) {
				t.Errorf("reference reading: (-table +reference)\n%s", cmp.Diff(c.want, want))
			}
			reads.Each(t, c.stream, func(name string, r reads.Reads) {
				got, err := parse(new(Parser), r)
				if err != nil || !cmp.Equal(c.want, got) {
					t.Fatalf("%s: %v (-want +got)\n%s", name, err, cmp.Diff(c.want, got))
				}
			})
		})
	}
}

func TestMessageIsDispatchedWithItsLastByte(t *testing.T) { // S7
	for _, stream := range []string{"data:a\r\r", "data:a\n\n", "data:a\n\r", "data:a\r\n\r", "id: 1\ndata: a\n\n"} {
		reads.Each(t, stream, func(name string, r reads.Reads) {
			var p Parser
			for i, in := range r {
				got, _ := parse(&p, reads.Reads{in})
				if want := min(1, max(0, i-len(r)+2)); len(got.Messages) != want {
					t.Fatalf("%q %s: %d messages with read %d of %d, want %d", stream, name, len(got.Messages), i+1, len(r), want)
				}
			}
		})
	}
}

func TestLineFeedBehindADispatchedCarriageReturnEndsNothing(t *testing.T) { // S6 S7
	var p Parser
	got, err := parse(&p, reads.Reads{[]byte("data:a\r\r"), []byte("\ndata:b\r"), []byte("\n"), []byte("data:c\n\n")})
	want := reading{Messages: []string{"message||a", "message||b\nc"}}
	if err != nil || !cmp.Equal(want, got) {
		t.Errorf("%v (-want +got)\n%s", err, cmp.Diff(want, got))
	}
}

func TestLargeEventsArriveUpToTheLimit(t *testing.T) { // S27
	for _, size := range []int{64 << 10, 1 << 20, 5 << 20, defaultLimit - len("data:")} {
		text := strings.Repeat("x", size)
		for seed := range uint64(2) {
			got, err := parse(new(Parser), reads.Random([]byte("data:"+text+"\n\nid: 1\ndata:z\n\n"), seed))
			if err != nil || len(got.Messages) != 2 || got.Messages[0] != "message||"+text {
				t.Fatalf("event of %d bytes with seed %d: %d messages, %v", size, seed, len(got.Messages), err)
			}
		}
	}
}

func TestWhatIsOverTheLimitIsRefused(t *testing.T) { // S27 S28
	const limit = 1000
	fill := func(n int) string { return strings.Repeat("x", n) }
	for _, c := range []struct {
		name, stream string
		want         error
	}{
		{"line at the limit", "data:" + fill(limit-5) + "\n\n", nil},
		{"line over the limit", "data:" + fill(limit-4) + "\n\n", engine.ErrLimit},
		{"comment over the limit", ":" + fill(limit), engine.ErrLimit},
		{"usual block over the limit", "id: 1\ndata: " + fill(limit-5) + "\n\n", engine.ErrLimit},
		{"lines up to the limit", strings.Repeat("data:"+fill(99)+"\n", 10) + "data\n\n", nil},
		{"lines over the limit", strings.Repeat("data:"+fill(99)+"\n", 10) + "data:x\n\n", engine.ErrLimit},
		{"endless line", fill(limit + 1), engine.ErrLimit},
		{"short blocks without end", strings.Repeat("data:x\n\n", limit), nil},
		{"comments without end", strings.Repeat(":x\n", limit), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			reads.Each(t, c.stream, func(name string, r reads.Reads) {
				p := Parser{Limit: limit}
				if _, err := parse(&p, r); !errors.Is(err, c.want) {
					t.Fatalf("%s: %v, want %v", name, err, c.want)
				}
			})
		})
	}
}

func TestAnEndlessLineIsHeldUpToTheLimitOnly(t *testing.T) { // S28
	p := Parser{Limit: 4096}
	var m Message
	var err error
	sent := 0
	for piece := []byte(strings.Repeat("x", 512)); err == nil && sent < 1<<20; sent += len(piece) {
		_, _, err = p.Next(piece, &m)
	}
	if !errors.Is(err, engine.ErrLimit) || sent > 4096+512 || cap(p.block.line) > 4*4096 {
		t.Errorf("%v after %d bytes with %d held", err, sent, cap(p.block.line))
	}
}

func TestNothingIsHeldBetweenBlocks(t *testing.T) {
	var p Parser
	got, err := parse(&p, reads.Random([]byte("id:1\nevent:a\ndata:"+strings.Repeat("x", 9000)+"\n\n"), 1))
	if err != nil || len(got.Messages) != 1 || p.block != nil {
		t.Errorf("%d messages, %v; held %+v", len(got.Messages), err, p.block)
	}
}

func TestResetKeepsTheSourcesStateOnly(t *testing.T) { // S21
	for _, broken := range []string{"", "\xef", "data:x", "data:x\r", "id:9\ndata:x\n"} {
		p := Parser{Limit: 100}
		if _, err := parse(&p, reads.Reads{[]byte("retry:50\nid:1\ndata:a\n\n" + broken)}); err != nil {
			t.Fatal(err)
		}
		p.Reset()
		got, err := parse(&p, reads.Reads{[]byte("\ufeff\ndata:b\n\n")})
		want := reading{Messages: []string{"message||b"}, Retry: 50 * time.Millisecond}
		if err != nil || !cmp.Equal(want, got) {
			t.Errorf("after %q: %v (-want +got)\n%s", broken, err, cmp.Diff(want, got))
		}
	}
}

// What is read eight bytes at a time is judged as if it were one by one.
func TestPlainIsASCIIWithoutCarriageReturn(t *testing.T) { // S4
	for length := 1; length <= 20; length++ {
		for at := range length {
			for c := range 256 {
				b := bytes.Repeat([]byte{'x'}, length)
				b[at] = byte(c)
				if got, want := plain(b), c < 0x80 && c != '\r'; got != want {
					t.Fatalf("plain(%q) = %t", b, got)
				}
			}
		}
	}
}
