package lean_test

import (
	"fmt"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"pushbench/servers/answer"
	"pushbench/servers/http1"
	"pushbench/servers/lean"
	"pushbench/servers/lean/leantest"
	"pushbench/servers/longpoll"
	"pushbench/servers/poll"
	"pushbench/servers/publish"
	"pushbench/servers/source"
	"pushbench/servers/wire"
)

const (
	ask  = "GET /poll?topic=t&after=e-1 HTTP/1.1\r\nHost: x\r\n\r\n"
	hold = "GET /longpoll?topic=t&after=e-1 HTTP/1.1\r\nHost: x\r\n\r\n"
)

// stage serves both polling transports and publish, from a log with one event.
func stage(t testing.TB) (*leantest.Stage, *source.Source) {
	src := newSource(t)
	return leantest.New(t, src,
		lean.Mount{Path: "/poll", Half: poll.NewLean(src, poll.Options{})},
		lean.Mount{Path: "/longpoll", Half: longpoll.NewLean(src, longpoll.Options{})},
		lean.Mount{Path: "/publish", Half: publish.NewLean(src, publish.Options{})}), src
}

// statuses are those of the responses in what a client got.
func statuses(got string) (all []string) {
	for rest := got; ; {
		_, line, found := strings.Cut(rest, "HTTP/1.1 ")
		if !found {
			return all
		}
		all = append(all, line[:3])
		rest = line
	}
}

func want(t *testing.T, c *leantest.Client, statusCodes ...string) {
	t.Helper()
	if got := statuses(c.Got()); !slices.Equal(got, statusCodes) {
		t.Errorf("answered with %v, want %v", got, statusCodes)
	}
}

func TestASlowSenderOfAHeadIsEndedAfterTenSeconds(t *testing.T) {
	st, _ := stage(t)
	c := st.Dial()
	for _, piece := range []string{"GET /po", "ll?topic=t HTTP/1.1\r\n", "Host: x\r\n"} {
		c.Send(piece)
		st.Advance(3 * time.Second)
	}
	if c.Ended() {
		t.Fatal("ended after 9 s")
	}
	st.Advance(time.Second)
	if !c.Ended() || c.Got() != "" {
		t.Errorf("after 10 s: ended %t, want it, without a word", c.Ended())
	}
}

func TestTheNextRequestMayTakeTwoMinutesAndItsHeadTenSeconds(t *testing.T) {
	st, _ := stage(t)
	c := st.Dial()
	c.Send(ask)
	want(t, c, "204")
	st.Advance(2*time.Minute - 1)
	c.Send(ask[:20])
	st.Advance(10*time.Second - 1)
	c.Send(ask[20:])
	want(t, c, "204")
	st.Advance(2 * time.Minute)
	if !c.Ended() {
		t.Error("still connected after two idle minutes")
	}
	if got := st.Found.All(); len(got) != 1 || got[0].What != source.GivenUp || got[0].Client != "127.0.0.1:1" {
		t.Errorf("found %+v, want that the client was given up", got)
	}
}

func TestRequestsBehindOneThatIsHeldAreAnsweredInOrder(t *testing.T) {
	st, src := stage(t)
	c := st.Dial()
	c.Send(hold + ask + hold[:10])
	c.Send(hold[10:])
	want(t, c)
	publishOne(t, src)
	st.Run()
	want(t, c, "200", "200", "200") // all of them ask for what is after event 1
	if c.Ended() {
		t.Error("ended")
	}
}

func publishOne(t *testing.T, src *source.Source) {
	t.Helper()
	if _, err := src.Publish("t", wire.Message{Data: []byte(`"y"`)}); err != nil {
		t.Fatal(err)
	}
}

func TestWhoSendsAheadIsNotReadFromUntilTheAnswer(t *testing.T) {
	st, src := stage(t)
	c := st.Dial()
	c.Send(hold)
	for range 2000 {
		if c.Paused() {
			break
		}
		c.Send(ask)
	}
	if !c.Paused() {
		t.Fatal("a hundred kilobytes ahead of an answer are still read")
	}
	publishOne(t, src)
	st.Run()
	if got := statuses(c.Got()); len(got) < 1000 || c.Paused() {
		t.Errorf("%d answers, paused %t; want more than a thousand, and to go on reading", len(got), c.Paused())
	}
}

