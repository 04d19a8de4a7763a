package crowd

import (
	"context"
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pushbench/loadgen/engine"
	"pushbench/loadgen/recorder"
	"pushbench/results"
	"pushbench/servers/source"
	"pushbench/servers/wire"
)

func TestPollPhasesAreUniformOverTheInterval(t *testing.T) { // P2
	const n, interval = 1000, time.Second
	phases := Phases(n, interval, false, rand.New(rand.NewPCG(1, 2)))
	sorted := slices.Clone(phases)
	slices.Sort(sorted)
	for i, p := range sorted {
		if slot := time.Duration(i) * interval / n; p < slot || p >= slot+interval/n {
			t.Fatalf("the %d-th phase is %s, want one in each thousandth of the interval", i, p)
		}
	}
	if slices.Equal(sorted, phases) {
		t.Error("phases are in the order of the clients")
	}
	if !slices.Equal(phases, Phases(n, interval, false, rand.New(rand.NewPCG(1, 2)))) {
		t.Error("the same seed gives other phases")
	}
	for _, p := range Phases(n, interval, true, rand.New(rand.NewPCG(1, 2))) {
		if p != 0 {
			t.Fatal("aligned clients do not poll at the same instant")
		}
	}
}

// Short polling's latency is the wait for the client's next instant: uniform on
// the interval, whatever the instants at which events are due.
func TestPollLatencyFollowsTheLawOfItsInterval(t *testing.T) { // P3
	const clients, events, interval = 1000, 200, time.Second
	dice := rand.New(rand.NewPCG(3, 4))
	c := &Crowd{options: Options{Interval: interval}}
	var waits []float64
	var sum, squares float64
	for _, phase := range Phases(clients, interval, false, dice) {
		m := &member{squad: &squad{crowd: c}, phase: int64(phase), half: &echo{}, asks: true}
		for range events {
			due := dice.Int64N(int64(time.Hour))
			wait := float64(m.nextPoll(due)-due) / float64(interval)
			waits = append(waits, wait)
			sum += wait
			squares += wait * wait
		}
	}
	slices.Sort(waits)
	n := float64(len(waits))
	mean := sum / n
	for name, law := range map[string][2]float64{
		"p50":                {waits[len(waits)/2], 0.5},
		"p95":                {waits[len(waits)*95/100], 0.95},
		"mean":               {mean, 0.5},
		"standard deviation": {math.Sqrt(squares/n - mean*mean), 1 / math.Sqrt(12)},
		"maximum":            {waits[len(waits)-1], 1},
	} {
		if got, want := law[0], law[1]; math.Abs(got-want) > 0.005 {
			t.Errorf("%s is %.4f of the interval, the law says %.4f", name, got, want)
		}
	}
}

// A script is an engine of one line that a test plays by hand.
type script struct {
	caller engine.Caller
	alarm  int64
	dials  int
	sent   int
	ended  error
}

func (s *script) Line(_ int, c engine.Caller) engine.Line { s.caller = c; return s }
func (s *script) Do(_ int, f func(int64))                 { f(0) }
func (s *script) Run(context.Context) error               { return nil }
func (s *script) Shards() int                             { return 1 }
func (s *script) Dial()                                   { s.dials++ }
func (s *script) Send([]byte)                             { s.sent++ }
func (s *script) HangUp(why error)                        { s.ended = why }
func (s *script) At(instant int64)                        { s.alarm = instant }

// ring lets the alarm go off when it is set for, and returns that instant.
func (s *script) ring() int64 {
	now := s.alarm
	s.caller.Alarm(now)
	return now
}

// An echo is a polling half: every byte received is an answer, the first one
// the hello.
type echo struct {
	asking engine.Asking
	asked  int
	fail   error
}

func (e *echo) Open(out []byte, _ wire.Cursor) []byte {
	e.asking = engine.Waiting
	return append(out, '?')
}

func (e *echo) Receive(_, out []byte, l engine.Listener) ([]byte, error) {
	e.asking = engine.Idle
	l.Hello(wire.Cursor{Epoch: "e"})
	return out, e.fail
}

