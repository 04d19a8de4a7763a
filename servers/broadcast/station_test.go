package broadcast

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"pushbench/servers/http1"
	"pushbench/servers/lean"
	"pushbench/servers/lean/leantest"
	"pushbench/servers/source"
	"pushbench/servers/wire"
)

// spelled frames events as their numbers, and counts what it is asked.
type spelled struct{ events, appended int }

func (s *spelled) Event(e *source.Entry) []byte {
	s.events++
	return fmt.Appendf(nil, "%d ", e.N)
}

func (s *spelled) Append(dst []byte, r *source.Reading) []byte {
	s.appended++
	if r.Gap != nil {
		dst = fmt.Appendf(dst, "-%d ", r.Gap.To)
	}
	for _, e := range r.Entries {
		dst = fmt.Appendf(dst, "%d ", e.N)
	}
	return dst
}

// A half is a transport with that framing and nothing else.
type half struct {
	framing spelled
	opts    Options
	follow  func(*source.Subscription, source.Client) source.Follower
	part    *part // of the only loop
	joined  []*reader
	slow    int // readers that were told so
}

type part struct {
	*half
	*Station
}

func (h *half) Part(l *lean.Loop) lean.Part {
	h.part = &part{h, New(l, &h.framing, h.opts)}
	return h.part
}

func (p *part) Drain(now int64) { p.Leave(now) }

func (p *part) Serve(c *lean.Conn, now int64, _ *http1.Request) {
	sub, _ := p.loop.Source().Topics()[0].SubscribeHead()
	r := &reader{half: p.half}
	c.Stream(r)
	p.joined = append(p.joined, r)
	r.Join(p.Station, c, p.follow(sub, c), now)
}

// A reader notes what it is asked.
type reader struct {
	Reader
	half   *half
	tended []int64
	slow   int // the how manieth to be told so; zero: not
	leaves bool
}

func (r *reader) Received(int64, []byte) {}
func (r *reader) Drained(now int64)      { r.Reader.Drained(now) }
func (r *reader) Alarm(now int64)        { r.Conn().Close(ErrUnread) }
func (r *reader) Ended(int64, error)     { r.Stop() }
func (r *reader) Leave(now int64)        { r.leaves = true; r.Finish(now) }

func (r *reader) TooSlow(now int64) {
	r.half.slow++
	r.slow = r.half.slow
	r.Send(now, []byte("slow "))
	r.Finish(now)
}

func (r *reader) Tend(now int64) int64 {
	r.tended = append(r.tended, now)
	return now + int64(r.half.opts.interval())
}

// gather is a stage with so many readers.
func gather(t *testing.T, src *source.Source, h *half, n int) (*leantest.Stage, []*leantest.Client) {
	t.Helper()
	if h.follow == nil {
		h.follow = func(s *source.Subscription, c source.Client) source.Follower {
			return s.FollowAs(&source.Rule{}, c)
		}
	}
	stage := leantest.New(t, src, lean.Mount{Path: "/", Half: h})
	clients := make([]*leantest.Client, n)
	for i := range clients {
		clients[i] = stage.Dial()
		clients[i].Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	}
	return stage, clients
}

func publish(t *testing.T, src *source.Source, n int) {
	t.Helper()
	for range n {
		if _, err := src.Topics()[0].Publish(wire.Message{Data: []byte("1")}); err != nil {
			t.Fatal(err)
		}
	}
}

// spell is the frames of events from up to.
func spell(from, to int) string {
	var b strings.Builder
	for n := from; n <= to; n++ {
		fmt.Fprintf(&b, "%d ", n)
	}
	return b.String()
}

func TestWhatFollowsACursorIsEncodedOnceForAll(t *testing.T) {
	src := source.New(source.Options{Raw: true}, "t")
	h := &half{}
	stage, clients := gather(t, src, h, 50)
	for _, n := range []int{1, 3} {
		publish(t, src, n)
		stage.Run()
	}
	if h.framing != (spelled{events: 1, appended: 1}) {
		t.Errorf("50 clients: %+v, want one of each", h.framing)
	}
	for _, c := range clients {
		if got := c.Got(); got != spell(1, 4) || c.Writes() != 2 {
			t.Fatalf("%d writes of %q", c.Writes(), got)
		}
	}
}

func TestABurstIsEncodedOnceThoughItTakesSeveralWrites(t *testing.T) {
	src := source.New(source.Options{Raw: true}, "t")
	h := &half{opts: Options{PerWrite: 10}}
	stage, clients := gather(t, src, h, 20)
	publish(t, src, 75)
	stage.Run()
	if h.framing.appended != runs {
		t.Errorf("encoded %d times, want %d", h.framing.appended, runs)
	}
	for _, c := range clients {
		if got := c.Got(); got != spell(1, 75) {
			t.Fatalf("got %q", got)
		}
	}
}

func TestNewsReachWhoIsServedWhileMoreIsPublished(t *testing.T) {
	src := source.New(source.Options{Raw: true}, "t")
	h := &half{}
	stage, clients := gather(t, src, h, 4)
	publish(t, src, 1)
	h.part.News(1, src.Topics()[0]) // as if it had been told
	publish(t, src, 1)
	stage.Run()
	for _, c := range clients {
		if got := c.Got(); got != spell(1, 2) {
			t.Errorf("got %q", got)
		}
	}
}