func TestAnAnswerThatNobodyReadsEndsTheConnection(t *testing.T) { // V8
	st, _ := stage(t)
	c := st.Dial()
	st.Advance(5 * time.Second)
	c.Full(true)
	c.Send(ask + ask)
	if got := c.Writes(); got != 1 {
		t.Errorf("%d answers were written on top of one that is not read, want none", got-1)
	}
	st.Advance(10*time.Second - 1)
	if c.Ended() {
		t.Error("ended before its time")
	}
	st.Advance(1)
	if got := st.Found.All(); !c.Ended() || len(got) != 1 || got[0].What != source.GivenUp {
		t.Errorf("ended %t, found %+v; want both after 10 s", c.Ended(), got)
	}
}

func TestAnAnswerThatIsReadLateIsFollowedByTheNext(t *testing.T) { // V8
	st, _ := stage(t)
	c := st.Dial()
	c.Full(true)
	c.Send(ask + ask)
	st.Advance(9 * time.Second)
	c.Full(false)
	want(t, c, "204", "204")
	st.Advance(time.Minute)
	if c.Ended() {
		t.Error("the deadline of an answer that was read ended the connection")
	}
}

func TestTheWishesOfARequestEndWithIt(t *testing.T) {
	st, _ := stage(t)
	c := st.Dial()
	c.Send("HEAD /poll?topic=t HTTP/1.1\r\nHost: x\r\n\r\n")
	if got := c.Got(); !strings.HasSuffix(got, "\r\n\r\n") || !strings.Contains(got, "Content-Length: 41") {
		t.Errorf("HEAD is answered with %q", got)
	}
	c.Send("GET /poll?topic=t HTTP/1.1\r\nHost: x\r\n\r\n")
	if got := c.Got(); !strings.HasSuffix(got, `"events":[]}`) {
		t.Errorf("GET after HEAD is answered with %q", got)
	}
	c.Send("GET /poll?topic=t HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
	if got := c.Got(); !strings.Contains(got, "\r\nConnection: close\r\n\r\n{") || !c.Ended() || c.Why() != lean.ErrDone {
		t.Errorf("ended %t (%v) after %q", c.Ended(), c.Why(), got)
	}
	if got := st.Found.All(); len(got) != 1 || got[0].What != source.GivenUp {
		t.Errorf("found %+v, want that this side has ended it", got)
	}
}

func TestARefusalReachesAClientThatStillSends(t *testing.T) {
	st, _ := stage(t)
	c := st.Dial()
	c.Send("nonsense\r\n", "and more of it\r\n")
	if !c.Finished() || c.Ended() {
		t.Fatalf("finished %t, ended %t; want FIN behind the answer and to hear the client out", c.Finished(), c.Ended())
	}
	want(t, c, "400")
	st.Advance(time.Second)
	if !c.Ended() {
		t.Error("still connected after a second")
	}
}

func TestAnUnwantedBodyIsReadUpToAPoint(t *testing.T) {
	st, _ := stage(t)
	const length = 256 << 10
	piece := strings.Repeat("x", 1<<10)
	for _, tt := range []struct {
		length int
		kept   bool
	}{{length, true}, {length + 1, false}} {
		c := st.Dial()
		c.Send(fmt.Sprintf("GET /poll?topic=t HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n", tt.length))
		want(t, c, "200")
		for range length / len(piece) {
			c.Send(piece)
		}
		c.Send("x"[:tt.length-length] + ask)
		if got := len(statuses(c.Got())) == 1; got != tt.kept || c.Finished() == tt.kept {
			t.Errorf("behind a body of %d bytes: answered %t, ended %t; want %t", tt.length, got, c.Finished(), tt.kept)
		}
	}
}

func TestADrainLetsNobodyWait(t *testing.T) { // F1
	st, _ := stage(t)
	idle, held, slow, unread := st.Dial(), st.Dial(), st.Dial(), st.Dial()
	idle.Send(ask)
	idle.Got()
	held.Send(hold)
	slow.Send(ask[:30])
	unread.Full(true)
	unread.Send(ask)
	st.Drain()
	if !idle.Ended() || !held.Ended() {
		t.Errorf("ended: idle %t, held %t; want both", idle.Ended(), held.Ended())
	}
	if got := held.Got(); !strings.HasPrefix(got, "HTTP/1.1 503 ") || !strings.Contains(got, "Retry-After: ") || !strings.Contains(got, "Connection: close") {
		t.Errorf("who is held gets %q", got)
	}
	slow.Send(ask[30:])
	want(t, slow, "503")
	if !slow.Ended() || st.Empty() {
		t.Errorf("ended %t, all gone %t", slow.Ended(), st.Empty())
	}
	unread.Full(false)
	want(t, unread, "204")
	if !unread.Ended() || !st.Empty() {
		t.Errorf("ended %t, all gone %t; want both when the last answer is read", unread.Ended(), st.Empty())
	}
}

func TestADrainOfNobodyIsOverAtOnce(t *testing.T) {
	st, _ := stage(t)
	if st.Drain(); !st.Empty() {
		t.Error("somebody is waited for")
	}
}

func TestOnlyEndsOfOurOwnAccordAreFound(t *testing.T) { // C13
	st, _ := stage(t)
	for _, why := range []error{nil, syscall.ECONNRESET} {
		c := st.Dial()
		c.Send(hold)
		c.Hangup(why)
	}
	if got := st.Found.All(); len(got) > 0 {
		t.Errorf("found %+v of clients that left", got)
	}
	c := st.Dial()
	c.Conn().Name() // as a host asks that lets the kernel give clients up
	c.Hangup(syscall.ETIMEDOUT)
	if got := st.Found.All(); len(got) != 1 || got[0].Client != "127.0.0.1:3" {
		t.Errorf("found %+v of a client that the kernel gave up", got)
	}
}

func TestARequestAllocatesNothing(t *testing.T) {
	st, src := stage(t)
	for _, request := range []string{ask, "GET /poll?topic=t&after=e-0 HTTP/1.1\r\nHost: x\r\nAccept: */*\r\n\r\n", hold} {
		c := st.Dial()
		c.Discard()
		b := []byte(request)
		turn := func() {
			c.Conn().Received(st.Now, b)
			if request == hold {
				if _, err := src.Publish("t", wire.Message{Data: []byte(`"y"`)}); err != nil {
					t.Fatal(err)
				}
				st.Run()
			}
		}
		turn() // makes the answer
		if request == hold {
			continue // what an event allocates is shared by all who wait for it; see longpoll
		}
		if got := testing.AllocsPerRun(100, turn); got != 0 {
			t.Errorf("%q allocates %v times", request, got)
		}
	}
}

func TestAnIdleConnectionIsSmall(t *testing.T) { // Q7
	if got := unsafe.Sizeof(lean.Conn{}); got > 128 {
		t.Errorf("a connection has %d bytes, want at most 128", got)
	}
	st, _ := stage(t)
	c := st.Dial()
	c.Send(strings.Split(ask, "")...)
	c.Send("POST /publish?topic=t HTTP/1.1\r\nHost: x\r\nContent-Length: 20\r\n\r\n", `{"due":"5",`, `"data":1}`)
	want(t, c, "204", "204")
	if c.Conn().Buffered() {
		t.Error("a buffer is kept between requests")
	}
}

func TestALoopIsWokenOnceForWhatItHasNotSeen(t *testing.T) {
	st, src := stage(t)
	c := st.Dial()
	c.Send(hold)
	for range 3 {
		publishOne(t, src)
	}
	if st.Posts != 1 {
		t.Errorf("woken %d times for three events, want once", st.Posts)
	}
	st.Run()
	c.Send(strings.Replace(hold, "e-1", "e-4", 1))
	publishOne(t, src)
	st.Run()
	want(t, c, "200", "200")
	if st.Posts != 2 {
		t.Errorf("woken %d times, want once more for the next", st.Posts)
	}
}

func TestAnAnswerHasTheDateOfWhenItIsGiven(t *testing.T) {
	r := http1.NewResponse(200, []byte("x"), 1)
	if got := string(r.At(2).Bytes()); strings.Contains(got, "00:00:01") || !strings.Contains(got, "Thu, 01 Jan 1970 00:00:02 GMT") {
		t.Errorf("dated anew it is %q", got)
	}
	if got := string(r.Bytes()); !strings.Contains(got, "00:00:01") || r.At(1) != r {
		t.Errorf("the one before has become %q", got)
	}
	src := newSource(t)
	desk := answer.NewDesk(src, 1)
	topic, err := src.Topic("t")
	if err != nil {
		t.Fatal(err)
	}
	a := desk.After(topic, 0)
	first, again, later := a.Response(1), a.Response(1), a.Response(2)
	if first != again || !strings.Contains(string(later.Bytes()), "00:00:02 GMT") || !strings.Contains(string(first.Bytes()), "00:00:01 GMT") {
		t.Errorf("shared within a second: %t; the next second's is %q", first == again, later.Bytes())
	}
}

func TestARedirectLeavesTheQuery(t *testing.T) {
	var r http1.Request
	if _, err := r.Parse([]byte("GET //poll?a=b HTTP/1.1\r\nHost: x\r\n\r\n")); err != nil || r.Moved != "/poll?a=b" {
		t.Errorf("moved to %q, %v", r.Moved, err)
	}
}
