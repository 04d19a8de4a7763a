package crowd

import (
	"testing"
	"time"

	"pushbench/loadgen/engine"
	"pushbench/loadgen/recorder"
	"pushbench/results"
	"pushbench/servers/wire"
)

// A radio is a streaming half: every byte is an event, the first one the hello.
type radio struct {
	n      uint64
	data   []byte // of every event
	opened []wire.Cursor
}

func (r *radio) Open(out []byte, after wire.Cursor) []byte {
	r.opened = append(r.opened, after)
	return append(out, '?')
}

func (r *radio) Receive(in, out []byte, l engine.Listener) ([]byte, error) {
	for range in {
		if r.n == 0 {
			l.Hello(wire.Cursor{Epoch: "e"})
		} else {
			l.Event(&wire.Event{N: r.n, Data: r.data})
		}
		r.n++
	}
	return out, nil
}

func closed(t *testing.T, r *recorder.Recorder) map[string]int64 {
	t.Helper()
	var trial results.Trial
	if err := r.Snapshot(&trial, nil); err != nil {
		t.Fatal(err)
	}
	return trial.Traffic.Closed
}

// listenUntilHungUp lets alarms go off until the client hangs up, and returns
// when that was. An alarm after the last instant is none of this matter.
func listenUntilHungUp(s *script, last int64) (now int64) {
	for s.ended == nil && s.alarm != 0 && s.alarm <= last {
		now = s.ring()
	}
	return now
}

const second = int64(time.Second)

func TestAClientThatHearsNothingHangsUpAndResumes(t *testing.T) { // C13
	half := &radio{}
	s, r, _ := one(half, Options{Silence: 10 * time.Second})
	start := s.ring()
	s.caller.Connected(start)
	s.caller.Received(start+second, []byte("ab")) // the hello and an event
	armed := s.alarm
	s.caller.Received(start+4*second, []byte("c"))
	if s.alarm != armed {
		t.Error("the alarm is set anew with a read")
	}
	at := listenUntilHungUp(s, start+60*second)
	if s.ended != ErrSilent || at != start+14*second {
		t.Fatalf("hangs up for %v after %s, want %v 10 s after the last read", s.ended, time.Duration(at-start), ErrSilent)
	}
	s.ended = nil
	if s.caller.Alarm(at + 1); s.ended != nil {
		t.Error("hangs up again before the end has come")
	}
	s.caller.Ended(at+second, ErrSilent)
	if wait := s.alarm - at - second; wait > int64(100*time.Millisecond)+1 {
		t.Errorf("comes back after %s, want at the first wait", time.Duration(wait))
	}
	s.caller.Connected(s.ring())
	if want := (wire.Cursor{Epoch: "e", N: 2}); len(half.opened) != 2 || half.opened[1] != want {
		t.Errorf("opens with %v, want to resume at %v", half.opened, want)
	}
	if got := closed(t, r)["silent"]; got != 1 {
		t.Errorf("%d connections ended for silence, want 1", got)
	}
}

// Who was held up itself has perhaps not read yet what there is.
func TestALateOutcryLetsReadsComeFirst(t *testing.T) { // C13 G13
	for name, c := range map[string]struct {
		late   int64
		heard  bool // meanwhile
		hangup bool // after the next alarm
	}{
		"in time":                     {0, false, true},
		"held up":                     {second, false, true},
		"held up, with bytes to come": {second, true, false},
	} {
		s, _, _ := one(&radio{}, Options{Silence: 10 * time.Second})
		start := s.ring()
		s.caller.Connected(start)
		now := s.alarm + c.late
		s.caller.Alarm(now)
		if (s.ended == nil) != (c.late > 0) {
			t.Errorf("%s: hangs up for %v", name, s.ended)
		}
		if c.heard {
			s.caller.Received(now+1, []byte("a"))
		}
		if c.late > 0 {
			if s.alarm <= now || s.alarm > now+second {
				t.Fatalf("%s: looks again after %s", name, time.Duration(s.alarm-now))
			}
			s.caller.Alarm(s.alarm + second) // late again: that is no second excuse
		}
		if (s.ended == ErrSilent) != c.hangup {
			t.Errorf("%s: hangs up for %v", name, s.ended)
		}
	}
}

func TestAServerThatNeverAnswersIsSilent(t *testing.T) { // C13
	s, _, _ := one(&radio{}, Options{Silence: 10 * time.Second})
	start := s.ring()
	s.caller.Connected(start)
	if at := listenUntilHungUp(s, start+60*second); s.ended != ErrSilent || at != start+10*second {
		t.Errorf("hangs up for %v after %s, want 10 s after it connected", s.ended, time.Duration(at-start))
	}
}

func TestAnOutstandingAnswerIsNotWaitedForForEver(t *testing.T) { // C13
	for name, interval := range map[string]time.Duration{"long polling": 0, "short polling": 4 * time.Second} {
		half := &echo{}
		s, r, c := one(half, Options{Interval: interval, Silence: 10 * time.Second})
		now := s.ring()
		s.caller.Connected(now)
		now += second
		s.caller.Received(now, []byte("hello")) // long polling asks again at once
		if interval > 0 {
			for asked := range 5 { // answers in time, and silence between them
				if now = s.ring(); half.asked != asked+1 || s.ended != nil {
					t.Fatalf("%s: asked %d times, ended by %v, at question %d", name, half.asked, s.ended, asked+1)
				}
				s.caller.Received(now+second, []byte("answer"))
			}
			now = s.ring()
		}
		at := listenUntilHungUp(s, now+60*second)
		if s.ended != ErrSilent || at != now+10*second {
			t.Errorf("%s: hangs up for %v after %s, want 10 s after the question", name, s.ended, time.Duration(at-now))
		}
		s.caller.Ended(at, s.ended)
		if s.alarm == 0 || closed(t, r)["silent"] != 1 {
			t.Errorf("%s: ends are %v, comes back at %d", name, closed(t, r), s.alarm)
		}
		if next := c.members[0].nextPoll(at); interval > 0 && s.alarm != next {
			t.Errorf("%s: connects again at %d, want at its next poll, %d", name, s.alarm, next)
		}
	}
}

func TestAPollerBetweenQuestionsExpectsNothing(t *testing.T) {
	half := &echo{}
	s, _, _ := one(half, Options{Interval: time.Hour, Silence: time.Second})
	now := s.ring()
	s.caller.Connected(now)
	s.caller.Received(now, []byte("hello"))
	for range 3 { // the first may have been for the hello
		if now = s.ring(); s.ended != nil {
			t.Fatalf("hangs up for %v", s.ended)
		}
		if half.asked > 0 {
			s.caller.Received(now, []byte("answer"))
		}
	}
	if half.asked == 0 {
		t.Error("never asked")
	}
}

func TestNobodyHangsUpWithoutALimit(t *testing.T) {
	s, _, _ := one(&radio{}, Options{})
	s.caller.Connected(s.ring())
	s.caller.Received(2000, []byte("ab"))
	if s.alarm != 0 {
		t.Errorf("an alarm at %d", s.alarm)
	}
}
