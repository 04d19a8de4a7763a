package target

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"pushbench/loadgen/process"
	"pushbench/servers/host"
)

// A life is one process of a server: what orders go to and words come from. It is
// for one goroutine at a time.
type life struct{ *process.Process }

// start starts one. Its first word says that it listens.
func start(c Config, args []string) (*life, error) {
	p, err := process.Start(process.Config{Name: "server", Died: ErrDied, Executable: c.Executable, Args: args, CPUs: c.CPUs})
	if err != nil {
		return nil, err
	}
	return &life{p}, nil
}

// journal asks for what has been published, when the load is; see Child.Journal.
func (l *life) journal(ctx context.Context, from, to int64, deadline time.Time) (host.Word, error) {
	ctx, cancel := context.WithDeadline(context.WithoutCancel(ctx), deadline.Add(answerTime))
	defer cancel()
	if err := l.Order(host.Order{Do: host.Journal, From: from, To: to}); err != nil {
		return host.Word{}, err
	}
	halted := make(chan error, 1)
	halt := time.AfterFunc(time.Until(deadline), func() { halted <- l.Order(host.Order{Do: host.Halt}) })
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
	if err := l.Order(o); err != nil {
		return host.Word{}, err
	}
	word, err := l.word(ctx)
	if err != nil {
		return word, fmt.Errorf("order server to %s: %w", o.Do, err)
	}
	return word, nil
}

// word is the next one. When the context ends first the child is of no more
// use, as its answers no longer fit the orders.
func (l *life) word(ctx context.Context) (word host.Word, err error) {
	line, err := l.Line(ctx)
	if err != nil {
		return word, err
	}
	if err := json.Unmarshal(line, &word); err != nil {
		return word, fmt.Errorf("read server's answer: %w", err)
	}
	if word.Error != "" {
		return word, errors.New(word.Error)
	}
	return word, nil
}
