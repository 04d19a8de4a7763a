package crowd

import (
	"fmt"
	"io"
	"math"
	"net/netip"
	"slices"
	"testing"
	"time"

	"pushbench/loadgen/engine"
	"pushbench/loadgen/recorder"
	"pushbench/results"
	"pushbench/servers/wire"
)

// A stage is a script whose line can be paused and can vanish.
type stage struct {
	script
	paused, vanished bool
	address          netip.AddrPort
}

func (s *stage) Line(_ int, c engine.Caller) engine.Line { s.caller = c; return s }
func (s *stage) Pause()                                  { s.paused = true }
func (s *stage) Resume()                                 { s.paused = false }
func (s *stage) Vanish() error                           { s.vanished = true; return nil }
func (s *stage) Local() netip.AddrPort                   { return s.address }

var somewhere = netip.MustParseAddrPort("127.0.0.1:1234")

// acted is a client with a conduct, subscribed, and that conduct begun at start.
func acted(t *testing.T, half engine.Conversation, o Options) (s *stage, r *recorder.Recorder, c *Crowd, start int64) {
	t.Helper()
	s = &stage{address: somewhere}
	r = recorder.New(recorder.Options{Clients: 1, Topics: 1, Shards: 1})
	r.Measure(0, math.MaxInt64)
	o.Clients, o.Topics, o.ConnectRate, o.Seed = 1, []string{"t0"}, 1, 7
	o.Half = func(*engine.Endpoint) engine.Conversation { return half }
	c = New(o, s, r, 1000)
	now := s.ring()
	s.caller.Connected(now)
	s.caller.Received(now, []byte("h"))
	start = now + second
	c.Behave(start)
	return s, r, c, start
}

func groups(t *testing.T, r *recorder.Recorder) map[string]results.Group {
	t.Helper()
	var trial results.Trial
	if err := r.Snapshot(&trial, nil); err != nil {
		t.Fatal(err)
	}
	return trial.Groups
}

// A wordy radio spends three bytes on an event, of which one is payload.
type wordy struct {
	radio
	read int
}

func (w *wordy) Receive(in, out []byte, l engine.Listener) ([]byte, error) {
	for range in {
		switch w.read++; {
		case w.read == 1:
			l.Hello(wire.Cursor{Epoch: "e"})
		case w.read%3 == 1:
			w.n++
			l.Event(&wire.Event{N: w.n, Data: []byte("x")})
		}
	}
	return out, nil
}

// Else the same share would be another for each transport.
func TestASlowClientRestsForThePayloadAndNotForHeaders(t *testing.T) { // Q1
	s, _, _, start := acted(t, &wordy{}, Options{Conduct: Conduct{Slow: 1, Speed: 10}})
	s.ring()
	for _, step := range []struct{ bytes, payload int }{{300, 100}, {32, 10}, {1, 1}, {4, 1}} {
		s.caller.Received(start, make([]byte, step.bytes))
		if at, want := s.ring(), start+int64(step.payload)*second/10; at != want {
			t.Errorf("after %d bytes with %d of payload it reads again %s later, want %s", step.bytes, step.payload, time.Duration(at-start), time.Duration(want-start))
		}
	}
	if s.caller.Received(start, make([]byte, 1)); s.paused {
		t.Error("it rests for what is no event yet")
	}
}

func TestASlowClientReadsAtItsSpeedAndNotBefore(t *testing.T) { // Q1
	s, _, c, start := acted(t, &radio{data: []byte("x")}, Options{Silence: 2 * time.Second, Conduct: Conduct{Slow: 1, Speed: 10}})
	s.caller.Received(start-1, []byte("ab"))
	if s.paused {
		t.Fatal("slow before it begins")
	}
	if at := s.ring(); at != start {
		t.Fatalf("it begins at %d, want %d", at, start)
	}
	for i, bytes := range []int{1, 20, 5} {
		now := start + int64(i)*100*second
		s.caller.Received(now, make([]byte, bytes))
		if !s.paused {
			t.Fatalf("reads on after %d bytes", bytes)
		}
		if at, want := s.ring(), now+int64(bytes)*second/10; at != want || s.paused {
			t.Errorf("after %d bytes it reads again %s later, want %s", bytes, time.Duration(at-now), time.Duration(want-now))
		}
	}
	if s.ended != nil {
		t.Errorf("it hangs up: %v, though it is not the server that is silent", s.ended)
	}
	if got, want := c.Stalls(), []Stall{{recorder.Slow, somewhere, start}}; !slices.Equal(got, want) {
		t.Errorf("stalls %v, want %v", got, want)
	}
	s.caller.Received(start+1000*second, make([]byte, 1000))
	if c.Calm(); s.paused {
		t.Error("calm, and does not read")
	}
	if s.caller.Received(start+1001*second, make([]byte, 1000)); s.paused {
		t.Error("still slow when calm")
	}
}