func (e *echo) Ask(out []byte) []byte {
	e.asking = engine.Waiting
	e.asked++
	return append(out, '?')
}

func (e *echo) Asking() engine.Asking { return e.asking }

func one(half engine.Conversation, o Options) (*script, *recorder.Recorder, *Crowd) {
	s := &script{}
	r := recorder.New(recorder.Options{Clients: 1, Topics: 1, Shards: 1})
	r.Measure(0, math.MaxInt64)
	o.Clients, o.Topics, o.ConnectRate, o.Seed = 1, []string{"t0"}, 1, 7
	o.Half = func(*engine.Endpoint) engine.Conversation { return half }
	return s, r, New(o, s, r, 1000)
}

func TestAPollKeepsToItsScheduleHoweverLongAnAnswerTakes(t *testing.T) { // P4
	half := &echo{}
	s, r, _ := one(half, Options{Interval: time.Second})
	s.ring()
	s.caller.Connected(2000)
	s.caller.Received(3000, []byte("hello"))
	first := s.ring() // asks
	if half.asked != 1 {
		t.Fatalf("asked %d times at the first instant, want once", half.asked)
	}
	// The answer takes three and a half intervals: three instants are missed.
	for i := range int64(3) {
		if want := first + (i+1)*int64(time.Second); s.alarm != want {
			t.Fatalf("alarm at %d, want %d", s.alarm, want)
		}
		s.ring()
	}
	if half.asked != 1 {
		t.Errorf("asked %d times while the answer was outstanding", half.asked)
	}
	s.caller.Received(first+int64(3500*time.Millisecond), []byte("answer"))
	if want := first + 4*int64(time.Second); s.alarm != want {
		t.Errorf("next poll at %d, want %d: the grid of the client's own phase", s.alarm, want)
	}
	if s.ring(); half.asked != 2 {
		t.Errorf("asked %d times, want the second question at the next instant", half.asked)
	}
	if got := missed(t, r); got != 3 {
		t.Errorf("%d missed polls counted, want 3", got)
	}
}

func missed(t *testing.T, r *recorder.Recorder) int64 {
	t.Helper()
	var trial results.Trial
	if err := r.Snapshot(&trial, nil); err != nil {
		t.Fatal(err)
	}
	return trial.Traffic.MissedPolls
}

func TestALongPollAsksAgainAtOnce(t *testing.T) {
	half := &echo{}
	s, _, _ := one(half, Options{})
	s.ring()
	s.caller.Connected(2000)
	for i := range 3 {
		s.caller.Received(3000, []byte("answer"))
		if half.asked != i+1 {
			t.Fatalf("asked %d times after %d answers", half.asked, i+1)
		}
	}
}

func TestRedialsBackOffWithFullJitter(t *testing.T) { // C15
	half := &echo{}
	s, _, _ := one(half, Options{Backoff: Backoff{First: 100 * time.Millisecond, Max: time.Second}})
	now := s.ring()
	var waits []time.Duration
	for range 200 {
		s.caller.Connected(now) // that a connection is made is no success yet
		s.caller.Ended(now, io.EOF)
		waits = append(waits, time.Duration(s.alarm-now))
		now = s.ring()
	}
	if s.dials != 201 {
		t.Errorf("%d dials, want one for each end and the first", s.dials)
	}
	for i, w := range waits {
		if ceiling := min(100*time.Millisecond<<min(i, 10), time.Second); w > ceiling+1 {
			t.Errorf("wait %d is %s, above its ceiling of %s", i, w, ceiling)
		}
	}
	s.caller.Connected(now)
	s.caller.Received(now, []byte("answer"))
	s.caller.Ended(now, io.EOF)
	if wait := time.Duration(s.alarm - now); wait > 100*time.Millisecond+1 {
		t.Errorf("after an answer it waits %s, above the first ceiling", wait)
	}
	slices.Sort(waits)
	if median := waits[100]; median < 300*time.Millisecond || median > 700*time.Millisecond {
		t.Errorf("half of the waits are below %s: not uniform below one second", median)
	}
}

