package campaign

import (
	"context"
	"time"

	"pushbench/loadgen/recorder"
	"pushbench/results"
	"pushbench/results/hdr"
	"pushbench/servers/wire"
)

// cut ends a trial within its phase and still accounts for it: the source is
// told to stop, and what it had published is what is owed.
func (t *trial) cut(ctx context.Context, before *reading, why error) (*recorder.Books, error) {
	if ctx.Err() == nil {
		return nil, why
	}
	t.enter("drain")
	ctx = context.WithoutCancel(ctx)
	if err := t.play.Hush(ctx); err != nil {
		return nil, err
	}
	if err := t.child.Halt(ctx); err != nil {
		return nil, err
	}
	var err error
	if t.to, err = t.play.Cut(ctx); err != nil {
		return nil, err
	}
	if before != nil {
		if after, err := t.finish(ctx, t.close(ctx)); err == nil {
			t.use(*before, after)
		}
	}
	return t.drain(ctx)
}

// drain waits until every client has what it can still get of the phase, and until
// those that a fault has cut are back, as long as the scenario allows, and returns
// the final books.
func (t *trial) drain(ctx context.Context) (*recorder.Books, error) {
	ctx = context.WithoutCancel(ctx)
	if err := t.play.Calm(ctx); err != nil {
		return nil, err
	}
	deadline := time.Now().Add(time.Duration(t.Scenario.Drain))
	for {
		account, err := t.child.Journal(ctx, t.from, t.to, deadline)
		if err != nil {
			return nil, err
		}
		t.differ = account.Apart
		books := recorder.Open(account.Journal, t.Scenario.TopicCount())
		goals := t.goals(books)
		now, err := t.play.Lack(ctx, goals)
		if err != nil {
			return books, err
		}
		lost := now.Said - now.Refused - int64(account.Spoken)
		settled := now.Pending == 0 && lost <= 0
		for settled && (now.Clients > 0 || now.Away > 0) && time.Now().Before(deadline) {
			if err := t.pause(); err != nil {
				return books, err
			}
			if now, err = t.play.Lack(ctx, goals); err != nil {
				return books, err
			}
		}
		switch {
		case settled && now.Clients == 0:
			t.never = t.unpublished(account.Driven)
			return books, t.heldBack(ctx, deadline)
		case !time.Now().Before(deadline):
			t.silent = max(0, lost) + now.Unsaid
			// Once more: what the server has not written by now is in flight.
			account, err := t.child.Journal(ctx, t.from, t.to, deadline)
			t.differ = account.Apart
			t.never = t.unpublished(account.Driven)
			t.injected(account.Injected)
			return recorder.Open(account.Journal, t.Scenario.TopicCount()), err
		}
		if err := t.pause(); err != nil {
			return books, err
		}
	}
}

// disagreed notes that the processes of one server have not published the same
// events: what a client was owed then depends on which of them it was with.
func (t *trial) disagreed() {
	if t.differ != "" {
		t.blame("servers-apart", results.Invalid, "the server's processes have not published the same events: "+t.differ,
			"lower --rate or --clients, so that all of them publish in time; or use fewer --servers")
	}
}

// heldBack asks for what the server has injected, when it was told to. What it
// still held back while the clients lacked it is in its books only now.
func (t *trial) heldBack(ctx context.Context, deadline time.Time) error {
	if t.Fault == "" {
		return nil
	}
	account, err := t.child.Journal(ctx, t.from, t.to, deadline)
	t.injected(account.Injected)
	return err
}

// unpublished is how many events due in the phase are not among those that the
// schedule has published: it publishes in order, so they are its last.
func (t *trial) unpublished(driven int) (never int64) {
	load := t.load(t.start, t.to)
	n := 0
	for tick := range load.Ticks(t.Scenario.TopicCount()) {
		if n++; n > driven && load.Start+int64(tick.After) >= t.from {
			never++
		}
	}
	return never
}

// pause is the distance between two looks at a drain.
func (t *trial) pause() error {
	return t.await(context.Background(), wire.Now()+int64(5*time.Millisecond))
}

// injected keeps by how much the server held back what it wrote, on purpose.
func (t *trial) injected(delays []int64) {
	if len(delays) == 0 {
		return
	}
	h := hdr.New()
	for _, ns := range delays {
		h.Record(time.Duration(ns))
	}
	t.result.Histograms = map[string]*hdr.Histogram{results.Injected: h}
}
