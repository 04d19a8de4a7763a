package crowd

import (
	"math"
	"slices"
	"testing"
	"time"

	"pushbench/loadgen/engine"
	"pushbench/loadgen/recorder"
	"pushbench/results"
	"pushbench/servers/source"
	"pushbench/servers/wire"
)

// A told is an echo whose answers after the hello bring an event each, due at an
// instant that the test chooses.
type told struct {
	echo
	due int64
	n   uint64
}

func (d *told) Receive(in, out []byte, l engine.Listener) ([]byte, error) {
	if d.n == 0 {
		d.n++
		return d.echo.Receive(in, out, l)
	}
	d.echo.asking = engine.Idle
	l.Event(&wire.Event{N: d.n, Due: d.due, Pub: d.due})
	d.n++
	return out, nil
}

func TestAClientThinksBeforeItAsksAgain(t *testing.T) { // L15
	const think = 300 * time.Millisecond
	half := &told{}
	s, r, _ := one(half, Options{Think: think})
	now := s.ring()
	s.caller.Connected(now)
	for i := range 5 {
		s.caller.Received(now, []byte("answer"))
		if half.asked != i {
			t.Fatalf("asked %d times upon answer %d, want a thought before", half.asked, i+1)
		}
		if s.alarm != now+int64(think) {
			t.Fatalf("asks again after %s, want %s", time.Duration(s.alarm-now), think)
		}
		half.due = now + int64(think)/2 // while it thinks: it waits for the question
		if now = s.ring(); half.asked != i+1 {
			t.Fatalf("asked %d times when the thought was over", half.asked)
		}
		now += int64(time.Millisecond)
	}
	// The wait for the question is inside the number: half the thought and the way.
	var trial results.Trial
	if err := r.Snapshot(&trial, nil); err != nil {
		t.Fatal(err)
	}
	latency := trial.Histograms[results.Latency]
	if want := think/2 + time.Millisecond; latency.Count() != 4 || latency.Max() != want {
		t.Errorf("%d latencies up to %s, want 4 of %s", latency.Count(), latency.Max(), want)
	}
}

func TestAPollComesLaterByItsJitterAndKeepsToItsGrid(t *testing.T) { // P6
	const interval, jitter = time.Second, 400 * time.Millisecond
	half := &echo{}
	s, _, c := one(half, Options{Interval: interval, Jitter: jitter})
	s.ring()
	s.caller.Connected(2000)
	phase := c.members[0].phase
	var late []time.Duration
	for i := range int64(500) {
		s.caller.Received(s.alarm-int64(interval-jitter)/2, []byte("answer"))
		at := s.ring() - phase
		if got := (at + 1000) / int64(interval); got != i {
			t.Fatalf("poll %d comes %s after the first instant: in interval %d", i, time.Duration(at), got)
		}
		late = append(late, time.Duration(at-i*int64(interval)))
	}
	slices.Sort(late)
	if late[0] < 0 || late[499] >= jitter || late[250] < jitter/3 || late[250] > jitter*2/3 {
		t.Errorf("polls come %s to %s late, half of them below %s: not uniform below %s", late[0], late[499], late[250], jitter)
	}
}

func TestABurstArrivesAtOnce(t *testing.T) {
	s := &script{}
	r := recorder.New(recorder.Options{Clients: 50, Topics: 1, Shards: 1})
	c := New(Options{Clients: 50, Topics: []string{"t0"}, ConnectRate: math.Inf(1), Half: func(*engine.Endpoint) engine.Conversation { return &echo{} }}, s, r, 1000)
	if s.alarm != 1000 { // of the last client
		t.Fatalf("the last client connects at %d, want all at 1000", s.alarm)
	}
	for i, m := range c.members {
		if m.Alarm(1000); s.dials != i+1 {
			t.Errorf("client %d has not dialled", i)
		}
	}
}

// beat is when a client's messages are due within a minute, by the voice itself.
func beat(rate float64, apart time.Duration, dice uint32) (due []int64) {
	c := &Crowd{options: Options{SayRate: rate, SayApart: apart}}
	c.until.Store(int64(time.Minute))
	v := &voice{member: &member{squad: &squad{crowd: c}, dice: dice}, sayer: &mute{}, payload: source.Payload{}.Maker(1)}
	v.member.line, v.member.voice = &script{}, v
	for v.begin(0); v.due != 0; v.message() {
		due = append(due, v.due)
	}
	return due
}

func TestMessagesAreNoCloserThanTheyMayBe(t *testing.T) {
	for _, c := range []struct {
		rate  float64
		apart time.Duration
		sigma float64 // of the number of messages in a minute
	}{
		{20, 0, math.Sqrt(1200)},
		{20, 30 * time.Millisecond, math.Sqrt(1200) * 0.4},
		{20, 50 * time.Millisecond, 1},
		{0.5, 1500 * time.Millisecond, math.Sqrt(30) * 0.25},
	} {
		due := beat(c.rate, c.apart, 7)
		if want := c.rate * 60; math.Abs(float64(len(due))-want) > 4*c.sigma {
			t.Errorf("%v/s, %s apart: %d messages in a minute, want %.0f", c.rate, c.apart, len(due), want)
		}
		least, most := int64(math.MaxInt64), int64(0)
		for i := 1; i < len(due); i++ {
			least, most = min(least, due[i]-due[i-1]), max(most, due[i]-due[i-1])
		}
		if least < int64(c.apart) {
			t.Errorf("%v/s, %s apart: two messages are %s apart", c.rate, c.apart, time.Duration(least))
		}
		mean := time.Duration(float64(time.Second) / c.rate)
		if steady := c.apart == mean; steady != (time.Duration(most-least) < time.Microsecond) {
			t.Errorf("%v/s, %s apart: distances from %s to %s", c.rate, c.apart, time.Duration(least), time.Duration(most))
		}
		if first := time.Duration(due[0]); c.apart == mean && first > mean {
			t.Errorf("the beat of %s begins after %s", mean, first)
		}
	}
}

// Many clients together are an even load from the first second on: who is drawn
// into the middle of a distance does not bring the crowd into step.
func TestWhatAllSayIsAsMuchInEverySecond(t *testing.T) {
	const clients, seconds = 20_000, 20
	for _, c := range []struct {
		rate  float64
		apart time.Duration
	}{
		{0.1, 0},
		{0.1, 4 * time.Second}, // of llm
		{0.1, 9 * time.Second},
		{0.1, 10 * time.Second},
	} {
		var said [seconds]float64 // in each second
		for i := range uint32(clients) {
			for _, due := range beat(c.rate, c.apart, i*2654435761) {
				if second := due / int64(time.Second); second < seconds {
					said[second]++
				}
			}
		}
		want := clients * c.rate
		for second, n := range said {
			// Messages of different clients are independent: no more varies than of Poisson's.
			if math.Abs(n-want) > 4*math.Sqrt(want) {
				t.Errorf("%v/s, %s apart: %v messages in second %d, want %v", c.rate, c.apart, n, second, want)
			}
		}
	}
}
