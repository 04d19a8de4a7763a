package crowd

import (
	"context"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"pushbench/loadgen/engine"
	"pushbench/loadgen/recorder"
	"pushbench/loadgen/sse"
	"pushbench/servers/source"
)

// An absent engine connects nobody, and remembers when each line was to be called.
type absent struct{ lines []*absentLine }

type absentLine struct {
	engine.Line
	member int
	at     int64
}

func (l *absentLine) At(instant int64) { l.at = instant }

func (a *absent) Line(member int, _ engine.Caller) engine.Line {
	l := &absentLine{member: member}
	a.lines = append(a.lines, l)
	return l
}
func (a *absent) Run(context.Context) error { return nil }
func (a *absent) Do(_ int, f func(int64))   { f(0) }
func (a *absent) Shards() int               { return 1 }

// An individual is what makes a client different from the others.
type individual struct {
	phase, arrival, voice int64
	dice                  uint32
	role                  recorder.Role
	topic, said           string
}

// individuals are those of a crowd, or of its part.
func individuals(o Options, part Part) (all []individual) {
	o.Part = part
	count := o.Here().Count
	e := &absent{}
	c := New(o, e, recorder.New(recorder.Options{Clients: count, First: part.First, Topics: len(o.Topics), Shards: 1}), 1e9)
	for i, m := range c.members {
		one := individual{phase: m.phase, dice: m.dice, said: string(m.voice.payload())}
		for _, l := range e.lines {
			if l.member == i && l.at > one.arrival {
				one.arrival = l.at
			}
		}
		if m.conduct != nil {
			one.role = m.conduct.role
		}
		one.topic = string(m.half.Open(nil, m.cursor))
		all = append(all, one)
	}
	return all
}

func TestAClientIsTheSameWhoeverPlaysIt(t *testing.T) { // G14
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 40).Draw(t, "clients")
		o := Options{
			Clients: n, Topics: source.TopicNames(rapid.IntRange(1, 5).Draw(t, "topics")),
			Endpoint: engine.Endpoint{Host: "h", Path: "/p"}, Half: sse.New, ConnectRate: 100, Interval: time.Second,
			SayRate: 1, SayPayload: source.Payload{Min: 20, Max: 40, Content: source.Random}, Seed: rapid.Uint64().Draw(t, "seed"),
			Conduct: Conduct{Slow: n / 3, Vanish: n / 5, Leave: n / 4},
		}
		if rapid.Bool().Draw(t, "churn") {
			o.Conduct.Stay = time.Second
		}
		whole := individuals(o, Part{})
		var divided []individual
		for _, part := range Parts(n, rapid.IntRange(1, n).Draw(t, "parts")) {
			divided = append(divided, individuals(o, part)...)
		}
		if !slices.Equal(whole, divided) {
			t.Fatalf("%+v\nare, divided,\n%+v", whole, divided)
		}
	})
}

func TestPartsAreAllOfACrowdAndAsEvenAsCanBe(t *testing.T) {
	for clients := 1; clients <= 50; clients++ {
		for n := 1; n <= clients; n++ {
			next, least, most := 0, clients, 0
			for _, p := range Parts(clients, n) {
				if p.First != next {
					t.Fatalf("%d clients in %d parts: one begins with client %d, want %d", clients, n, p.First, next)
				}
				next += p.Count
				least, most = min(least, p.Count), max(most, p.Count)
			}
			if next != clients || most-least > 1 || least < 1 {
				t.Errorf("%d clients in %d parts: %v", clients, n, Parts(clients, n))
			}
		}
	}
}