func TestAClientWithoutRoomIsLeftAloneUntilThereIsSome(t *testing.T) { // D10, Q7
	src := source.New(source.Options{Raw: true}, "t")
	h := &half{}
	stage, clients := gather(t, src, h, 3)
	full := clients[1]
	full.Full(true)
	for range 5 {
		publish(t, src, 1)
		stage.Run()
	}
	wrote := map[uint64]int{}
	src.Topics()[0].Written(func(n uint64) { wrote[n]++ })
	if full.Writes() != 1 || wrote[0] != 1 || wrote[5] != 2 {
		t.Errorf("%d writes to a full connection; written %v, want one at 0 and two at 5", full.Writes(), wrote)
	}
	full.Full(false)
	wrote = map[uint64]int{}
	src.Topics()[0].Written(func(n uint64) { wrote[n]++ })
	if got := full.Got(); got != spell(1, 5) || full.Writes() != 2 || wrote[5] != 3 {
		t.Errorf("then %d writes of %q; written %v", full.Writes(), got, wrote)
	}
	stage.Advance(time.Hour)
	if full.Ended() {
		t.Error("who has read everything is given up all the same")
	}
}

func TestAGapAndASingleEventGoOutTogether(t *testing.T) {
	src := source.New(source.Options{Raw: true, Keep: 1}, "t")
	h := &half{}
	stage, clients := gather(t, src, h, 1)
	clients[0].Full(true)
	for range 5 {
		publish(t, src, 1)
		stage.Run()
	}
	clients[0].Full(false)
	if got := clients[0].Got(); got != "1 -4 5 " {
		t.Errorf("got %q", got)
	}
}

func TestWhoIsFoundTooSlowAmidNewsHoldsNobodyUp(t *testing.T) { // Q1, D10
	src := source.New(source.Options{Raw: true}, "t")
	h := &half{follow: func(s *source.Subscription, c source.Client) source.Follower {
		return s.FollowAs(&source.Rule{Policy: source.Disconnect, Limit: source.Limit{Events: 2}}, c)
	}}
	stage, clients := gather(t, src, h, 6)
	stage.Run()
	publish(t, src, 1)
	stage.Run()
	publish(t, src, 3) // more than anybody may lack
	stage.Run()
	for i, c := range clients {
		if got := c.Got(); got != "1 slow " || h.joined[i].slow == 0 {
			t.Errorf("client %d got %q", i, got)
		}
	}
	if n := src.Subscribers(); n != 0 || h.part.readers != 0 {
		t.Errorf("%d subscribers and %d readers are left", n, h.part.readers)
	}
}

func TestAnotherClientIsFirstWithEachEvent(t *testing.T) { // L8, D10
	for _, rotate := range []bool{false, true} {
		firsts := map[int]bool{}
		for before := range 16 {
			src := source.New(source.Options{Raw: true, Rotate: rotate}, "t")
			h := &half{follow: func(s *source.Subscription, c source.Client) source.Follower {
				return s.FollowAs(&source.Rule{Policy: source.Disconnect, Limit: source.Limit{Events: 1}}, c)
			}}
			stage, _ := gather(t, src, h, 64)
			for range before + 1 {
				publish(t, src, 1)
				stage.Run()
			}
			publish(t, src, 2) // too much for all, who are told so in their order
			stage.Run()
			first := slices.IndexFunc(h.joined, func(r *reader) bool { return r.slow == 1 })
			firsts[first] = true
		}
		if want := map[bool]int{false: 1, true: 16}[rotate]; len(firsts) != want {
			t.Errorf("rotated %v: %d clients have been first in 16 events, want %d", rotate, len(firsts), want)
		}
	}
}

func TestEveryoneIsTendedInItsTime(t *testing.T) { // V6
	const interval = 16 * time.Second
	src := source.New(source.Options{Raw: true}, "t")
	h := &half{opts: Options{Interval: interval}}
	stage, clients := gather(t, src, h, 3*handful+5)
	stage.Advance(interval / 2)
	late := stage.Dial()
	late.Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	for i := 0; i < len(clients); i += 7 {
		clients[i].Hangup(io.EOF)
	}
	stage.Advance(10 * interval)
	for i, r := range h.joined {
		if i%7 == 0 && i < len(clients) {
			if len(r.tended) > 0 {
				t.Fatalf("client %d is tended after its end", i)
			}
			continue
		}
		for k := 1; k < len(r.tended); k++ {
			apart := time.Duration(r.tended[k] - r.tended[k-1])
			// The late one is tended with the others, and so earlier than it asked for.
			if apart > interval+interval/rarely+time.Second || apart < interval/rarely {
				t.Fatalf("client %d is tended after %v", i, apart)
			}
		}
		if n := len(r.tended); n < 9 || n > 22 {
			t.Fatalf("client %d is tended %d times in ten intervals", i, n)
		}
	}
}

func TestWhenNobodyIsThereNothingIsDue(t *testing.T) {
	src := source.New(source.Options{Raw: true}, "t")
	h := &half{}
	stage, clients := gather(t, src, h, 2)
	for _, c := range clients {
		c.Hangup(io.EOF)
	}
	stage.Advance(time.Hour)
	if h.part.rounds.Armed() {
		t.Error("rounds go on without anybody")
	}
	again := stage.Dial()
	again.Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	if !h.part.rounds.Armed() {
		t.Error("whoever comes then is never tended")
	}
}

func TestAllAreToldToLeave(t *testing.T) { // F1
	src := source.New(source.Options{Raw: true}, "t")
	h := &half{}
	stage, _ := gather(t, src, h, 5)
	stage.Drain()
	if slices.ContainsFunc(h.joined, func(r *reader) bool { return !r.leaves }) || src.Subscribers() != 0 {
		t.Errorf("%d subscribers are left", src.Subscribers())
	}
}
