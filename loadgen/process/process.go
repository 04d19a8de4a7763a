// Package process starts this program again as a process of its own, which takes
// orders as JSON lines and answers each of them with one.
package process

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"time"
)

// A Config says what to start.
type Config struct {
	Name       string // what it is, in errors: "server"
	Died       error  // what says that it ended before it was asked to
	Executable string
	Args       []string
	CPUs       []int // to run on; none: wherever this process may
}

// A Process is one that was started. Its methods are safe for concurrent use; who
// gives orders from several goroutines must know whose answer a line is.
type Process struct {
	name    string
	died    error
	command *exec.Cmd
	orders  sync.Mutex // one line at a time
	stdin   io.WriteCloser
	lines   chan []byte // closed at the end of its output
	ending  sync.Once
	stopped chan struct{}
	stderr  *tail
	exited  chan struct{}
}

// maxLine bounds one answer: a journal of some ten million events.
const maxLine = 1 << 30

// Start starts one. It ends with this process, because its orders do.
func Start(c Config) (*Process, error) {
	p := &Process{
		name:    c.Name,
		died:    c.Died,
		command: exec.Command(c.Executable, c.Args...),
		stderr:  &tail{},
		exited:  make(chan struct{}),
		lines:   make(chan []byte),
		stopped: make(chan struct{}),
	}
	p.command.Stderr = p.stderr
	var err error
	if p.stdin, err = p.command.StdinPipe(); err != nil {
		return nil, fmt.Errorf("start %s: %w", p.name, err)
	}
	// Note: with Cmd.StdoutPipe, Wait would close the output under its reader.
	out, theirs, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", p.name, err)
	}
	p.command.Stdout = theirs
	err = startOn(p.command, c.CPUs)
	theirs.Close()
	if err != nil {
		out.Close()
		return nil, fmt.Errorf("start %s: %w", p.name, err)
	}
	go func() {
		p.command.Wait()
		close(p.exited)
	}()
	go p.listen(out)
	return p, nil
}

// PID is its number.
func (p *Process) PID() int { return p.command.Process.Pid }

// Signal sends it a signal.
func (p *Process) Signal(s os.Signal) error { return p.command.Process.Signal(s) }

// Exited is closed when it is gone, asked or not.
func (p *Process) Exited() <-chan struct{} { return p.exited }

// Used is the CPU time in ns of a process that has ended, or is about to; of one that
// does not end it is unknown, for the reason given.
func (p *Process) Used(why error) (int64, error) {
	select {
	case <-p.exited:
		state := p.command.ProcessState
		return int64(state.UserTime() + state.SystemTime()), nil
	case <-time.After(time.Second):
		return 0, why
	}
}

// Order writes an order as a line of JSON, whose answer is then to be read.
func (p *Process) Order(order any) error {
	line, err := json.Marshal(order)
	if err != nil {
		return fmt.Errorf("order %s: %w", p.name, err)
	}
	p.orders.Lock()
	defer p.orders.Unlock()
	if _, err := p.stdin.Write(append(line, '\n')); err != nil {
		return p.death()
	}
	return nil
}

// Line is the next line that it writes. When the context ends first, which line
// answers what is lost.
func (p *Process) Line(ctx context.Context) ([]byte, error) {
	select {
	case line, alive := <-p.lines:
		if !alive {
			return nil, p.death()
		}
		return line, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// listen hands on what the process writes until it writes no more or is stopped.
func (p *Process) listen(out io.ReadCloser) {
	defer close(p.lines)
	defer out.Close()
	lines := bufio.NewScanner(out)
	lines.Buffer(make([]byte, 0, 64<<10), maxLine)
	for lines.Scan() {
		select {
		case p.lines <- bytes.Clone(lines.Bytes()):
		case <-p.stopped:
			return
		}
	}
}

// death is that the process died, with what it printed last: that is complete once
// it has exited.
func (p *Process) death() error {
	select {
	case <-p.exited:
	case <-time.After(time.Second):
	}
	if said := p.stderr.String(); said != "" {
		return fmt.Errorf("%w: %s", p.died, said)
	}
	return p.died
}

// Close closes its standard input, which ends it in its own time.
func (p *Process) Close() { p.stdin.Close() }

// Kill ends it at once, and waits until it is gone.
func (p *Process) Kill() {
	p.command.Process.Kill()
	<-p.exited
}

// Stop closes its standard input, which ends it, and kills it if it has not gone
// within two seconds. It may be called more than once.
func (p *Process) Stop() {
	p.ending.Do(func() { close(p.stopped) })
	p.stdin.Close()
	select {
	case <-p.exited:
	case <-time.After(2 * time.Second):
		p.Kill()
	}
}
