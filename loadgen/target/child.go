// Package target starts, feeds, weighs and stops what is measured: our own
// server as a child process.
package target

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"pushbench/loadgen/recorder"
	"pushbench/servers/host"
	"pushbench/servers/source"
)

// ErrDied says that the server process ended before it was asked to.
var ErrDied = errors.New("server process died")

// A Config says what to start.
type Config struct {
	Executable string
	Args       []string
	CPUs       []int // to run on; none: wherever this process may
}

// A Child is a server in a process of its own. Its methods are for one
// goroutine at a time, but Exited.
type Child struct {
	Address netip.AddrPort
	Procs   int // its GOMAXPROCS

	command *exec.Cmd
	orders  io.WriteCloser
	words   chan answer // closed at the end of its output
	stopped chan struct{}
	stderr  *tail
	exited  chan struct{}
}

// maxWord bounds one answer: a journal of some ten million events.
const maxWord = 1 << 30

// Start starts the server and waits until it listens.
func Start(ctx context.Context, c Config) (*Child, error) {
	child := &Child{
		command: exec.Command(c.Executable, c.Args...),
		stderr:  &tail{},
		exited:  make(chan struct{}),
		words:   make(chan answer),
		stopped: make(chan struct{}),
	}
	child.command.Stderr = child.stderr
	var err error
	if child.orders, err = child.command.StdinPipe(); err != nil {
		return nil, fmt.Errorf("start server: %w", err)
	}
	// Note: with Cmd.StdoutPipe, Wait would close the output under its reader.
	out, theirs, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("start server: %w", err)
	}
	child.command.Stdout = theirs
	err = startOn(child.command, c.CPUs)
	theirs.Close()
	if err != nil {
		out.Close()
		return nil, fmt.Errorf("start server: %w", err)
	}
	go func() {
		child.command.Wait()
		close(child.exited)
	}()
	go child.listen(out)
	word, err := child.word(ctx)
	if err != nil {
		child.Stop()
		return nil, err
	}
	child.Procs = word.Procs
	if child.Address, err = netip.ParseAddrPort(word.Address); err != nil {
		child.Stop()
		return nil, fmt.Errorf("server's address: %w", err)
	}
	return child, nil
}

// PID is the process's number.
func (c *Child) PID() int { return c.command.Process.Pid }

// Exited is closed when the process is gone, asked or not.
func (c *Child) Exited() <-chan struct{} { return c.exited }

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

// A Count is what a server has done since its start.
type Count struct {
	Writes  int64 // calls on its connections
	Runtime host.Runtime
}

// Count asks the server what it has done so far.
func (c *Child) Count(ctx context.Context) (Count, error) {
	word, err := c.ask(ctx, host.Order{Do: host.Count})
	if err != nil {
		return Count{}, err
	}
	return Count{word.Writes, *cmp.Or(word.Runtime, &host.Runtime{})}, nil
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
	Spoken int // events that came from clients
	// Injected is by how much a server that misbehaves on purpose held back what
	// it wrote, in ns.
	Injected []int64
}

// Journal waits until the load is published, and from the deadline on makes the
// server leave out the rest. It returns what has been published, for the phase
// from one instant to the other.
func (c *Child) Journal(ctx context.Context, from, to int64, deadline time.Time) (Account, error) {
	ctx, cancel := context.WithDeadline(context.WithoutCancel(ctx), deadline.Add(answerTime))
	defer cancel()
	if err := c.order(host.Order{Do: host.Journal, From: from, To: to}); err != nil {
		return Account{}, err
	}
	halted := make(chan error, 1)
	halt := time.AfterFunc(time.Until(deadline), func() { halted <- c.order(host.Order{Do: host.Halt}) })
	word, err := c.word(ctx)
	if !halt.Stop() { // the order went out, and has an answer of its own
		err = errors.Join(err, <-halted)
		_, failed := c.word(ctx)
		err = errors.Join(err, failed)
	}
	if err != nil {
		return Account{}, fmt.Errorf("order server to %s: %w", host.Journal, err)
	}
	spoken := -word.Driven
	for _, t := range word.Topics {
		spoken += len(t.Due)
	}
	return Account{
		Journal:  recorder.Journal{Topics: word.Topics, Driven: word.Driven, Unwritten: word.Unwritten, From: from, To: to},
		Spoken:   spoken,
		Injected: word.Injected,
	}, nil
}

// answerTime is how long a server may take to answer an order.
const answerTime = 10 * time.Second

func (c *Child) ask(ctx context.Context, o host.Order) (host.Word, error) {
	// An order that was begun is followed to its answer: else every later answer
	// would be taken for another order's.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), answerTime)
	defer cancel()
	if err := c.order(o); err != nil {
		return host.Word{}, err
	}
	word, err := c.word(ctx)
	if err != nil {
		return word, fmt.Errorf("order server to %s: %w", o.Do, err)
	}
	return word, nil
}

// order writes the order, whose answer is then to be read.
func (c *Child) order(o host.Order) error {
	line, err := json.Marshal(o)
	if err != nil {
		return fmt.Errorf("order server to %s: %w", o.Do, err)
	}
	if _, err := c.orders.Write(append(line, '\n')); err != nil {
		return c.death()
	}
	return nil
}

// An answer is a word, or why there is none.
type answer struct {
	word host.Word
	err  error
}

// listen hands on what the server says until it says no more or is stopped.
func (c *Child) listen(out io.ReadCloser) {
	defer close(c.words)
	defer out.Close()
	lines := bufio.NewScanner(out)
	lines.Buffer(make([]byte, 0, 64<<10), maxWord)
	for lines.Scan() {
		var a answer
		if err := json.Unmarshal(lines.Bytes(), &a.word); err != nil {
			a.err = fmt.Errorf("read server's answer: %w", err)
		} else if a.word.Error != "" {
			a.err = errors.New(a.word.Error)
		}
		select {
		case c.words <- a:
		case <-c.stopped:
			return
		}
	}
}

// word is the next one. When the context ends first the child is of no more
// use, as its answers no longer fit the orders.
func (c *Child) word(ctx context.Context) (host.Word, error) {
	select {
	case a, alive := <-c.words:
		if !alive {
			return host.Word{}, c.death()
		}
		return a.word, a.err
	case <-ctx.Done():
		return host.Word{}, context.Cause(ctx)
	}
}

// death is ErrDied with what the server printed last: that is complete once it
// has exited.
func (c *Child) death() error {
	select {
	case <-c.exited:
	case <-time.After(time.Second):
	}
	if said := c.stderr.String(); said != "" {
		return fmt.Errorf("%w: %s", ErrDied, said)
	}
	return ErrDied
}

// Stop closes the server's standard input, which ends it, and kills it if it
// has not gone within two seconds. It may be called more than once.
func (c *Child) Stop() {
	select {
	case <-c.stopped:
		return
	default:
		close(c.stopped)
	}
	c.orders.Close()
	select {
	case <-c.exited:
	case <-time.After(2 * time.Second):
		c.command.Process.Kill()
		<-c.exited
	}
}

// tail keeps the end of what a server prints when it fails.
type tail struct {
	mu   sync.Mutex
	kept []byte
}

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.kept = append(t.kept, b...)
	if over := len(t.kept) - 2<<10; over > 0 {
		t.kept = append(t.kept[:0], t.kept[over:]...)
	}
	return len(b), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.TrimSpace(string(t.kept))
}

// Executable is the path of the running program, to start again as a server.
func Executable() (string, error) {
	path, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("find own executable: %w", err)
	}
	return path, nil
}
