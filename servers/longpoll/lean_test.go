package longpoll_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"pushbench/servers/lean"
	"pushbench/servers/lean/leantest"
	"pushbench/servers/longpoll"
	"pushbench/servers/source"
	"pushbench/servers/wire"
)

func stage(t *testing.T, src *source.Source, o longpoll.Options) (*leantest.Stage, *longpoll.Lean) {
	half := longpoll.NewLean(src, o)
	return leantest.New(t, src, lean.Mount{Path: "/", Half: half}), half
}

func after(n uint64) string {
	return fmt.Sprintf("GET /?topic=t&after=local-%d HTTP/1.1\r\nHost: x\r\n\r\n", n)
}

func TestLeanAHoldThatIsOverIsAnsweredWithNothing(t *testing.T) { // L1
	src := source.New(source.Options{}, "t")
	st, half := stage(t, src, longpoll.Options{Hold: 20 * time.Second})
	c := st.Dial()
	for range 3 { // on one connection: a request must not leave its deadline behind
		c.Send(after(0))
		st.Advance(20*time.Second - 1)
		if got := c.Got(); got != "" || half.Held() != 1 {
			t.Fatalf("before its time the answer is %q, %d held", got, half.Held())
		}
		st.Advance(1)
		if got := c.Got(); !strings.HasPrefix(got, "HTTP/1.1 204 ") || !strings.Contains(got, `Etag: "local-0"`) || half.Held() != 0 {
			t.Errorf("the answer is %q, %d held", got, half.Held())
		}
	}
}

func TestLeanOneEventAnswersAllWhoWaitForIt(t *testing.T) { // L2, L8
	src := source.New(source.Options{}, "t", "u")
	st, half := stage(t, src, longpoll.Options{})
	var clients []*leantest.Client
	for i := range 100 {
		c := st.Dial()
		topic := "t"
		if i%10 == 9 {
			topic = "u"
		}
		c.Send(strings.Replace(after(0), "topic=t", "topic="+topic, 1))
		clients = append(clients, c)
	}
	publish(t, src, 1)
	st.Run()
	if got := half.Held(); got != 10 {
		t.Errorf("%d are held, want the 10 of the other topic", got)
	}
	first := clients[0].Got()
	for i, c := range clients[1:] {
		want := first
		if i%10 == 8 {
			want = ""
		}
		if got := c.Got(); got != want {
			t.Fatalf("client %d got %q, want %q", i+1, got, want)
		}
	}
	if !strings.HasPrefix(first, "HTTP/1.1 200 ") || !strings.Contains(first, `"n":"1"`) {
		t.Errorf("they got %q", first)
	}
}

func TestLeanEachIsAnsweredFromItsOwnCursor(t *testing.T) { // L3
	src := source.New(source.Options{}, "t")
	publish(t, src, 2)
	st, _ := stage(t, src, longpoll.Options{})
	c, d := st.Dial(), st.Dial()
	c.Send(after(2))
	d.Send(after(2))
	publish(t, src, 1)
	publish(t, src, 1)
	st.Run()
	for _, client := range []*leantest.Client{c, d} {
		if got := client.Got(); !strings.Contains(got, `"cursor":"local-4"`) || strings.Count(got, `"n":`) != 2 {
			t.Errorf("two events in one wake are answered with %q", got)
		}
	}
}

// Who asks between an event and its news has it already.
func TestLeanNewsIsNoNewsToWhoKnowsIt(t *testing.T) { // L4, L5
	src := source.New(source.Options{}, "t")
	st, half := stage(t, src, longpoll.Options{})
	before, behind := st.Dial(), st.Dial()
	before.Send(after(0))
	publish(t, src, 1)
	behind.Conn().Received(st.Now, []byte(after(1)))
	st.Run()
	if got := before.Got(); !strings.Contains(got, `"n":"1"`) {
		t.Errorf("who waited for the event got %q", got)
	}
	if got := behind.Got(); got != "" || half.Held() != 1 {
		t.Errorf("who had the event got %q, %d are held", got, half.Held())
	}
}