func TestAClientThatHasStoppedReadsOnlyWhenCalm(t *testing.T) { // Q1
	s, _, c, _ := acted(t, &radio{}, Options{Conduct: Conduct{Slow: 1}})
	now := s.ring()
	if !s.paused || s.alarm != 0 {
		t.Fatalf("paused: %v, next alarm %d", s.paused, s.alarm)
	}
	// Told by a reset, it comes back and reads no more than before.
	s.paused = false
	s.caller.Ended(now+second, io.ErrUnexpectedEOF)
	s.caller.Connected(s.ring())
	if !s.paused {
		t.Error("reads on its new connection")
	}
	if c.Calm(); s.paused {
		t.Error("calm, and does not read")
	}
}

func TestWhoReadsAllIsKeptApartAndIsNotSlow(t *testing.T) { // D10
	s, r, c, start := acted(t, &radio{}, Options{Conduct: Conduct{Slow: 1, Speed: math.Inf(1)}})
	s.caller.Received(start+second, make([]byte, 1000))
	if s.paused || s.alarm != 0 || len(c.Stalls()) > 0 {
		t.Errorf("paused: %v, alarm %d, stalls %v", s.paused, s.alarm, c.Stalls())
	}
	if g := groups(t, r)[results.GroupSlow]; g.Clients != 1 {
		t.Errorf("%+v, want it to be kept apart", g)
	}
}

// Events that come before it is too slow again are no reason to come back at once.
func TestASlowClientThatIsThrownOutComesBackLaterAndLater(t *testing.T) { // Q5
	const first, longest = 100 * time.Millisecond, 3 * time.Second
	o := Options{Backoff: Backoff{First: first, Max: longest}, Conduct: Conduct{Slow: 1, Speed: 1e9}}
	s, _, c, start := acted(t, &radio{}, o)
	now := s.ring()
	var waits []time.Duration
	for range 300 {
		s.caller.Received(now, []byte("events"))
		s.caller.Ended(now, &engine.CloseError{Code: 1013})
		redial := c.members[0].next
		waits = append(waits, time.Duration(redial-now))
		now = redial
		s.caller.Alarm(now)
		s.caller.Connected(now)
	}
	if early := slices.Max(waits[:2]); early > 2*first {
		t.Errorf("the first waits are up to %s, want %s at most", early, 2*first)
	}
	late := waits[10:]
	slices.Sort(late)
	if median := late[len(late)/2]; median < longest/3 || late[len(late)-1] > longest+1 {
		t.Errorf("later on it waits %s in the median and up to %s, want them uniform below %s", median, late[len(late)-1], longest)
	}
	if mean := time.Duration(now-start) / 300; mean < longest/3 {
		t.Errorf("it comes back every %s", mean)
	}
	// Once it keeps up, it is an ordinary client.
	c.Calm()
	s.caller.Received(now, []byte("events"))
	s.caller.Ended(now, io.EOF)
	if wait := time.Duration(s.alarm - now); wait > first+1 {
		t.Errorf("it waits %s after it kept up, want %s at most", wait, first)
	}
}

