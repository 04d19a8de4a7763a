// Package target starts, feeds, weighs and stops what is measured: our own
// server as a child process, or as several on one port.
package target

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"sync"
	"time"

	"pushbench/loadgen/recorder"
	"pushbench/servers/host"
	"pushbench/servers/source"
	"pushbench/servers/wire"
)

// ErrDied says that a server process ended before it was asked to.
var ErrDied = errors.New("server process died")

// startTime is how long a server may take until it listens.
const startTime = 30 * time.Second

var errUnheard = fmt.Errorf("server process does not listen after %s", startTime)

// A Config says what to start.
type Config struct {
	Executable string
	Args       []string
	CPUs       []int // to run on; none: wherever this process may
	// Processes is how many there are, which share one port. All are given the same
	// orders, so that all publish the same events. Zero means one.
	Processes int
}

// A Child is a server in a process of its own, or in several of them: one after
// the other, or as many at a time as its Config says. Its methods are for one
// goroutine at a time, but CPUTime, MajorFaults, PIDs and Exited.
type Child struct {
	Address netip.AddrPort
	Procs   int // GOMAXPROCS of each process

	config Config

	mu    sync.Mutex // for what follows: clocks are read while a process ends
	lives []*life    // none between two of them
	gone  chan struct{}
	spent int64 // CPU time of those before it, ns
	read  int64 // pages that those have read back from disk

	past   [][]source.Stamps // what those have published
	driven int               // events of it that their loads have
	done   Count             // what else they have done
}

// Start starts the server and waits until it listens.
func Start(ctx context.Context, c Config) (*Child, error) {
	child := &Child{config: c}
	if err := child.begin(ctx, c.Args); err != nil {
		return nil, err
	}
	return child, nil
}

// begin starts the processes and waits until they listen: the first where its
// command line says, and the others where that is.
func (c *Child) begin(ctx context.Context, args []string) (err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, startTime, errUnheard)
	defer cancel()
	several := c.config.Processes > 1
	if several {
		args = append(slices.Clone(args), "--share-port")
	}
	var lives []*life
	defer func() {
		if err != nil {
			stop(lives)
		}
	}()
	first, err := start(c.config, args)
	if err != nil {
		return err
	}
	lives = append(lives, first)
	if c.Address, err = c.listening(ctx, first); err != nil {
		return err
	}
	if several {
		args = append(args, "--listen", c.Address.String())
	}
	for len(lives) < c.config.Processes {
		l, err := start(c.config, args)
		if err != nil {
			return err
		}
		lives = append(lives, l)
	}
	for _, l := range lives[1:] {
		if _, err := c.listening(ctx, l); err != nil {
			return err
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lives, c.gone = lives, firstOf(lives)
	return nil
}

// listening waits until a process listens, and says where.
func (c *Child) listening(ctx context.Context, l *life) (address netip.AddrPort, err error) {
	word, err := l.word(ctx)
	if err != nil {
		return address, err
	}
	c.Procs = word.Procs
	if address, err = netip.ParseAddrPort(word.Address); err != nil {
		return address, fmt.Errorf("server's address: %w", err)
	}
	return address, nil
}

// firstOf is closed when one of the processes has exited.
func firstOf(lives []*life) chan struct{} {
	gone := make(chan struct{})
	var once sync.Once
	for _, l := range lives {
		go func() {
			<-l.Exited()
			once.Do(func() { close(gone) })
		}()
	}
	return gone
}

func stop(lives []*life) {
	var stopping sync.WaitGroup
	for _, l := range lives {
		stopping.Go(l.Stop)
	}
	stopping.Wait()
}

// current are the processes, if there are any.
func (c *Child) current() ([]*life, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.lives) == 0 {
		return nil, ErrDied
	}
	return c.lives, nil
}

// PIDs are the processes' numbers; none between two lives.
func (c *Child) PIDs() (pids []int) {
	lives, _ := c.current()
	for _, l := range lives {
		pids = append(pids, l.PID())
	}
	return pids
}

// RSS is the resident memory of the processes in bytes, as far as that can be told.
func (c *Child) RSS() (sum int64) {
	for _, pid := range c.PIDs() {
		bytes, _ := RSS(pid)
		sum += bytes
	}
	return sum
}

// CPUTime is what the kernel has charged the server's processes for, in ns; zero
// with an error.
func (c *Child) CPUTime() (int64, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	sum := c.spent
	for _, l := range c.lives {
		now, err := CPUTime(l.PID())
		if err != nil {
			// A process that is killed is gone a moment before it is known to be.
			if now, err = l.Used(err); err != nil {
				return 0, err
			}
		}
		sum += now
	}
	return sum, nil
}

// MajorFaults is how many pages the server's processes have read back from disk,
// as far as that can be told; see the function of that name.
func (c *Child) MajorFaults() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	sum := c.read
	for _, l := range c.lives {
		now, _ := MajorFaults(l.PID())
		sum += now
	}
	return sum
}

