package ws

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pushbench/servers/lean"
	"pushbench/servers/lean/leantest"
	"pushbench/servers/source"
)

const leanHead = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ICX+Yqv66kxgM0FcWaLWlFLwTAI=\r\n\r\n"

// session opens a connection after the cursor given, if any, and takes what the
// handshake and a hello are.
func openLean(t *testing.T, stage *leantest.Stage, after string) *leantest.Client {
	t.Helper()
	c := stage.Dial()
	target := "/ws?topic=t0"
	if after != "" {
		target += "&after=" + after
	}
	c.Send("GET " + target + " HTTP/1.1\r\n" + upgrade + "\r\n")
	want := leanHead
	if after == "" {
		want += string(appendFrame(nil, opText, []byte(hello)))
	}
	if got := c.Got(); got != want {
		t.Fatalf("the handshake is answered with %q, want %q", got, want)
	}
	return c
}

// frames cuts what a server has sent into frames: the first byte and the payload.
func frames(t *testing.T, sent string) (all []string) {
	t.Helper()
	for b := []byte(sent); len(b) > 0; {
		size, length := 2, uint64(b[1])
		switch length {
		case 126:
			size, length = 4, uint64(binary.BigEndian.Uint16(b[2:]))
		case 127:
			size, length = 10, binary.BigEndian.Uint64(b[2:])
		}
		if uint64(len(b)) < uint64(size)+length {
			t.Fatalf("half a frame: %.100q", b)
		}
		all = append(all, fmt.Sprintf("%x %s", b[0], b[size:size+int(length)]))
		b = b[size+int(length):]
	}
	return all
}

func stageOf(t *testing.T, src *source.Source, o Options) (*leantest.Stage, *Lean) {
	half := NewLean(src, o)
	return leantest.New(t, src, lean.Mount{Path: "/ws", Half: half}), half
}

func TestLeanAnswersTheStandardsExample(t *testing.T) {
	got := string(appendAgreement(nil, []byte("dGhlIHNhbXBsZSBub25jZQ==")))
	if !strings.Contains(got, "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n") { // section 1.3
		t.Errorf("got %q", got)
	}
}

func TestLeanCoalescesWhatAClientLacks(t *testing.T) {
	for _, perWrite := range []int{0, 1, 3} {
		src, topic := raw(0)
		stage, _ := stageOf(t, src, Options{PerWrite: perWrite})
		one, other := openLean(t, stage, ""), openLean(t, stage, "")
		publish(t, topic, numbers(7)...)
		stage.Run()
		want := map[int]int{0: 1, 1: 7, 3: 3}[perWrite]
		for _, c := range []*leantest.Client{one, other} {
			writes := c.Writes() - 1
			if got := frames(t, c.Got()); len(got) != 7 || got[6] != "81 7" || writes != want {
				t.Errorf("%d per write: %d writes of %q, want %d", perWrite, writes, got, want)
			}
		}
	}
}

func TestLeanFramesHaveTheShortestHeader(t *testing.T) { // W16, D9
	for _, size := range []int{0, 1, 125, 126, 65535, 65536} {
		src, topic := raw(0)
		stage, _ := stageOf(t, src, Options{})
		c := openLean(t, stage, "")
		payload := strings.Repeat("x", size)
		publish(t, topic, payload)
		stage.Run()
		overhead := 2
		if size > 125 {
			overhead = 4
		}
		if size > 65535 {
			overhead = 10
		}
		got := c.Got()
		if len(got) != size+overhead {
			t.Errorf("%d bytes of payload are sent as %d, want %d more", size, len(got), overhead)
		}
		if all := frames(t, got); len(all) != 1 || all[0] != "81 "+payload {
			t.Errorf("%d bytes of payload arrive as %.50q", size, all)
		}
	}
}

func TestLeanResumesAndTellsOfGaps(t *testing.T) { // W15, V10, V12
	src, topic := raw(4)
	stage, _ := stageOf(t, src, Options{})
	publish(t, topic, numbers(6)...)
	for after, want := range map[string][]string{
		"local-4": {"81 5", "81 6"},
		"local-6": nil,
		"local-0": {`81 {"gap":{"from":"1","to":"2","cursor":"local-2"}}`, "81 3", "81 4", "81 5", "81 6"},
		"other-5": {`81 {"gap":{"from":"1","to":"2","cursor":"local-2","epoch":"other"}}`, "81 3", "81 4", "81 5", "81 6"},
	} {
		c := stage.Dial()
		c.Send("GET /ws?topic=t0&after=" + after + " HTTP/1.1\r\n" + upgrade + "\r\n")
		got := strings.TrimPrefix(c.Got(), leanHead)
		if all := frames(t, got); !slices.Equal(all, want) {
			t.Errorf("after %s: %q, want %q", after, all, want)
		}
	}
}

