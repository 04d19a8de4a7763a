package generator

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"
)

// maxOrder bounds the length of an order's line: the names of a million topics.
const maxOrder = 64 << 20

// Obey follows orders as lines of JSON until the end of in, so a player never outlives
// its parent, or until the context ends. It answers each with a line when it is
// done, whatever else is under way.
func (p *Player) Obey(ctx context.Context, in io.Reader, out io.Writer) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer p.Stop()
	w := &words{out: json.NewEncoder(out)}
	w.say(Word{Procs: runtime.GOMAXPROCS(0)})
	read := make(chan error, 1)
	var following sync.WaitGroup
	go func() {
		lines := bufio.NewScanner(in)
		lines.Buffer(nil, maxOrder)
		for lines.Scan() {
			var o Order
			if err := json.Unmarshal(lines.Bytes(), &o); err != nil {
				w.say(Word{ID: o.ID, Error: fmt.Sprintf("read order: %v", err)})
				continue
			}
			following.Go(func() {
				word, err := p.Follow(ctx, o)
				if word.ID = o.ID; err != nil {
					word.Error = err.Error()
				}
				w.say(word)
			})
		}
		read <- lines.Err()
	}()
	var err error
	select {
	case err = <-read:
	case <-ctx.Done():
		return nil // with in still open: nobody can end its reader
	}
	cancel()
	following.Wait()
	return errors.Join(err, w.failed)
}

// words are what a player answers, one line at a time.
type words struct {
	mu     sync.Mutex
	out    *json.Encoder
	failed error
}

func (w *words) say(word Word) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.out.Encode(word); err != nil && w.failed == nil {
		w.failed = fmt.Errorf("answer: %w", err)
	}
}
