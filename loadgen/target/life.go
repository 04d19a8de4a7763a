package target

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"pushbench/servers/host"
)

// A life is one process of a server: what orders go to and words come from.
type life struct {
	command *exec.Cmd
	orders  io.WriteCloser
	words   chan answer // closed at the end of its output
	stopped chan struct{}
	stderr  *tail
	exited  chan struct{}
}

// maxWord bounds one answer: a journal of some ten million events.
const maxWord = 1 << 30

// start starts one. Its first word says that it listens.
func start(c Config, args []string) (*life, error) {
	l := &life{
		command: exec.Command(c.Executable, args...),
		stderr:  &tail{},
		exited:  make(chan struct{}),
		words:   make(chan answer),
		stopped: make(chan struct{}),
	}
	l.command.Stderr = l.stderr
	var err error
	if l.orders, err = l.command.StdinPipe(); err != nil {
		return nil, fmt.Errorf("start server: %w", err)
	}
	// Note: with Cmd.StdoutPipe, Wait would close the output under its reader.
	out, theirs, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("start server: %w", err)
	}
	l.command.Stdout = theirs
	err = startOn(l.command, c.CPUs)
	theirs.Close()
	if err != nil {
		out.Close()
		return nil, fmt.Errorf("start server: %w", err)
	}
	go func() {
		l.command.Wait()
		close(l.exited)
	}()
	go l.listen(out)
	return l, nil
}

// used is the CPU time in ns of a process that has ended, or is about to; of one that
// does not end it is unknown, for the reason given.
func (l *life) used(why error) (int64, error) {
	select {
	case <-l.exited:
		state := l.command.ProcessState
		return int64(state.UserTime() + state.SystemTime()), nil
	case <-time.After(time.Second):
		return 0, why
	}
}

// journal asks for what has been published, when the load is; see Child.Journal.
func (l *life) journal(ctx context.Context, from, to int64, deadline time.Time) (host.Word, error) {
	ctx, cancel := context.WithDeadline(context.WithoutCancel(ctx), deadline.Add(answerTime))
	defer cancel()
	if err := l.order(host.Order{Do: host.Journal, From: from, To: to}); err != nil {
		return host.Word{}, err
	}
	halted := make(chan error, 1)
	halt := time.AfterFunc(time.Until(deadline), func() { halted <- l.order(host.Order{Do: host.Halt}) })
	word, err := l.word(ctx)
	if !halt.Stop() { // the order went out, and has an answer of its own
		err = errors.Join(err, <-halted)
		_, failed := l.word(ctx)
		err = errors.Join(err, failed)
	}
	if err != nil {
		return host.Word{}, fmt.Errorf("order server to %s: %w", host.Journal, err)
	}
	return word, nil
}

// answerTime is how long a server may take to answer an order.
const answerTime = 10 * time.Second

func (l *life) ask(ctx context.Context, o host.Order) (host.Word, error) {
	// An order that was begun is followed to its answer: else every later answer
	// would be taken for another order's.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), answerTime)
	defer cancel()
	if err := l.order(o); err != nil {
		return host.Word{}, err
	}
	word, err := l.word(ctx)
	if err != nil {
		return word, fmt.Errorf("order server to %s: %w", o.Do, err)
	}
	return word, nil
}

// order writes the order, whose answer is then to be read.
func (l *life) order(o host.Order) error {
	line, err := json.Marshal(o)
	if err != nil {
		return fmt.Errorf("order server to %s: %w", o.Do, err)
	}
	if _, err := l.orders.Write(append(line, '\n')); err != nil {
		return l.death()
	}
	return nil
}

// An answer is a word, or why there is none.
type answer struct {
	word host.Word
	err  error
}

// listen hands on what the server says until it says no more or is stopped.
func (l *life) listen(out io.ReadCloser) {
	defer close(l.words)
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
		case l.words <- a:
		case <-l.stopped:
			return
		}
	}
}

// word is the next one. When the context ends first the child is of no more
// use, as its answers no longer fit the orders.
func (l *life) word(ctx context.Context) (host.Word, error) {
	select {
	case a, alive := <-l.words:
		if !alive {
			return host.Word{}, l.death()
		}
		return a.word, a.err
	case <-ctx.Done():
		return host.Word{}, context.Cause(ctx)
	}
}

// death is ErrDied with what the server printed last: that is complete once it
// has exited.
func (l *life) death() error {
	select {
	case <-l.exited:
	case <-time.After(time.Second):
	}
	if said := l.stderr.String(); said != "" {
		return fmt.Errorf("%w: %s", ErrDied, said)
	}
	return ErrDied
}

// stop closes the server's standard input, which ends it, and kills it if it
// has not gone within two seconds. It may be called more than once.
func (l *life) stop() {
	select {
	case <-l.stopped:
		return
	default:
		close(l.stopped)
	}
	l.orders.Close()
	select {
	case <-l.exited:
	case <-time.After(2 * time.Second):
		l.command.Process.Kill()
		<-l.exited
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
