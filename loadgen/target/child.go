// Package target starts, feeds, weighs and stops what is measured: our own
// server as a child process.
package target

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"sync"
	"time"

	"pushbench/loadgen/recorder"
	"pushbench/servers/host"
	"pushbench/servers/source"
)

// ErrDied says that the server process ended before it was asked to.
var ErrDied = errors.New("server process died")

// startTime is how long a server may take until it listens.
const startTime = 30 * time.Second

var errUnheard = fmt.Errorf("server process does not listen after %s", startTime)

// A Config says what to start.
type Config struct {
	Executable string
	Args       []string
	CPUs       []int // to run on; none: wherever this process may
}

// A Child is a server in a process of its own, or in several of them, one after
// the other. Its methods are for one goroutine at a time, but CPUTime, MajorFaults,
// PID and Exited.
type Child struct {
	Address netip.AddrPort
	Procs   int // its GOMAXPROCS

	config Config

	mu    sync.Mutex // for what follows: clocks are read while a process ends
	life  *life      // nil between two of them
	spent int64      // CPU time of those before it, ns
	read  int64      // pages that those have read back from disk

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

// begin starts a process and waits until it listens.
func (c *Child) begin(ctx context.Context, args []string) error {
	l, err := start(c.config, args)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, startTime, errUnheard)
	defer cancel()
	word, err := l.word(ctx)
	if err == nil {
		c.Procs = word.Procs
		if c.Address, err = netip.ParseAddrPort(word.Address); err != nil {
			err = fmt.Errorf("server's address: %w", err)
		}
	}
	if err != nil {
		l.stop()
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.life = l
	return nil
}

// current is the process, if there is one.
func (c *Child) current() (*life, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.life == nil {
		return nil, ErrDied
	}
	return c.life, nil
}

// PID is the process's number; zero between two of them.
func (c *Child) PID() int {
	l, err := c.current()
	if err != nil {
		return 0
	}
	return l.command.Process.Pid
}

// CPUTime is what the kernel has charged the server's processes for, in ns; zero
// with an error.
func (c *Child) CPUTime() (int64, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.life == nil {
		return c.spent, nil
	}
	now, err := CPUTime(c.life.command.Process.Pid)
	if err != nil {
		// A process that is killed is gone a moment before it is known to be.
		if now, err = c.life.used(err); err != nil {
			return 0, err
		}
	}
	return c.spent + now, nil
}

// MajorFaults is how many pages the server's processes have read back from disk,
// as far as that can be told; see the function of that name.
func (c *Child) MajorFaults() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.life == nil {
		return c.read
	}
	now, _ := MajorFaults(c.life.command.Process.Pid)
	return c.read + now
}

// Exited is closed when the present process is gone, asked or not.
func (c *Child) Exited() <-chan struct{} {
	l, err := c.current()
	if err != nil {
		return nil
	}
	return l.exited
}

func (c *Child) ask(ctx context.Context, o host.Order) (host.Word, error) {
	l, err := c.current()
	if err != nil {
		return host.Word{}, err
	}
	return l.ask(ctx, o)
}

// Drive lets the server publish the load from its start on.
func (c *Child) Drive(ctx context.Context, load source.Load) error {
	_, err := c.ask(ctx, host.Order{Do: host.Drive, Load: &load})
	return err
}

// Halt ends the load now, without losing what is published.
func (c *Child) Halt(ctx context.Context) error {
	_, err := c.ask(ctx, host.Order{Do: host.Halt})
	return err
}

// Reset lets the server end a share of its connections, 0 to 1, with RST, and
// returns how many those were.
func (c *Child) Reset(ctx context.Context, share float64) (closed int64, err error) {
	word, err := c.ask(ctx, host.Order{Do: host.Reset, Share: share})
	return word.Closed, err
}

// A Count is what a server has done since its start.
type Count struct {
	Writes  int64 // calls on its connections
	Runtime host.Runtime
}

// Count asks the server what it has done so far, in all its processes.
func (c *Child) Count(ctx context.Context) (Count, error) {
	word, err := c.ask(ctx, host.Order{Do: host.Count})
	if err != nil {
		return Count{}, err
	}
	return Count{
		Writes:  c.done.Writes + word.Writes,
		Runtime: c.done.Runtime.Plus(*cmp.Or(word.Runtime, &host.Runtime{})),
	}, nil
}

// Weigh asks the server what its memory is used for. It collects its garbage
// first, so this is for when nothing is measured.
func (c *Child) Weigh(ctx context.Context) (host.Memory, error) {
	word, err := c.ask(ctx, host.Order{Do: host.Weigh})
	if err != nil {
		return host.Memory{}, err
	}
	return *cmp.Or(word.Memory, &host.Memory{}), nil
}

// Found asks the server what it has found out about its clients.
func (c *Child) Found(ctx context.Context) ([]source.Finding, error) {
	word, err := c.ask(ctx, host.Order{Do: host.Found})
	return word.Found, err
}

// An Account is what a server says about itself after a load.
type Account struct {
	recorder.Journal
	Spoken int // messages that came from clients
	// Injected is by how much a server that misbehaves on purpose held back what
	// it wrote, in ns.
	Injected []int64
}

// Journal waits until the load is published, and from the deadline on makes the
// server leave out the rest. It returns what has been published, for the phase
// from one instant to the other.
func (c *Child) Journal(ctx context.Context, from, to int64, deadline time.Time) (Account, error) {
	l, err := c.current()
	if err != nil {
		return Account{}, err
	}
	word, err := l.journal(ctx, from, to, deadline)
	if err != nil {
		return Account{}, err
	}
	spoken := len(word.Taken.Due) - word.Driven
	for _, t := range word.Topics {
		spoken += len(t.Due)
	}
	return Account{
		Journal: recorder.Journal{
			Topics: word.Topics, Past: c.past, Taken: word.Taken,
			Driven: c.driven + word.Driven, Unwritten: word.Unwritten, From: from, To: to,
		},
		Spoken:   spoken,
		Injected: word.Injected,
	}, nil
}

// Stop closes the server's standard input, which ends it, and kills it if it
// has not gone within two seconds. It may be called more than once.
func (c *Child) Stop() {
	if l, err := c.current(); err == nil {
		l.stop()
	}
}

// Executable is the path of the running program, to start again as a server.
func Executable() (string, error) {
	path, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("find own executable: %w", err)
	}
	return path, nil
}
