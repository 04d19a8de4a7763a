// Package generator plays the clients of a trial, in this process or in several of
// its children, and makes one record of what they all received.
package generator

import (
	"cmp"
	"context"
	"errors"
	"net/netip"
	"os"
	"sync"
	"time"

	"pushbench/loadgen/crowd"
	"pushbench/loadgen/engine"
	"pushbench/loadgen/recorder"
	"pushbench/loadgen/target"
	"pushbench/servers/host"
	"pushbench/servers/wire"
)

// A Follower does what it is ordered and says what came of it.
type Follower interface {
	Follow(ctx context.Context, o Order) (Word, error)
}

var (
	_ Follower = (*Player)(nil)
	_ Follower = (*child)(nil)
)

// A Config says which processes to start.
type Config struct {
	Executable string
	Args       []string
	CPUs       []int // to run on; none: wherever this process may
	Processes  int
}

// A Generator is all that play the clients of a trial. Its methods may be called
// concurrently, but those that move the trial on are for one goroutine. An interrupt
// does not keep them from what they are called for: a trial that is cut short is
// accounted for.
type Generator struct {
	here      *Player // nil where there are children
	followers []Follower
	children  []*child
	gone      chan struct{} // closed when a child has; nil without any
}

// Here plays all clients in this process.
func Here(p *Player) *Generator { return &Generator{here: p, followers: []Follower{p}} }

// Start starts the processes and waits until they are ready.
func Start(ctx context.Context, c Config) (*Generator, error) {
	g := &Generator{gone: make(chan struct{})}
	if err := g.start(ctx, c); err != nil {
		g.Stop()
		return nil, err
	}
	return g, nil
}