func TestAVanishedClientDoesNothingAnyMore(t *testing.T) { // C13
	for name, half := range map[string]engine.Conversation{"stream": &radio{}, "poll": &echo{}} {
		s, r, c, start := acted(t, half, Options{Interval: second500, Silence: 10 * time.Second, Conduct: Conduct{Vanish: 1, VanishAt: 3 * time.Second}})
		for s.alarm != 0 && s.alarm < start+3*second {
			s.ring()
			if e, ok := half.(*echo); ok && e.asking == engine.Waiting {
				s.caller.Received(s.alarm-1, []byte("answer"))
			}
		}
		if s.vanished {
			t.Fatalf("%s: vanished too early", name)
		}
		if at := s.ring(); at != start+3*second || !s.vanished {
			t.Errorf("%s: vanished %v at %s", name, s.vanished, time.Duration(at-start))
		}
		sent, dials := s.sent, s.dials
		if s.alarm != 0 {
			t.Errorf("%s: another alarm at %s", name, time.Duration(s.alarm-start))
		}
		s.caller.Ended(start+100*second, io.EOF) // some of TCP's own
		c.Calm()
		if s.alarm != 0 || s.sent != sent || s.dials != dials || s.ended != nil {
			t.Errorf("%s: it lives: alarm %d, %d sent, %d dials, hung up for %v", name, s.alarm, s.sent-sent, s.dials-dials, s.ended)
		}
		if got := c.Stalls(); len(got) != 1 || got[0] != (Stall{recorder.Vanishing, somewhere, start + 3*second}) {
			t.Errorf("%s: stalls %v", name, got)
		}
		if g := groups(t, r)[results.GroupVanished]; g.Clients != 1 {
			t.Errorf("%s: %+v", name, g)
		}
	}
}

const second500 = 500 * time.Millisecond

// polite is a radio that says farewell.
type polite struct{ radio }

func (*polite) Leave(out []byte) []byte { return append(out, "bye"...) }

func TestClientsComeAndGoAndResumeWhereTheyWere(t *testing.T) { // D3
	const stay, gone, cycles = 5 * time.Second, 2 * time.Second, 400
	for name, half := range map[string]interface {
		engine.Conversation
		at() []wire.Cursor
	}{"abrupt": &radio{}, "polite": &polite{}} {
		s, r, c, start := acted(t, half, Options{Conduct: Conduct{Stay: stay, Away: gone}})
		since := start
		var stays time.Duration
		for cycle := range cycles {
			now := s.ring()
			stays += time.Duration(now - since)
			if name == "polite" {
				if s.ended != nil {
					t.Fatalf("%s: it does not wait for the server to end the connection", name)
				}
				s.caller.Received(now, []byte("x")) // what was under way
			} else if s.ended != ErrLeft {
				t.Fatalf("%s: hangs up for %v in cycle %d, want %v", name, s.ended, cycle, ErrLeft)
			}
			s.ended = nil
			s.caller.Ended(now, io.EOF)
			if s.alarm != now+int64(gone) {
				t.Fatalf("%s: comes back after %s, want %s", name, time.Duration(s.alarm-now), gone)
			}
			since = s.ring()
			s.caller.Connected(since)
			s.caller.Received(since, []byte("x"))
		}
		if s.dials != cycles+1 {
			t.Errorf("%s: %d dials, want %d", name, s.dials, cycles+1)
		}
		if mean := stays / cycles; mean < stay*4/5 || mean > stay*6/5 {
			t.Errorf("%s: stays %s in the mean, want about %s", name, mean, stay)
		}
		for i, cursor := range half.at() {
			if i > 0 && cursor.IsZero() {
				t.Fatalf("%s: comes back without its cursor", name)
			}
		}
		if got := closed(t, r); got["left"] != cycles || len(got) != 1 {
			t.Errorf("%s: connections ended for %v, want %d because it left", name, got, cycles)
		}
		if got := groups(t, r)[results.GroupLeaving].Returned; got != cycles {
			t.Errorf("%s: %d returns counted, want %d", name, got, cycles)
		}
		_ = c
	}
}

