package crowd

import (
	"context"
	"testing"
	"time"

	"pgregory.net/rapid"

	"pushbench/loadgen/engine"
	"pushbench/loadgen/recorder"
)

func TestARampThatIsSlowedGoesOnFromWhereItIs(t *testing.T) { // G4
	rapid.Check(t, func(t *rapid.T) {
		var p ramp
		now := int64(0)
		const end = int64(time.Second)
		for range rapid.IntRange(0, 5).Draw(t, "times") {
			now += rapid.Int64Range(1, int64(100*time.Millisecond)).Draw(t, "later")
			before := p
			p = p.slower(now)
			for planned := int64(0); planned <= end; planned += end / 100 {
				was, is := before.at(planned), p.at(planned)
				switch want := now + 2*(was-now); {
				case was <= now && is > now+2: // it has arrived, and stays so
					t.Fatalf("who arrived at %d, before %d, arrives at %d now", was, now, is)
				case was > now && (is < want-70 || is > want+70): // rounding, by steps as wide as the stretch
					t.Fatalf("who was to arrive %d after now arrives %d after, want twice that", was-now, is-now)
				}
			}
		}
	})
}

func TestAnUnslowedRampIsAsPlanned(t *testing.T) {
	if got := (ramp{}).at(12345); got != 12345 {
		t.Errorf("planned for 12345, and it arrives at %d", got)
	}
}

// A parade is an engine that notes when each line's alarm is set for.
type parade struct {
	lines []*script
}

func (p *parade) Line(_ int, c engine.Caller) engine.Line {
	s := &script{caller: c}
	p.lines = append(p.lines, s)
	return s
}
func (p *parade) Do(_ int, f func(int64))   { f(0) }
func (p *parade) Run(context.Context) error { return nil }
func (p *parade) Shards() int               { return 1 }

func TestClientsThatHaveNotComeYetComeSlower(t *testing.T) { // G4
	const clients, apart = 10, int64(time.Second)
	p := &parade{}
	r := recorder.New(recorder.Options{Clients: clients, Topics: 1, Shards: 1})
	c := New(Options{
		Clients: clients, Topics: []string{"t0"}, ConnectRate: 1, SayRate: 1, SayPath: "/publish",
		Half: func(*engine.Endpoint) engine.Conversation { return &echo{} },
	}, p, r, apart)
	if len(p.lines) != 2*clients {
		t.Fatalf("%d lines, want two for each client: one to say something", len(p.lines))
	}
	for i, line := range p.lines[:2*5] { // the first five have come
		now := line.ring()
		line.caller.Connected(now)
		if want := apart * int64(1+i/2); now != want {
			t.Errorf("client %d came at %d, want %d", i/2, now, want)
		}
		line.alarm = 0
	}
	now := 5 * apart
	for _, line := range p.lines[2*5 : 2*6] { // the sixth comes at the very moment
		line.caller.Alarm(now)
		line.caller.Connected(now)
		line.alarm = 0
	}
	if c.Arrived(now) {
		t.Error("half of them have not come, and it says that all have")
	}
	c.Slow(now)
	for i, line := range p.lines {
		want := int64(0)
		if i/2 >= 6 {
			want = now + 2*apart*int64(i/2-4)
		}
		if line.alarm != want {
			t.Errorf("an alarm of client %d is set for %d, want %d", i/2, line.alarm, want)
		}
	}
	if last := now + 2*apart*5; c.Arrived(last-1) || !c.Arrived(last) {
		t.Errorf("it does not say that the last one comes at %d", last)
	}
}