func TestLeanAnswersPingsAndOnlyTheLastWhileNothingGoesOut(t *testing.T) { // W6
	src, topic := raw(0)
	stage, _ := stageOf(t, src, Options{})
	c := openLean(t, stage, "")
	c.Send(masked(final|opPing, "a") + masked(final|opPing, "b"))
	if got := frames(t, c.Got()); !slices.Equal(got, []string{"8a a", "8a b"}) {
		t.Errorf("pings are answered with %q", got)
	}
	c.Full(true)
	publish(t, topic, "1")
	stage.Run()
	c.Send(masked(final|opPing, "c") + masked(final|opPing, "d"))
	publish(t, topic, "2")
	stage.Run()
	c.Full(false)
	if got := frames(t, c.Got()); !slices.Equal(got, []string{"81 1", "81 2", "8a d"}) {
		t.Errorf("when there is room again, %q come", got)
	}
}

func TestLeanPingsAndClosesWhoDoesNotAnswer(t *testing.T) { // W7
	src, _ := raw(0)
	stage, half := stageOf(t, src, Options{PingInterval: 16 * time.Second, PongWait: 40 * time.Second})
	quiet, lively := openLean(t, stage, ""), openLean(t, stage, "")
	for range 3 {
		stage.Advance(17 * time.Second)
		if all := frames(t, lively.Got()); len(all) != 1 || all[0] != "89 " {
			t.Errorf("in a ping's interval %q come, want a ping", all)
		}
		lively.Send(masked(final|opPong, ""))
	}
	want := []string{"89 ", "89 ", "88 \x03\xf0no pong"}
	if all := frames(t, quiet.Got()); !slices.Equal(all, want) || !quiet.Finished() {
		t.Errorf("who does not answer is told %q, ended %v, want %q", all, quiet.Finished(), want)
	}
	if n := half.Connections(); n != 1 || lively.Finished() {
		t.Errorf("%d connections are left, want that of who answered", n)
	}
}

func TestLeanClosesInOrderAtTheEnd(t *testing.T) { // W9, W10, F1
	src, _ := raw(0)
	stage, half := stageOf(t, src, Options{})
	answers, silent, full := openLean(t, stage, ""), openLean(t, stage, ""), openLean(t, stage, "")
	full.Full(true)
	publish(t, src.Topics()[0], "1")
	stage.Run()
	answers.Got()
	silent.Got()
	stage.Drain()
	goodbye := "88 \x03\xe9server is shutting down"
	for _, c := range []*leantest.Client{answers, silent} {
		if all := frames(t, c.Got()); !slices.Equal(all, []string{goodbye}) || c.Finished() {
			t.Errorf("at the end %q come, ended %v", all, c.Finished())
		}
	}
	answers.Send(masked(final|opText, `{"due":"1","data":1}`) + masked(final|opClose, "\x03\xe9"))
	if rest := answers.Got(); rest != "" || !answers.Finished() {
		t.Errorf("the answer to a close frame is answered with %q, ended %v", rest, answers.Finished())
	}
	full.Full(false)
	if all := frames(t, full.Got()); !slices.Equal(all, []string{"81 1", goodbye}) {
		t.Errorf("who had no room is told %q", all)
	}
	stage.Advance(closeWait)
	if !silent.Finished() || !full.Finished() || half.Connections() != 0 {
		t.Errorf("who does not answer is still there: %d connections", half.Connections())
	}
	late := stage.Dial()
	late.Send("GET /ws?topic=t0 HTTP/1.1\r\n" + upgrade + "\r\n")
	if got := late.Got(); !strings.HasPrefix(got, "HTTP/1.1 503 ") || !strings.Contains(got, "Retry-After: 1\r\n") {
		t.Errorf("who comes then is answered with %q", got)
	}
}

func TestLeanLeavesWhoDoesNotReadAlone(t *testing.T) { // W8, Q1, Q4, D10
	for _, c := range []struct {
		policy source.Policy
		want   []string // behind the events that were under way
	}{
		{source.Skip, []string{`81 {"gap":{"from":"2","to":"6","cursor":"local-6"}}`, "81 7", "81 8", "81 9", "81 10"}},
		{source.Disconnect, []string{"88 \x03\xf5too slow"}},
	} {
		src, topic := raw(4)
		stage, _ := stageOf(t, src, Options{Slow: c.policy})
		slow, quick := openLean(t, stage, ""), openLean(t, stage, "")
		slow.Full(true)
		for _, n := range numbers(10) {
			publish(t, topic, n)
			stage.Run()
			if all := frames(t, quick.Got()); !slices.Equal(all, []string{"81 " + n}) {
				t.Errorf("beside a slow client event %s comes as %q", n, all)
			}
		}
		slow.Full(false)
		if all := frames(t, slow.Got()); !slices.Equal(all, append([]string{"81 1"}, c.want...)) {
			t.Errorf("%s: a slow client gets %q", c.policy, all)
		}
	}
}

