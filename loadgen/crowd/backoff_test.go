package crowd

import (
	"io"
	"math/rand/v2"
	"testing"
	"time"

	"pushbench/loadgen/engine"
	"pushbench/results"
)

func TestEachBackoffWaitsByItsRule(t *testing.T) { // C15
	const first, most = 100 * time.Millisecond, time.Second
	for kind, want := range map[BackoffKind][]time.Duration{
		None:        {0, breath, breath, breath, breath, breath},
		Fixed:       {first, first, first, first, first, first},
		Exponential: {first, 2 * first, 4 * first, 8 * first, most, most},
		Jitter:      {first / 2, first, 2 * first, 4 * first, most / 2, most / 2},
	} {
		b := Backoff{Kind: kind, First: first, Max: most}
		for failures, wait := range want {
			if got := b.wait(failures, 0.5); got != wait {
				t.Errorf("%s waits %s after %d failures, want %s", kind, got, failures, wait)
			}
		}
	}
	if got := (Backoff{}).wait(1000, 0.5); got != 5*time.Second {
		t.Errorf("the longest wait of the zero value is %s on average, want half of 10 s", got)
	}
	if got := (Backoff{Kind: Exponential, First: 24 * time.Hour, Max: 24 * time.Hour}).wait(20, 0); got != 24*time.Hour {
		t.Errorf("after many failures of a day it waits %s", got)
	}
	if got := (Backoff{Kind: Fixed, First: 2 * most, Max: most}).wait(0, 0); got != most {
		t.Errorf("it waits %s, longer than the longest", got)
	}
}

// herd is how 5,000 clients that lose their server at once come back to one that
// is gone for three seconds: the number of attempts in each tenth of a second.
func herd(b Backoff) []int64 {
	const clients, gone = 5000, 3 * time.Second
	dice := rand.New(rand.NewPCG(1, 2))
	var windows []int64
	for range clients {
		var at time.Duration
		for failures := 0; ; failures++ {
			at += b.wait(failures, dice.Float64())
			for int(at/results.ReconnectWindow) >= len(windows) {
				windows = append(windows, 0)
			}
			windows[at/results.ReconnectWindow]++
			if at >= gone {
				break
			}
		}
	}
	return windows
}

// Whoever waits as long as everybody else meets everybody else again. Dice spread a
// crowd over the whole wait, and the further the longer the server is away.
func TestOnlyJitterKeepsACrowdFromComingBackAsOne(t *testing.T) { // C15, G19
	const clients = 5000
	later := func(kind BackoffKind) (peak int64) { // after the first second
		for i, n := range herd(Backoff{Kind: kind, First: 100 * time.Millisecond, Max: 10 * time.Second}) {
			if i >= 10 {
				peak = max(peak, n)
			}
		}
		return peak
	}
	if peak := later(Jitter); peak > clients/5 {
		t.Errorf("with jitter %d of %d clients come in the same tenth of a second", peak, clients)
	}
	for _, kind := range []BackoffKind{None, Fixed, Exponential} {
		if peak := later(kind); peak != clients {
			t.Errorf("with back-off %s %d clients come at once, want all %d: the bound for jitter would show nothing", kind, peak, clients)
		}
	}
}

// A taught half ends in good order and has told when to come back.
type taught struct {
	*echo
	retry time.Duration
}

func (h taught) Retry() time.Duration { return h.retry }

func TestTheServersOwnWordsComeOnTopOfTheBackoff(t *testing.T) { // F2
	const first = 100 * time.Millisecond
	for name, c := range map[string]struct {
		half    engine.Conversation
		why     error
		atLeast time.Duration
	}{
		"a stream that ended in good order":     {taught{&echo{}, 3 * time.Second}, engine.ErrEnded, 3 * time.Second},
		"a stream that was reset":               {taught{&echo{}, 3 * time.Second}, io.EOF, 0},
		"a half that is never told":             {&echo{}, engine.ErrEnded, 0},
		"a refusal that says when to come back": {&echo{}, &engine.StatusError{Code: 503, RetryAfter: time.Second}, time.Second},
	} {
		waits := map[time.Duration]bool{}
		for range 2 {
			s, _, _ := one(c.half, Options{Backoff: Backoff{First: first}, Seed: 1})
			for range 5 {
				now := s.ring()
				s.caller.Connected(now)
				s.caller.Received(now, []byte("answer")) // so that no failure adds to another
				s.caller.Ended(now, c.why)
				wait := time.Duration(s.alarm - now)
				if wait < c.atLeast || wait > c.atLeast+first+1 {
					t.Errorf("%s: it stays away for %s, want %s and up to %s more", name, wait, c.atLeast, first)
				}
				waits[wait] = true
			}
		}
		if len(waits) < 5 {
			t.Errorf("%s: all come back at once: %v", name, waits)
		}
	}
}

func TestAClientIsRestoredWhenItHearsFromTheServerAgain(t *testing.T) { // D3
	half := &echo{}
	s, r, _ := one(half, Options{})
	now := s.ring()
	s.caller.Connected(now)
	s.caller.Received(now, []byte("hello"))
	struck := now + int64(time.Second)
	r.Struck(struck)
	s.caller.Ended(struck+1, io.EOF)
	s.caller.Alarm(s.alarm)
	s.caller.Ended(struck+2, io.EOF) // this attempt failed
	s.caller.Alarm(s.alarm)
	s.caller.Connected(struck + 3) // that a connection is made is no success yet
	half.fail = engine.ErrProtocol
	s.caller.Received(struck+4, []byte("rubbish"))
	s.caller.Ended(struck+5, engine.ErrProtocol)
	half.fail = nil
	s.caller.Alarm(s.alarm)
	s.caller.Connected(struck + 6)
	s.caller.Received(struck+int64(5*time.Second), []byte("answer"))
	s.caller.Received(struck+int64(9*time.Second), []byte("another"))

	trial := results.Trial{Recovery: &results.Recovery{Faults: make([]results.Fault, 1)}}
	if err := r.Snapshot(&trial, nil); err != nil {
		t.Fatal(err)
	}
	f := trial.Recovery.Faults[0]
	if f.Cut != 1 || f.Restored != 1 || f.Tries() != 3 || f.Refused != 1 {
		t.Errorf("%+v, want one client that was cut once and came back at the third attempt", f)
	}
	if got := f.Back.Max(); got != 5*time.Second {
		t.Errorf("it came back after %s, want 5 s: by the first good answer", got)
	}
}
