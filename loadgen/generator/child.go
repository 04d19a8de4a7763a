package generator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"pushbench/loadgen/process"
)

// ErrDied says that a generator process ended before it was asked to.
var ErrDied = errors.New("generator process died")

// startTime is how long a process may take until it is ready to follow, and
// answerTime until it has followed: its record may be of many events.
const (
	startTime  = 30 * time.Second
	answerTime = time.Minute
)

var (
	errUnready = fmt.Errorf("generator process is not ready after %s", startTime)
	errMute    = fmt.Errorf("generator process does not answer after %s", answerTime)
)

// A child is a player in a process of its own. It is a Follower that any goroutine
// may ask.
type child struct {
	*process.Process

	mu      sync.Mutex
	last    int                 // number of an order
	waiting map[int]chan answer // who wait for the word on theirs
	failed  error               // why there are no more words; nil while there are
}

type answer struct {
	word Word
	err  error
}

// start starts one; its first word, which says that it is ready, is numbered zero.
func start(c Config) (*child, <-chan answer, error) {
	p, err := process.Start(process.Config{Name: "generator", Died: ErrDied, Executable: c.Executable, Args: c.Args, CPUs: c.CPUs})
	if err != nil {
		return nil, nil, err
	}
	ready := make(chan answer, 1)
	started := &child{Process: p, waiting: map[int]chan answer{0: ready}}
	go started.listen()
	return started, ready, nil
}

// listen hands each word to who waits for it, until there are no more.
func (c *child) listen() {
	for {
		line, err := c.Line(context.Background())
		if err != nil {
			c.fail(err)
			return
		}
		var a answer
		if err := json.Unmarshal(line, &a.word); err != nil {
			a.err = fmt.Errorf("read generator's answer: %w", err)
		} else if a.word.Error != "" {
			a.err = errors.New(a.word.Error)
		}
		c.mu.Lock()
		if one := c.waiting[a.word.ID]; one != nil { // else nobody waits any more
			one <- a
			delete(c.waiting, a.word.ID)
		}
		c.mu.Unlock()
	}
}

// fail tells all who wait that there are no more words.
func (c *child) fail(why error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.failed = why
	for id, one := range c.waiting {
		one <- answer{err: why}
		delete(c.waiting, id)
	}
}

// Follow implements Follower.
func (c *child) Follow(ctx context.Context, o Order) (Word, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, answerTime, errMute)
	defer cancel()
	word := make(chan answer, 1)
	c.mu.Lock()
	if c.failed != nil {
		c.mu.Unlock()
		return Word{}, c.failed
	}
	c.last++
	o.ID = c.last
	c.waiting[o.ID] = word
	c.mu.Unlock()
	if err := c.Order(o); err != nil {
		return Word{}, err
	}
	select {
	case a := <-word:
		if a.err != nil {
			return a.word, fmt.Errorf("order generator to %s: %w", o.Do, a.err)
		}
		return a.word, nil
	case <-ctx.Done():
		c.mu.Lock()
		delete(c.waiting, o.ID)
		c.mu.Unlock()
		return Word{}, fmt.Errorf("order generator to %s: %w", o.Do, context.Cause(ctx))
	}
}