func TestLeanGivesUpWhoNeverReads(t *testing.T) { // W8, V8
	src, topic := raw(0)
	stage, half := stageOf(t, src, Options{WriteTimeout: 5 * time.Second})
	c := openLean(t, stage, "")
	c.Full(true)
	publish(t, topic, "1")
	stage.Run()
	stage.Advance(4 * time.Second)
	publish(t, topic, "2")
	stage.Run()
	if c.Finished() {
		t.Error("given up before the timeout")
	}
	stage.Advance(time.Second)
	if !c.Finished() || half.Connections() != 0 || topic.Subscribers() != 0 {
		t.Errorf("ended %v, %d connections, %d subscribers", c.Finished(), half.Connections(), topic.Subscribers())
	}
}

func TestLeanPublishesWhatClientsSay(t *testing.T) {
	src := source.New(source.Options{Epoch: "local", Raw: true}, "t0")
	stage, _ := stageOf(t, src, Options{})
	c := openLean(t, stage, "")
	message := `{"due":"1","data":"hi"}`
	for name, sent := range map[string]string{
		"whole":                            masked(final|opText, message),
		"in fragments":                     masked(opText, message[:5]) + masked(0, "") + masked(0, message[5:9]) + masked(final, message[9:]),
		"in fragments with a ping between": masked(opText, message[:5]) + masked(final|opPing, "") + masked(final, message[5:]),
	} {
		for _, split := range []int{len(sent), 1, 3} {
			for part := range slices.Chunk([]byte(sent), split) {
				c.Send(string(part))
			}
			stage.Run()
			got := frames(t, c.Got())
			got = slices.DeleteFunc(got, func(f string) bool { return f == "8a " })
			if !slices.Equal(got, []string{`81 "hi"`}) {
				t.Errorf("%s, %d bytes at a time: %q", name, split, got)
			}
		}
	}
}

func TestLeanClosesOnceAndTakesNothingMore(t *testing.T) { // W9
	src, topic := raw(0)
	stage, half := stageOf(t, src, Options{})
	c := openLean(t, stage, "")
	c.Send(masked(final|opBinary, "x") + masked(final|opText, `{"due":"1","data":1}`) + masked(final|opBinary, "y") + masked(final|opPing, ""))
	if got := frames(t, c.Got()); !slices.Equal(got, []string{"88 \x03\xebmessages are text"}) || topic.Head() != 0 || half.Connections() != 1 {
		t.Errorf("got %q, and %d events are published", got, topic.Head())
	}
}

func TestLeanClosesWhoSpeaksBeforeItIsAnswered(t *testing.T) { // W1
	src, _ := raw(0)
	stage, half := stageOf(t, src, Options{})
	c := stage.Dial()
	c.Send("GET /ws?topic=t0 HTTP/1.1\r\n" + upgrade + "\r\n" + masked(final|opText, `{"due":"1","data":1}`))
	if got := c.Got(); got != "" || !c.Ended() || half.Connections() != 0 {
		t.Errorf("got %q, ended %v", got, c.Ended())
	}
}

func TestUnmaskTakesEachByteInItsTurn(t *testing.T) { // W4
	mask := [4]byte{1, 2, 3, 4}
	for n := range 40 {
		payload := make([]byte, n)
		for i := range payload {
			payload[i] = byte(i) ^ mask[i%4]
		}
		unmask(payload, mask)
		for i, b := range payload {
			if b != byte(i) {
				t.Fatalf("of %d bytes number %d is %d", n, i, b)
			}
		}
	}
}

func TestLeanNewsAllocateNothing(t *testing.T) {
	src, topic := raw(0)
	stage, _ := stageOf(t, src, Options{})
	for range 64 {
		openLean(t, stage, "")
	}
	publish(t, topic, "1")
	stage.Run()
	got := testing.AllocsPerRun(50, func() {
		publish(t, topic, "1", "2")
		stage.Run()
	})
	if got > 20 { // of two events and the source, and not of 64 clients
		t.Errorf("two events to 64 clients allocate %v times", got)
	}
}
