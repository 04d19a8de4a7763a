package generator

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"time"

	"pushbench/loadgen/crowd"
	"pushbench/loadgen/engine"
	"pushbench/loadgen/recorder"
	"pushbench/servers/host"
	"pushbench/servers/wire"
)

// Halves are the client halves of the transports, by name.
type Halves map[string]func(*engine.Endpoint) engine.Conversation

// A Player plays clients in this process: all of a trial's, or a part of each crowd.
// It is a Follower that any goroutine may ask.
type Player struct {
	engine func(engine.Options) (engine.Engine, error)
	halves Halves

	mu    sync.Mutex
	stage *stage // nil before Begin
}

// NewPlayer makes a player of these transports on such an engine.
func NewPlayer(engine func(engine.Options) (engine.Engine, error), halves Halves) *Player {
	return &Player{engine: engine, halves: halves}
}

// A stage is what is prepared, and what has begun on it.
type stage struct {
	play    Play
	engine  engine.Engine
	records []*recorder.Recorder // by crowd
	stop    context.CancelFunc
	ended   chan struct{} // closed when the engine has ended
	failed  error         // how that was

	pace   sync.Mutex     // who slows the arrival down, and who asks for its end
	crowds []*crowd.Crowd // none before Begin
}

var (
	errPrepared = errors.New("the clients are prepared already")
	errNobody   = errors.New("no client has begun")
	errBegun    = errors.New("the clients have begun already")
)

// Follow implements Follower.
func (p *Player) Follow(ctx context.Context, o Order) (Word, error) {
	switch o.Do {
	case Prepare:
		return Word{}, p.prepare(o.Play)
	case Count:
		return Word{Procs: runtime.GOMAXPROCS(0), Runtime: new(host.ReadRuntime())}, nil
	case Settle:
		debug.FreeOSMemory()
		return Word{}, nil
	}
	p.mu.Lock()
	s := p.stage
	begun := s != nil && s.crowds != nil
	if o.Do == Begin && s != nil && !begun {
		s.begin(p.halves, o.Start)
		p.mu.Unlock()
		return Word{}, nil
	}
	p.mu.Unlock()
	switch {
	case o.Do == Begin && begun:
		return Word{}, errBegun
	case !begun:
		return Word{}, fmt.Errorf("order to %s: %w", o.Do, errNobody)
	}
	return s.follow(ctx, o)
}

// prepare makes the record and the engine.
func (p *Player) prepare(play *Play) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.stage != nil:
		return errPrepared
	case play == nil || len(play.Crowds) == 0:
		return errors.New("order to prepare without clients")
	}
	s := &stage{play: *play, stop: func() {}, ended: make(chan struct{})}
	for _, c := range play.Crowds {
		if p.halves[c.Transport] == nil {
			return fmt.Errorf("order to prepare clients of %q, which is no transport", c.Transport)
		}
		part := c.Options.Here()
		record := recorder.New(recorder.Options{
			Clients: part.Count, First: part.First, Topics: len(c.Options.Topics), Shards: play.Shards, Raw: c.Raw,
		})
		record.Begin(play.Epoch)
		s.records = append(s.records, record)
	}
	var err error
	s.engine, err = p.engine(engine.Options{
		Remote: play.Remote, Local: play.Local, Shards: play.Shards, ReceiveBuffer: play.ReceiveBuffer,
		Observer: s.records[0], // of all crowds: there is one engine
	})
	if err == nil {
		p.stage = s
	}
	return err
}

// begin makes the clients, and lets the first arrive at the instant.
func (s *stage) begin(halves Halves, start int64) {
	for i, c := range s.play.Crowds {
		c.Options.Half = halves[c.Transport]
		s.crowds = append(s.crowds, crowd.New(c.Options, s.engine, s.records[i], start+int64(c.Turn)))
	}
	var running context.Context
	running, s.stop = context.WithCancel(context.Background())
	go func() {
		defer close(s.ended)
		s.failed = s.engine.Run(running)
	}()
}