func (g *Generator) start(ctx context.Context, c Config) error {
	ctx, cancel := context.WithTimeoutCause(ctx, startTime, errUnready)
	defer cancel()
	var all []<-chan answer
	var once sync.Once
	for range c.Processes {
		one, ready, err := start(c)
		if err != nil {
			return err
		}
		g.children, g.followers, all = append(g.children, one), append(g.followers, one), append(all, ready)
		go func() {
			<-one.Exited()
			once.Do(func() { close(g.gone) })
		}()
	}
	for _, ready := range all {
		select {
		case a := <-ready:
			if a.err != nil {
				return a.err
			}
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

// tell gives all of them the order at once and returns their words.
func (g *Generator) tell(ctx context.Context, o Order) ([]Word, error) {
	return g.each(ctx, func(int) Order { return o })
}

func (g *Generator) each(ctx context.Context, order func(i int) Order) ([]Word, error) {
	words, errs := make([]Word, len(g.followers)), make([]error, len(g.followers))
	var following sync.WaitGroup
	for i, f := range g.followers {
		following.Go(func() { words[i], errs[i] = f.Follow(ctx, order(i)) })
	}
	following.Wait()
	return words, errors.Join(errs...)
}

// order is tell of what has nothing to answer.
func (g *Generator) order(ctx context.Context, o Order) error {
	_, err := g.tell(context.WithoutCancel(ctx), o)
	return err
}

// Prepare divides the clients of the play over the processes, makes their records and
// engines, and connects nobody yet. Each process has its own source addresses.
func (g *Generator) Prepare(ctx context.Context, play Play, local [][]netip.Addr) error {
	_, err := g.each(context.WithoutCancel(ctx), func(i int) Order {
		own := play
		own.Local = local[i]
		own.Crowds = nil
		for _, c := range play.Crowds {
			c.Options.Part = crowd.Parts(c.Options.Clients, len(g.followers))[i]
			own.Crowds = append(own.Crowds, c)
		}
		return Order{Do: Prepare, Play: &own}
	})
	return err
}

// Begin makes the clients and lets the first of them arrive a little later, when all
// processes have made theirs.
func (g *Generator) Begin(ctx context.Context, clients int) error {
	lead := 10 * time.Millisecond
	if len(g.children) > 0 {
		lead = unison + time.Duration(clients)*making
	}
	return g.order(ctx, Order{Do: Begin, Start: wire.Now() + int64(lead)})
}

// unison is how far ahead several processes are told of an instant, for all to know
// of it when it comes; making is what a client takes to be made.
const (
	unison = 200 * time.Millisecond
	making = 20 * time.Microsecond
)

// Look is how far all crowds have come together; at that instant everybody was to
// have arrived, or not yet.
func (g *Generator) Look(ctx context.Context, at int64) (Glance, error) {
	words, err := g.tell(ctx, Order{Do: Look, At: at})
	sum := Glance{Ready: true, Arrived: true}
	for _, w := range words {
		for _, l := range w.Looks {
			sum.Received += l.Received
			sum.Joined += l.Joined
			sum.P99 = max(sum.P99, l.P99)
			sum.Ready = sum.Ready && l.Ready
			sum.Arrived = sum.Arrived && l.Arrived
			sum.Refused += l.Refused
			sum.Why = cmp.Or(sum.Why, l.Why)
		}
	}
	return sum, err
}

// Slow lets those that have not arrived yet arrive half as fast from the instant on.
func (g *Generator) Slow(ctx context.Context, at int64) error {
	return g.order(ctx, Order{Do: Slow, At: at})
}

// Settle gives back what making the clients has left, for when nothing is measured.
func (g *Generator) Settle(ctx context.Context) error { return g.order(ctx, Order{Do: Settle}) }

// Measure sets the measured phase.
func (g *Generator) Measure(ctx context.Context, from, to int64) error {
	return g.order(ctx, Order{Do: Measure, From: from, To: to})
}

// Speak lets clients say what they have to say from start to the end of the phase, and
// do what they do beside receiving from its beginning on.
func (g *Generator) Speak(ctx context.Context, start, from, to int64) error {
	return g.order(ctx, Order{Do: Speak, Start: start, From: from, To: to})
}

// Enter tells of a life of the source that begins. It must be called before any client
// can hear of it.
func (g *Generator) Enter(ctx context.Context, epoch string) error {
	return g.order(ctx, Order{Do: Enter, Epoch: epoch})
}

// Struck and Over tell of a fault, and of its end, at that instant.
func (g *Generator) Struck(ctx context.Context, at int64) error {
	return g.order(ctx, Order{Do: Struck, At: at})
}

// Over is told of the end of the last fault; see Struck.
func (g *Generator) Over(ctx context.Context, at int64) error {
	return g.order(ctx, Order{Do: Over, At: at})
}

// Hush ends what clients say.
func (g *Generator) Hush(ctx context.Context) error {
	return g.order(ctx, Order{Do: Hush, At: wire.Now()})
}

// Cut ends the phase now, if it is not over yet, and says at which instant that is;
// see recorder.Recorder.Cut. Several processes are told of an instant to come, and
// what happens until then is of the phase.
func (g *Generator) Cut(ctx context.Context) (to int64, err error) {
	order := Order{Do: Cut}
	if len(g.children) > 0 {
		order.At = wire.Now() + int64(unison)
	}
	words, err := g.tell(context.WithoutCancel(ctx), order)
	if err != nil {
		return 0, err
	}
	if order.At != 0 {
		time.Sleep(wire.Until(order.At))
	}
	return words[0].To, nil
}

// Calm ends what clients do beside receiving.
func (g *Generator) Calm(ctx context.Context) error { return g.order(ctx, Order{Do: Calm}) }

// Lack is what all crowds still wait for together, of the goals of each, and what they
// have said.
func (g *Generator) Lack(ctx context.Context, goals []recorder.Goal) (Want, error) {
	words, err := g.tell(context.WithoutCancel(ctx), Order{Do: Lack, Goals: goals})
	var sum Want
	for _, w := range words {
		for _, l := range w.Lacks {
			sum.Clients += l.Clients
			sum.Away += l.Away
			sum.Said += l.Said
			sum.Refused += l.Refused
			sum.Pending += l.Pending
			sum.Unsaid += l.Unsaid
		}
	}
	return sum, err
}

// Tally is what TCP has done on all connections; nil where the kernel cannot be asked.
func (g *Generator) Tally(ctx context.Context) (*engine.Tally, error) {
	words, err := g.tell(ctx, Order{Do: Tally})
	if err != nil {
		return nil, err
	}
	var sum engine.Tally
	for _, w := range words {
		if w.Tally == nil {
			return nil, nil
		}
		sum.Add(*w.Tally)
	}
	return &sum, nil
}

// Count is what the runtimes of the processes have done, and how many goroutines run
// at a time in each.
func (g *Generator) Count(ctx context.Context) (sum host.Runtime, procs int, err error) {
	words, err := g.tell(context.WithoutCancel(ctx), Order{Do: Count})
	for _, w := range words {
		sum = sum.Plus(*cmp.Or(w.Runtime, &host.Runtime{}))
		procs = w.Procs
	}
	return sum, procs, err
}

// Freeze holds up all clients until the instant.
func (g *Generator) Freeze(ctx context.Context, until int64) error {
	return g.order(ctx, Order{Do: Freeze, At: until})
}

// An Outcome is what became of a crowd.
type Outcome struct {
	Record *recorder.Recorder // of all processes together
	Stalls []crowd.Stall
}

// End ends all connections and returns what became of each crowd.
func (g *Generator) End(ctx context.Context) ([]Outcome, error) {
	words, err := g.tell(context.WithoutCancel(ctx), Order{Do: End})
	if err != nil {
		return nil, err
	}
	all := make([]Outcome, len(words[0].Records))
	for i := range all {
		var parts []*recorder.Recorder
		for _, w := range words {
			parts = append(parts, w.Records[i])
			all[i].Stalls = append(all[i].Stalls, w.Stalls[i]...)
		}
		if all[i].Record, err = recorder.Join(parts...); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// PIDs are the numbers of the processes.
func (g *Generator) PIDs() (pids []int) {
	for _, c := range g.children {
		pids = append(pids, c.PID())
	}
	if g.here != nil {
		pids = append(pids, os.Getpid())
	}
	return pids
}

// RSS is the resident memory of the processes in bytes, as far as that can be told.
func (g *Generator) RSS() (sum int64) {
	for _, pid := range g.PIDs() {
		bytes, _ := target.RSS(pid)
		sum += bytes
	}
	return sum
}

// CPUTime is what the kernel has charged the processes for, in ns, and this one, which
// orders them about on the same CPUs. Of a process that has ended it is not known.
func (g *Generator) CPUTime() (sum int64, err error) {
	pids := g.PIDs()
	if g.here == nil {
		pids = append(pids, os.Getpid())
	}
	for _, pid := range pids {
		used, err := target.CPUTime(pid)
		if err != nil {
			return 0, errors.Join(ErrDied, err)
		}
		sum += used
	}
	return sum, nil
}

// MajorFaults is how many pages the processes have read back from disk, as far as that
// can be told.
func (g *Generator) MajorFaults() (sum int64) {
	for _, pid := range g.PIDs() {
		faults, _ := target.MajorFaults(pid)
		sum += faults
	}
	return sum
}

// Exited is closed when one of the processes is gone, asked or not; nil without any.
func (g *Generator) Exited() <-chan struct{} { return g.gone }

// Death is why a process has ended that was not asked to, once Exited is closed.
func (g *Generator) Death() error {
	for _, c := range g.children {
		select {
		case <-c.Exited():
			_, err := c.Follow(context.Background(), Order{Do: Look})
			return cmp.Or(err, ErrDied)
		default:
		}
	}
	return ErrDied
}

// Stop ends all connections and processes. It may be called more than once.
func (g *Generator) Stop() {
	if g.here != nil {
		g.here.Stop()
	}
	var stopping sync.WaitGroup
	for _, c := range g.children {
		stopping.Go(c.Stop)
	}
	stopping.Wait()
}
