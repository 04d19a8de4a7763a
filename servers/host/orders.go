package host

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"pushbench/servers/source"
)

// An Order is a line that a parent writes to its server's standard input. The
// server answers every order with one Word, in the same sequence.
type Order struct {
	Do   Do           `json:"do"`
	Load *source.Load `json:"load,omitempty"` // Drive
	From int64        `json:"from,omitempty"` // Journal: the phase, in wire.Now
	To   int64        `json:"to,omitempty"`
	At   int64        `json:"at,omitempty"` // Halt: from which instant of wire.Now on; zero: at once
	// Share is the part of its connections that Reset ends, 0 to 1.
	Share float64 `json:"share,omitempty"`
}

// Do is what an order asks for.
type Do string

const (
	// Drive starts to publish the order's load; its word comes at once. It is
	// refused while another load is under way.
	Drive Do = "drive"
	// Halt ends the load under way: what is not published yet will not be. It may
	// follow a Journal whose word has not come yet. With an instant to come it is what
	// is due from then on that will not be, so that several servers that are told
	// the same have published the same.
	Halt Do = "halt"
	// Count asks for the write calls so far, and what the runtime has done.
	Count Do = "count"
	// Weigh asks what the server's memory is used for, after a collection. It is
	// for when nothing is measured: it takes the processor for a while.
	Weigh Do = "weigh"
	// Found asks what the server has found out about its clients.
	Found Do = "found"
	// Journal waits until the load is published and asks for the instants of
	// everything published, and for what is not written yet.
	Journal Do = "journal"
	// Reset ends some of the connections with RST, at once.
	Reset Do = "reset"
)

// A Word is a line that a server writes to its standard output: first one that
// says where it listens, then one for each order.
type Word struct {
	Address   string           `json:"address,omitempty"`
	Procs     int              `json:"procs,omitempty"` // GOMAXPROCS
	Writes    int64            `json:"writes,omitempty"`
	Runtime   *Runtime         `json:"runtime,omitempty"` // Count
	Memory    *Memory          `json:"memory,omitempty"`  // Weigh
	Found     []source.Finding `json:"found,omitempty"`
	Topics    []source.Stamps  `json:"topics,omitempty"`
	Taken     source.Taken     `json:"taken,omitzero"`      // messages that are no events
	Driven    int              `json:"driven,omitempty"`    // events that the load published
	Unwritten int64            `json:"unwritten,omitempty"` // deliveries due in the phase that live subscriptions still wait for
	// Injected is by how much the server held back what it wrote, on purpose, in ns.
	Injected []int64 `json:"injected,omitempty"`
	Closed   int64   `json:"closed,omitempty"` // Reset: connections
	Error    string  `json:"error,omitempty"`
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
	if err := words.Encode(Word{Address: listener.Addr().String(), Procs: procs}); err != nil {
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
	load    *driving // the last one
}

// A driving is a load, under way or ended.
type driving struct {
	halt   func(at int64)
	ended  chan struct{} // closed when the two below are final
	events int
	err    error
}

// A reply makes an order's word when it is the order's turn.
type reply func() (Word, error)

// backlog is how many orders a parent can give ahead of the first one's word.
const backlog = 16

var (
	errHalted  = errors.New("halted") // how a load ends that was told to
	errDriving = errors.New("a load is under way")
)

// obey follows each order as soon as it comes and gives the words in sequence:
// while a journal waits for the end of a load, a halt still reaches that load,
// and so does the end of the parent.
func (o *obedience) obey(ctx context.Context, in io.Reader, words *json.Encoder) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	o.load = &driving{halt: func(int64) {}, ended: make(chan struct{})}
	close(o.load.ended)
	replies := make(chan reply, backlog)
	read := make(chan error, 1)
	go func() {
		err := o.read(ctx, in, replies)
		cancel()
		read <- err
		close(replies)
	}()
	for r := range replies {
		word, err := r()
		if err != nil {
			word = Word{Error: err.Error()}
		}
		if err := words.Encode(word); err != nil {
			return fmt.Errorf("answer: %w", err)
		}
	}
	return <-read
}

func (o *obedience) read(ctx context.Context, in io.Reader, replies chan<- reply) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, maxOrder)
	for lines.Scan() {
		select {
		case replies <- o.follow(ctx, lines.Bytes()):
		case <-ctx.Done():
			return nil
		}
	}
	return lines.Err()
}

func (o *obedience) follow(ctx context.Context, line []byte) reply {
	var word Word
	var order Order
	err := json.Unmarshal(line, &order)
	switch {
	case err != nil:
		err = fmt.Errorf("read order: %w", err)
	case order.Do == Drive:
		err = o.drive(ctx, order.Load)
	case order.Do == Halt:
		o.load.halt(order.At)
	case order.Do == Count:
		word.Writes, word.Runtime = o.server.Writes(), new(ReadRuntime())
	case order.Do == Weigh:
		word.Memory = new(o.server.weigh())
	case order.Do == Found:
		word.Found = o.server.Found.All()
	case order.Do == Reset && (order.Share <= 0 || order.Share > 1):
		err = fmt.Errorf("order to reset a share of %g: want above 0, at most 1", order.Share)
	case order.Do == Reset:
		word.Closed = o.server.stack.reset(order.Share)
	case order.Do == Journal:
		load := o.load
		return func() (Word, error) { return o.account(ctx, load, order) }
	default:
		err = fmt.Errorf("unknown order %q (have %s, %s, %s, %s, %s, %s, %s)", order.Do, Drive, Halt, Count, Weigh, Found, Journal, Reset)
	}
	return func() (Word, error) { return word, err }
}

func (o *obedience) drive(ctx context.Context, l *source.Load) error {
	if l == nil {
		return errors.New("order to drive without a load")
	}
	select {
	case <-o.load.ended:
	default:
		return errDriving
	}
	clock, err := source.NewClock()
	if err != nil {
		return err
	}
	load := &driving{ended: make(chan struct{})}
	ctx, cancel := context.WithCancelCause(ctx)
	brake := newBrake(ctx, clock)
	load.halt = func(at int64) {
		if at == 0 {
			cancel(errHalted)
			return
		}
		brake.pull(at)
	}
	o.load = load
	go func() {
		defer cancel(nil)
		defer clock.Close()
		defer close(load.ended)
		load.events, load.err = o.server.Drive(ctx, *l, brake)
	}()
	return nil
}

// account waits for the load's end, or the context's, and says what it came to.
func (o *obedience) account(ctx context.Context, load *driving, order Order) (Word, error) {
	select {
	case <-load.ended:
	case <-ctx.Done():
		return Word{}, fmt.Errorf("wait for the load: %w", context.Cause(ctx))
	}
	if load.err != nil && !errors.Is(load.err, errHalted) {
		return Word{}, load.err
	}
	topics := o.journal.Topics()
	var injected []int64
	if o.server.Fault != nil {
		injected = o.server.Fault.Injected(order.From, order.To)
	}
	return Word{
		Driven:    load.events,
		Topics:    topics,
		Taken:     o.journal.Taken(),
		Unwritten: unwritten(o.server.source, topics, order.From, order.To),
		Injected:  injected,
	}, nil
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
		topic.Written(func(wrote uint64) {
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