// follow does what is ordered of clients that are there.
func (s *stage) follow(ctx context.Context, o Order) (w Word, err error) {
	switch o.Do {
	case Look:
		for i := range s.crowds {
			w.Looks = append(w.Looks, s.look(i, o.At))
		}
	case Slow:
		s.pace.Lock()
		defer s.pace.Unlock()
		s.each(func(c *crowd.Crowd) { c.Slow(o.At) })
	case Measure:
		s.noted(func(r *recorder.Recorder) { r.Measure(o.From, o.To) })
	case Speak:
		s.each(func(c *crowd.Crowd) {
			c.Speak(o.Start, o.To)
			c.Behave(o.From)
		})
	case Enter:
		s.noted(func(r *recorder.Recorder) { r.Begin(o.Epoch) })
	case Struck:
		s.noted(func(r *recorder.Recorder) { r.Struck(o.At) })
	case Over:
		s.noted(func(r *recorder.Recorder) { r.Over(o.At) })
	case Hush:
		s.each(func(c *crowd.Crowd) { c.Hush(o.At) })
	case Cut:
		w.To = s.cut(o.At)
	case Calm:
		s.each((*crowd.Crowd).Calm)
	case Lack:
		w.Lacks = s.lack(o.Goals)
	case Tally:
		w.Tally, err = s.tally(ctx)
	case Freeze:
		s.freeze(o.At)
	case End:
		return s.end()
	default:
		err = fmt.Errorf("unknown order %q", o.Do)
	}
	return w, err
}

func (s *stage) each(f func(*crowd.Crowd)) {
	for _, c := range s.crowds {
		f(c)
	}
}

func (s *stage) noted(f func(*recorder.Recorder)) {
	for _, r := range s.records {
		f(r)
	}
}

// look is how far crowd i has come; at that instant everybody was to have arrived, or
// not yet.
func (s *stage) look(i int, at int64) Glance {
	c := s.crowds[i]
	s.pace.Lock()
	g := Glance{Live: s.records[i].Live(), Arrived: c.Arrived(at)}
	s.pace.Unlock()
	select {
	case <-c.Ready():
		g.Ready = true
	default:
	}
	if n, why := c.Refused(); n > 0 {
		g.Refused, g.Why = n, why.Error()
	}
	return g
}

// cut ends the phase of all crowds at one instant, and says which.
func (s *stage) cut(at int64) (to int64) {
	if at == 0 {
		return s.records[0].Cut(s.records[1:]...)
	}
	s.noted(func(r *recorder.Recorder) { to = r.CutAt(at) })
	return to
}

// lack is what each crowd waits for; without goals, what it has said.
func (s *stage) lack(goals []recorder.Goal) (all []Want) {
	for i, c := range s.crowds {
		w := Want{Away: s.records[i].Away(), Unsaid: c.Unsaid()}
		if i < len(goals) {
			w.Clients = s.records[i].Lacking(goals[i])
		}
		w.Said, w.Refused, w.Pending = c.Speech()
		all = append(all, w)
	}
	return all
}

// tally is nil where the kernel cannot be asked.
func (s *stage) tally(ctx context.Context) (*engine.Tally, error) {
	tallier, able := s.engine.(engine.Tallier)
	if !able {
		return nil, nil
	}
	t, err := tallier.Tally(ctx)
	if err != nil {
		return nil, err
	}
	return &t, nil
}

// freeze holds up every shard until the instant. To everything outside this is what a
// collection or a scheduler does to a generator: nothing is read, nothing is sent and
// no timer fires until it is over, and the clocks go on. Every member is held up until
// the same instant, because an engine with a lock for each of them stands still only
// when all do.
func (s *stage) freeze(until int64) {
	var held sync.WaitGroup
	for _, c := range s.crowds {
		for i := range c.Size() {
			held.Go(func() { s.engine.Do(i, func(int64) { time.Sleep(wire.Until(until)) }) })
		}
	}
	held.Wait()
}

// end ends all connections, and hands out the records.
func (s *stage) end() (w Word, err error) {
	s.stop()
	<-s.ended
	for _, c := range s.crowds {
		w.Stalls = append(w.Stalls, c.Stalls())
	}
	w.Records = s.records
	return w, s.failed
}

// Stop ends what has begun, if it has not been ended.
func (p *Player) Stop() {
	p.mu.Lock()
	s := p.stage
	p.mu.Unlock()
	if s != nil && s.crowds != nil {
		s.stop()
		<-s.ended
	}
}
