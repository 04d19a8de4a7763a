package target

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Kill ends the server's process as a crash would, at once and without a word to
// anybody, after it has told what it has published and done. The instant is given
// to struck just before. The phase is as in Journal. What clients publish while
// this goes on is in no journal.
//
// Note: a process with thousands of connections takes the kernel a while to clear
// away, and its listener goes last. Who comes back before that gets a connection
// that nobody accepts and that is reset with the listener, as after a real crash.
func (c *Child) Kill(ctx context.Context, from, to int64, struck func()) error {
	return c.end(ctx, from, to, func(l *life) {
		struck()
		l.Kill()
	})
}

// Drain ends the server's process in good order: it tells its clients to leave,
// and waits for them. Apart from that it is as Kill.
func (c *Child) Drain(ctx context.Context, from, to int64, struck func()) error {
	return c.end(ctx, from, to, func(l *life) {
		struck()
		l.Close()
		select {
		case <-l.Exited():
		case <-time.After(drainTime):
			l.Kill()
		}
	})
}

// drainTime is longer than a server takes that drains.
const drainTime = 12 * time.Second

// errSeveral refuses to end one of several processes, or all: they would not end
// at the same event, and who has had the last ones is not known.
var errSeveral = errors.New("a server of several processes cannot end and come again")

// end halts the load, keeps what the process has to tell, and ends it.
func (c *Child) end(ctx context.Context, from, to int64, by func(*life)) error {
	lives, err := c.current()
	if err != nil {
		return err
	}
	if len(lives) > 1 {
		return errSeveral
	}
	l := lives[0]
	if err := c.Halt(ctx); err != nil {
		return err
	}
	word, err := l.journal(ctx, from, to, time.Now().Add(answerTime))
	if err != nil {
		return err
	}
	if c.done, err = c.Count(ctx); err != nil {
		return err
	}
	c.past = append(c.past, word.Topics)
	c.driven += word.Driven
	read, _ := MajorFaults(l.PID()) // while there is somebody to ask
	by(l)
	l.Stop()
	used, err := l.Used(nil)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.spent += used
	c.read += read
	c.lives = nil
	return err
}

// Again starts the server's next process, with a command line of its own. It must
// listen where the last one did.
func (c *Child) Again(ctx context.Context, args []string) error {
	before := c.Address
	if err := c.begin(ctx, args); err != nil {
		return fmt.Errorf("start server again: %w", err)
	}
	if c.Address != before {
		return fmt.Errorf("start server again: it listens at %s, want %s", c.Address, before)
	}
	return nil
}

// Driven is how many events of the load the processes that have ended had
// published.
func (c *Child) Driven() int { return c.driven }