// A poller that is away has an instant to ask at, and asks nothing.
func TestAPollerThatIsAwayDoesNotAsk(t *testing.T) { // D3
	half := &echo{}
	s, _, _, start := acted(t, half, Options{Interval: 3 * time.Second, Conduct: Conduct{Leave: 1, LeaveAt: time.Second, LeaveFor: 100 * time.Second}})
	now := s.ring()
	for s.ended == nil {
		if half.asking == engine.Waiting {
			s.caller.Received(now, []byte("x"))
		}
		now = s.ring()
	}
	s.caller.Ended(now, io.EOF)
	if at, want := s.alarm, start+101*second; at != want || s.dials != 1 {
		t.Errorf("the next alarm is %s after the beginning, want %s; %d dials", time.Duration(at-start), time.Duration(want-start), s.dials)
	}
}

func (r *radio) at() []wire.Cursor { return r.opened }

func TestWhoIsAwayAtTheEndComesBack(t *testing.T) { // D2
	half := &radio{}
	s, _, c, start := acted(t, half, Options{Conduct: Conduct{Leave: 1, LeaveAt: time.Second, LeaveFor: time.Hour}})
	if at := s.ring(); at != start+second || s.ended != ErrLeft {
		t.Fatalf("leaves at %s for %v", time.Duration(at-start), s.ended)
	}
	s.caller.Ended(start+second, ErrLeft)
	if s.alarm != start+second+int64(time.Hour) {
		t.Errorf("comes back at %s", time.Duration(s.alarm-start))
	}
	c.Calm() // at instant 0 of the script
	if s.alarm > int64(recall) {
		t.Errorf("called back, it comes at %s", time.Duration(s.alarm))
	}
	s.ring()
	if s.dials != 2 {
		t.Errorf("%d dials, want one more", s.dials)
	}
	s.caller.Connected(start)
	if s.alarm != 0 {
		t.Errorf("leaves again, at %s", time.Duration(s.alarm))
	}
}

// A server that does not end the connection of a client that has said farewell
// cannot keep it.
func TestAFarewellIsNotWaitedForForEver(t *testing.T) {
	s, _, _, _ := acted(t, &polite{}, Options{Silence: time.Hour, Conduct: Conduct{Leave: 1, LeaveFor: time.Minute}})
	now := s.ring()
	if s.ended != nil {
		t.Fatal("no farewell")
	}
	if at := s.ring(); at != now+int64(farewell) || s.ended != ErrLeft {
		t.Errorf("hangs up for %v after %s, want after %s", s.ended, time.Duration(at-now), farewell)
	}
}

func TestRolesAreDrawnFromTheSeedAndNobodyHasTwo(t *testing.T) {
	draw := func(seed uint64, o Conduct) (drawn []string) {
		const clients = 200
		r := recorder.New(recorder.Options{Clients: clients, Topics: 1, Shards: 1})
		c := New(Options{
			Clients: clients, Topics: []string{"t0"}, ConnectRate: 1, Seed: seed, Conduct: o,
			Half: func(*engine.Endpoint) engine.Conversation { return &radio{} },
		}, &script{}, r, 0)
		for i, m := range c.members {
			if m.conduct != nil {
				drawn = append(drawn, fmt.Sprint(i, " ", m.conduct.role))
			}
		}
		return drawn
	}
	count := func(drawn []string, role recorder.Role) (n int) {
		for _, d := range drawn {
			var i int
			var r recorder.Role
			if fmt.Sscan(d, &i, &r); r == role {
				n++
			}
		}
		return n
	}
	some := Conduct{Slow: 10, Vanish: 20, Leave: 30}
	drawn := draw(1, some)
	if len(drawn) != 60 || count(drawn, recorder.Slow) != 10 || count(drawn, recorder.Vanishing) != 20 || count(drawn, recorder.Leaving) != 30 {
		t.Errorf("%d clients drawn: %v", len(drawn), drawn)
	}
	if !slices.Equal(drawn, draw(1, some)) {
		t.Error("the same seed draws others")
	}
	if slices.Equal(drawn, draw(2, some)) {
		t.Error("another seed draws the same")
	}
	if all := draw(1, Conduct{Slow: 10, Stay: 1}); len(all) != 200 || count(all, recorder.Churning) != 190 {
		t.Errorf("churn is of %d clients beside %d slow ones", count(all, recorder.Leaving), count(all, recorder.Slow))
	}
	if none := draw(1, Conduct{}); len(none) != 0 {
		t.Errorf("drawn without a conduct: %v", none)
	}
}