// Exited is closed when one of the present processes is gone, asked or not.
func (c *Child) Exited() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.lives) == 0 {
		return nil
	}
	return c.gone
}

// ask gives all processes the order at once, and returns their words in the order
// in which they were started.
func (c *Child) ask(ctx context.Context, o host.Order) ([]host.Word, error) {
	lives, err := c.current()
	if err != nil {
		return nil, err
	}
	return each(lives, func(l *life) (host.Word, error) { return l.ask(ctx, o) })
}

// each asks all of them at the same time.
func each(lives []*life, ask func(*life) (host.Word, error)) ([]host.Word, error) {
	words, errs := make([]host.Word, len(lives)), make([]error, len(lives))
	var asking sync.WaitGroup
	for i, l := range lives {
		asking.Go(func() { words[i], errs[i] = ask(l) })
	}
	asking.Wait()
	return words, errors.Join(errs...)
}

// Drive lets the server publish the load from its start on.
func (c *Child) Drive(ctx context.Context, load source.Load) error {
	_, err := c.ask(ctx, host.Order{Do: host.Drive, Load: &load})
	return err
}

// unison is how far ahead several processes are told of an instant, for all to know
// of it when it comes.
const unison = 200 * time.Millisecond

// Halt ends the load now, without losing what is published. Several processes end it
// at the same event: those due a moment later are published by none.
func (c *Child) Halt(ctx context.Context) error {
	order := host.Order{Do: host.Halt}
	if c.config.Processes > 1 {
		order.At = wire.Now() + int64(unison)
	}
	if _, err := c.ask(ctx, order); err != nil {
		return err
	}
	if order.At != 0 {
		time.Sleep(wire.Until(order.At))
	}
	return nil
}

// Reset lets the server end a share of its connections, 0 to 1, with RST, and
// returns how many those were.
func (c *Child) Reset(ctx context.Context, share float64) (closed int64, err error) {
	words, err := c.ask(ctx, host.Order{Do: host.Reset, Share: share})
	for _, w := range words {
		closed += w.Closed
	}
	return closed, err
}

// A Count is what a server has done since its start.
type Count struct {
	Writes  int64 // calls on its connections
	Runtime host.Runtime
}

// Count asks the server what it has done so far, in all its processes.
func (c *Child) Count(ctx context.Context) (Count, error) {
	words, err := c.ask(ctx, host.Order{Do: host.Count})
	if err != nil {
		return Count{}, err
	}
	sum := c.done
	for _, w := range words {
		sum.Writes += w.Writes
		sum.Runtime = sum.Runtime.Plus(*cmp.Or(w.Runtime, &host.Runtime{}))
	}
	return sum, nil
}

// Weigh asks the server what the memory of each of its processes is used for. They
// collect their garbage first, so this is for when nothing is measured.
func (c *Child) Weigh(ctx context.Context) ([]host.Memory, error) {
	words, err := c.ask(ctx, host.Order{Do: host.Weigh})
	if err != nil {
		return nil, err
	}
	var all []host.Memory
	for _, w := range words {
		all = append(all, *cmp.Or(w.Memory, &host.Memory{}))
	}
	return all, nil
}

// Found asks the server what it has found out about its clients.
func (c *Child) Found(ctx context.Context) (all []source.Finding, err error) {
	words, err := c.ask(ctx, host.Order{Do: host.Found})
	for _, w := range words {
		all = append(all, w.Found...)
	}
	return all, err
}

// An Account is what a server says about itself after a load.
type Account struct {
	recorder.Journal
	Spoken int // messages that came from clients
	// Injected is by how much a server that misbehaves on purpose held back what
	// it wrote, in ns.
	Injected []int64
	// Apart says how the processes of one server differ in what they have published,
	// and is empty when they do not.
	Apart string
}

// Journal waits until the load is published, and from the deadline on makes the
// server leave out the rest. It returns what has been published, for the phase
// from one instant to the other.
func (c *Child) Journal(ctx context.Context, from, to int64, deadline time.Time) (Account, error) {
	lives, err := c.current()
	if err != nil {
		return Account{}, err
	}
	words, err := each(lives, func(l *life) (host.Word, error) { return l.journal(ctx, from, to, deadline) })
	if err != nil {
		return Account{}, err
	}
	a := together(words)
	a.Past, a.From, a.To = c.past, from, to
	a.Driven += c.driven
	return a, nil
}

// Stop closes the server's standard input, which ends it, and kills it if it
// has not gone within two seconds. It may be called more than once.
func (c *Child) Stop() {
	lives, _ := c.current()
	stop(lives)
}

// Executable is the path of the running program, to start again as a server.
func Executable() (string, error) {
	path, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("find own executable: %w", err)
	}
	return path, nil
}
