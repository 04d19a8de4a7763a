package host

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"

	"pushbench/servers/source"
)

// An Order is a line that a parent writes to its server's standard input. The
// server answers every order with one Word, in the same sequence.
type Order struct {
	Do   Do           `json:"do"`
	Load *source.Load `json:"load,omitempty"` // Drive
	From int64        `json:"from,omitempty"` // Journal: the phase, in wire.Now
	To   int64        `json:"to,omitempty"`
}

// Do is what an order asks for.
type Do string

const (
	// Drive starts to publish the order's load; its word comes at once.
	Drive Do = "drive"
	// Halt ends the load under way: what is not published yet will not be.
	Halt Do = "halt"
	// Count asks for the write calls so far.
	Count Do = "count"
	// Journal waits until the load is published and asks for the instants of
	// everything published, and for what is not written yet.
	Journal Do = "journal"
)

// A Word is a line that a server writes to its standard output: first one that
// says where it listens, then one for each order.
type Word struct {
	Address    string          `json:"address,omitempty"`
	Procs      int             `json:"procs,omitempty"` // GOMAXPROCS
	Writes     int64           `json:"writes,omitempty"`
	Topics     []source.Stamps `json:"topics,omitempty"`
	Driven     int             `json:"driven,omitempty"`    // events that the load published
	Unwritten  int64           `json:"unwritten,omitempty"` // deliveries due in the phase that live subscriptions still wait for
	Error      string          `json:"error,omitempty"`
	Subscribed int             `json:"subscribed,omitempty"`
}

// maxOrder bounds the length of an order's line.
const maxOrder = 1 << 20

// Obey serves on the address and follows orders until the end of in, so a
// server never outlives its parent, or until the context ends.
func (s *Server) Obey(ctx context.Context, address string, journal *source.Journal, in io.Reader, out io.Writer) error {
	listener, err := s.Listen(ctx, address)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx, listener) }()

	words := json.NewEncoder(out)
	if err := words.Encode(Word{Address: listener.Addr().String(), Procs: runtime.GOMAXPROCS(0)}); err != nil {
		return fmt.Errorf("answer: %w", err)
	}
	o := obedience{server: s, journal: journal}
	obeyed := make(chan error, 1)
	go func() { obeyed <- o.obey(ctx, in, words) }()
	select {
	case err = <-obeyed:
	case err = <-served:
		return err
	case <-ctx.Done():
	}
	cancel()
	return errors.Join(err, <-served)
}

// An obedience is what is under way for a parent.
type obedience struct {
	server  *Server
	journal *source.Journal

	driving sync.WaitGroup
	halt    context.CancelCauseFunc
	driven  int
	failed  error
}

// errHalted is how a load ends that was told to.
var errHalted = errors.New("halted")

func (o *obedience) obey(ctx context.Context, in io.Reader, words *json.Encoder) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, maxOrder)
	for lines.Scan() {
		var order Order
		word := Word{}
		if err := json.Unmarshal(lines.Bytes(), &order); err != nil {
			word.Error = fmt.Sprintf("read order: %v", err)
		} else if err := o.follow(ctx, order, &word); err != nil {
			word.Error = err.Error()
		}
		if err := words.Encode(word); err != nil {
			return fmt.Errorf("answer: %w", err)
		}
	}
	return lines.Err()
}

func (o *obedience) follow(ctx context.Context, order Order, word *Word) error {
	switch order.Do {
	case Drive:
		if order.Load == nil {
			return errors.New("order to drive without a load")
		}
		clock, err := source.NewClock()
		if err != nil {
			return err
		}
		ctx, o.halt = context.WithCancelCause(ctx)
		o.driving.Go(func() {
			defer clock.Close()
			o.driven, o.failed = o.server.source.Drive(ctx, *order.Load, clock)
		})
		return nil
	case Halt:
		if o.halt != nil {
			o.halt(errHalted)
		}
		return nil
	case Count:
		word.Writes = o.server.Writes()
		word.Subscribed = o.server.source.Subscribers()
		return nil
	case Journal:
		o.driving.Wait()
		if o.failed != nil && !errors.Is(o.failed, errHalted) {
			return o.failed
		}
		word.Driven = o.driven
		word.Topics = o.journal.Topics()
		word.Unwritten = unwritten(o.server.source, word.Topics, order.From, order.To)
		return nil
	}
	return fmt.Errorf("unknown order %q (have %s, %s, %s, %s)", order.Do, Drive, Halt, Count, Journal)
}

// unwritten counts the deliveries of events due in the phase that have not been
// written to a live subscription: what is in flight on this side of the sockets.
func unwritten(src *source.Source, topics []source.Stamps, from, to int64) int64 {
	var total int64
	for i, topic := range src.Topics() {
		if i >= len(topics) {
			break
		}
		stamps := topics[i]
		topic.Unwritten(func(wrote uint64) {
			skip := 0
			if wrote >= stamps.First {
				skip = int(wrote - stamps.First + 1)
			}
			for _, due := range stamps.Due[min(skip, len(stamps.Due)):] {
				if due >= from && due < to {
					total++
				}
			}
		})
	}
	return total
}