func TestAPollerThatLostItsConnectionAsksAtItsOwnInstant(t *testing.T) {
	half := &echo{}
	s, _, c := one(half, Options{Interval: time.Hour})
	now := s.ring()
	s.caller.Connected(now)
	s.caller.Received(now, []byte("hello"))
	s.caller.Ended(now+int64(time.Minute), io.EOF) // a server that closes idle connections
	if want := c.members[0].nextPoll(now); s.alarm != want {
		t.Errorf("connects again %s after its hello, want %s: with its next poll", time.Duration(s.alarm-now), time.Duration(want-now))
	}
}

// A mute is an echo that can speak once it has received something.
type mute struct {
	echo
	ready bool
	said  int
}

func (m *mute) Ready() bool { return m.ready }
func (m *mute) Say(out []byte, _ *wire.Message) []byte {
	m.said++
	return append(out, '!')
}

func (m *mute) Receive(in, out []byte, l engine.Listener) ([]byte, error) {
	m.ready = true
	return m.echo.Receive(in, out, l)
}

func TestNobodySpeaksBeforeTheServerHasAgreed(t *testing.T) {
	half := &mute{}
	s, _, c := one(half, Options{Interval: time.Hour, SayRate: 1000, SayPayload: source.Payload{Min: 16, Max: 16, Content: source.Text}})
	c.Speak(0, math.MaxInt64)
	now := s.ring() + int64(time.Second)
	s.caller.Connected(now) // long after messages became due
	if s.caller.Alarm(now); half.said != 0 {
		t.Fatalf("%d messages behind the request", half.said)
	}
	s.caller.Received(now, []byte("hello"))
	if s.alarm > now {
		t.Errorf("the alarm is set for %s later, want at once: messages are due", time.Duration(s.alarm-now))
	}
	if s.caller.Alarm(now); half.said == 0 {
		t.Error("silent although the server has agreed")
	}
}

func TestAServersWishToWaitIsRespected(t *testing.T) { // P6
	for _, code := range []int{429, 503} {
		half := &echo{}
		s, r, _ := one(half, Options{Interval: time.Second})
		now := s.ring()
		s.caller.Connected(now)
		s.caller.Received(now, []byte("hello"))
		refused := &engine.StatusError{Code: code, RetryAfter: 30 * time.Second}
		s.caller.Ended(now, refused)
		if wait := time.Duration(s.alarm - now); wait < 30*time.Second || wait > 32*time.Second {
			t.Errorf("%d: comes back after %s, told to wait 30s", code, wait)
		}
		var trial results.Trial
		if err := r.Snapshot(&trial, nil); err != nil {
			t.Fatal(err)
		}
		if got := trial.Traffic.Closed[refused.Error()]; got != 1 {
			t.Errorf("%d: counted %d times: %v", code, got, trial.Traffic.Closed)
		}
	}
}

func TestAClientTurnedAwayDoesNotComeBack(t *testing.T) {
	for _, why := range []error{&engine.StatusError{Code: 404}, engine.ErrStop} {
		half := &echo{}
		s, _, c := one(half, Options{})
		now := s.ring()
		s.caller.Connected(now)
		s.caller.Ended(now, why)
		if s.alarm != 0 {
			t.Errorf("%v: comes back", why)
		}
		select {
		case <-c.Ready():
		default:
			t.Errorf("%v: the crowd still waits for the client", why)
		}
		if n, reason := c.Refused(); n != 1 || !errors.Is(reason, why) {
			t.Errorf("%v: %d refused for %v", why, n, reason)
		}
	}
}

func TestReasonsAreShortAndStable(t *testing.T) {
	for why, want := range map[error]string{
		io.EOF: "closed", ErrSilent: "silent", engine.ErrProtocol: "protocol", &engine.StatusError{Code: 503}: "refused with status 503",
		&engine.CloseError{Code: 1001, Reason: "going away in 3.14 s"}: "closed with code 1001", errors.New("?"): "other",
	} {
		if got := Reason(why); got != want {
			t.Errorf("%v is %q, want %q", why, got, want)
		}
	}
}