// Events come between any two steps of a client, and each is got once.
func TestLeanAnEventAtAnyMomentIsNotLost(t *testing.T) { // L4, L9
	for seed := range uint64(2000) {
		dice := rand.New(rand.NewPCG(seed, 9))
		src := source.New(source.Options{}, "t")
		st, _ := stage(t, src, longpoll.Options{Hold: time.Second})
		c := st.Dial()
		next, published, text := uint64(0), uint64(0), ""
		maybe := func() {
			if dice.IntN(3) == 0 {
				publish(t, src, 1)
				published++
			}
		}
		for published < 5 || next < published {
			maybe()
			for _, piece := range strings.SplitAfter(after(next), "\r\n") {
				c.Send(piece)
				maybe()
			}
			st.Advance(time.Duration(dice.IntN(3)) * 500 * time.Millisecond)
			maybe()
			if st.Run(); next == published {
				st.Advance(time.Second) // the hold is over
			}
			if text = c.Got(); text == "" {
				t.Fatalf("seed %d: no answer after event %d of %d", seed, next, published)
			}
			for _, e := range strings.SplitAfter(text, `"n":"`)[1:] {
				if next++; !strings.HasPrefix(e, fmt.Sprint(next, `"`)) {
					t.Fatalf("seed %d: %q where event %d was next", seed, text, next)
				}
			}
		}
	}
}

func TestLeanWhoLeavesIsForgotten(t *testing.T) { // L7
	src := source.New(source.Options{}, "t")
	st, half := stage(t, src, longpoll.Options{})
	c, d := st.Dial(), st.Dial()
	c.Send(after(0))
	d.Send(after(0))
	c.Hangup(nil)
	if got := half.Held(); got != 1 {
		t.Errorf("%d are held", got)
	}
	publish(t, src, 1)
	st.Run()
	if c.Got() != "" || d.Got() == "" || half.Held() != 0 {
		t.Error("the one that left is answered, or the one that stays is not")
	}
}

func TestLeanMoreWaitersThanTheLimitAreToldToComeBack(t *testing.T) { // L13
	src := source.New(source.Options{}, "t")
	st, half := stage(t, src, longpoll.Options{MaxHeld: 2})
	var clients []*leantest.Client
	for range 3 {
		c := st.Dial()
		c.Send(after(0))
		clients = append(clients, c)
	}
	if got := clients[2].Got(); !strings.HasPrefix(got, "HTTP/1.1 503 ") || !strings.Contains(got, "Retry-After: ") || half.Held() != 2 {
		t.Errorf("one more is answered with %q while %d are held", got, half.Held())
	}
	publish(t, src, 1)
	st.Run()
	clients[2].Send(after(0)) // there is something for it: it needs no room
	clients[0].Send(after(1))
	if got := clients[2].Got(); !strings.HasPrefix(got, "HTTP/1.1 200 ") || half.Held() != 1 {
		t.Errorf("who needs no room is answered with %q while %d are held", got, half.Held())
	}
}

func TestLeanRotationChangesWhoIsFirst(t *testing.T) { // L8
	for _, rotate := range []bool{false, true} {
		src := source.New(source.Options{Rotate: rotate}, "t")
		st, _ := stage(t, src, longpoll.Options{})
		const clients = 16
		var order []int // of the writes
		var all []*leantest.Client
		for i := range clients {
			c := st.Dial()
			c.OnWrite(func() { order = append(order, i) })
			all = append(all, c)
		}
		var firsts []int
		for n := range uint64(clients) {
			for _, c := range all { // all come back in one order, however they were served
				c.Send(after(n))
			}
			order = nil
			publish(t, src, 1)
			st.Run()
			firsts = append(firsts, order[0])
		}
		slices.Sort(firsts)
		if got := len(slices.Compact(firsts)); rotate && got != clients || !rotate && got != 1 {
			t.Errorf("rotating %t: %d clients were first, of %d", rotate, got, clients)
		}
	}
}

// What an event costs beside itself does not depend on how many wait.
func TestLeanAnEventAllocatesForAllTogether(t *testing.T) {
	allocs := func(clients int) float64 {
		src := source.New(source.Options{}, "t")
		st, _ := stage(t, src, longpoll.Options{})
		var all []*leantest.Client
		for range clients {
			c := st.Dial()
			c.Discard()
			all = append(all, c)
		}
		n := uint64(0)
		return testing.AllocsPerRun(50, func() {
			b := []byte(after(n))
			for _, c := range all {
				c.Conn().Received(st.Now, b)
			}
			if _, err := src.Publish("t", wire.Message{Data: []byte("1")}); err != nil {
				t.Fatal(err)
			}
			n++
			st.Run()
		})
	}
	if few, many := allocs(2), allocs(200); many > few+1 {
		t.Errorf("an event to 2 clients allocates %v times, to 200 %v times", few, many)
	}
}
