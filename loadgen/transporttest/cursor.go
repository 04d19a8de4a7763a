package transporttest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"pushbench/loadgen/engine"
	"pushbench/servers/source"
	"pushbench/servers/wire"
)

func helloNamesTheNewestEvent(ctx context.Context, s Subject) error {
	st, err := s.open(ctx, source.Options{Epoch: "now"}, "a")
	if err != nil {
		return err
	}
	defer st.close()
	for n := range uint64(3) {
		c, at, err := st.join(ctx, "a")
		if err != nil {
			return err
		}
		defer c.hangUp()
		if want := (wire.Cursor{Epoch: "now", N: n}); at != want {
			return fmt.Errorf("hello names %v, want %v", at, want)
		}
		if err := errors.Join(st.publish("a", 1), c.events(ctx, "a", n+1, n+1)); err != nil {
			return err
		}
	}
	return nil
}

// otherEpochIsTold takes a cursor to the server that comes after its own: the
// same topic, as many events, and yet none of them are the same.
func otherEpochIsTold(ctx context.Context, s Subject) error {
	first, err := s.open(ctx, source.Options{Epoch: "first"}, "a")
	if err != nil {
		return err
	}
	defer first.close()
	half := s.Half(first.endpoint("a"))
	c, err := first.converse(ctx, half, wire.Cursor{})
	if err != nil {
		return err
	}
	defer c.hangUp()
	if _, err := c.next(ctx); err != nil {
		return err
	}
	if err := errors.Join(first.publish("a", 5), c.events(ctx, "a", 1, 5)); err != nil {
		return err
	}
	c.hangUp()

	second, err := s.open(ctx, source.Options{Epoch: "second", Keep: 6}, "a")
	if err != nil {
		return err
	}
	defer second.close()
	if err := second.publish("a", 10); err != nil {
		return err
	}
	if c, err = second.converse(ctx, half, wire.Cursor{Epoch: "first", N: 5}); err != nil {
		return err
	}
	defer c.hangUp()
	if err := c.notice(ctx, wire.Gap{From: 1, To: 4, Cursor: wire.Cursor{Epoch: "second", N: 4}, Epoch: "first"}); err != nil {
		return err
	}
	if err := c.events(ctx, "a", 5, 10); err != nil {
		return err
	}
	return errors.Join(second.publish("a", 1), c.events(ctx, "a", 11, 11))
}

// cursorResumesWhereItStands presents every kind of cursor to a log that has
// lost its beginning and holds more than a server sends at once.
func cursorResumesWhereItStands(ctx context.Context, s Subject) error {
	const lost, head = 50, 650
	st, err := s.open(ctx, source.Options{Epoch: "now", Keep: head - lost}, "a")
	if err != nil {
		return err
	}
	defer st.close()
	if err := st.publish("a", head); err != nil {
		return err
	}
	at := func(n uint64) wire.Cursor { return wire.Cursor{Epoch: "now", N: n} }
	for _, tt := range []struct {
		name  string
		after wire.Cursor
		gap   *wire.Gap
		first uint64
	}{
		{"in the window", at(600), nil, 601},
		{"in the window, again", at(600), nil, 601},
		{"the newest but one", at(head - 1), nil, head},
		{"the oldest that misses nothing", at(lost), nil, lost + 1},
		{"the newest that misses something", at(lost - 1), &wire.Gap{From: lost, To: lost, Cursor: at(lost)}, lost + 1},
		{"the very first", at(0), &wire.Gap{From: 1, To: lost, Cursor: at(lost)}, lost + 1},
		{"from the future", at(head + 1), &wire.Gap{From: 1, To: lost, Cursor: at(lost), Epoch: "now"}, lost + 1},
		{"of the last number", at(math.MaxUint64), &wire.Gap{From: 1, To: lost, Cursor: at(lost), Epoch: "now"}, lost + 1},
		{"of another epoch", wire.Cursor{Epoch: "then", N: 600}, &wire.Gap{From: 1, To: lost, Cursor: at(lost), Epoch: "then"}, lost + 1},
		{"of the longest epoch", wire.Cursor{Epoch: strings.Repeat("e", wire.MaxEpoch), N: 1},
			&wire.Gap{From: 1, To: lost, Cursor: at(lost), Epoch: strings.Repeat("e", wire.MaxEpoch)}, lost + 1},
	} {
		if err := resume(ctx, st, tt.after, tt.gap, tt.first, head); err != nil {
			return fmt.Errorf("cursor %s: %w", tt.name, err)
		}
	}
	return nil
}

// resume subscribes to topic a after the cursor and wants the notice, if any,
// and the events from first to head.
func resume(ctx context.Context, st *stand, after wire.Cursor, gap *wire.Gap, first, head uint64) error {
	c, err := st.subscribe(ctx, "a", after)
	if err != nil {
		return err
	}
	defer c.hangUp()
	if gap != nil {
		if err := c.notice(ctx, *gap); err != nil {
			return err
		}
	}
	return c.events(ctx, "a", first, head)
}

// emptyLogStillTells has a log that keeps no event, so that there is nothing but
// notices, and then one that keeps a single one.
func emptyLogStillTells(ctx context.Context, s Subject) error {
	for keep, kept := range map[int]uint64{-1: 0, 1: 1} {
		st, err := s.open(ctx, source.Options{Epoch: "now", Keep: keep}, "a")
		if err != nil {
			return err
		}
		defer st.close()
		if err := st.publish("a", 3); err != nil {
			return err
		}
		c, err := st.subscribe(ctx, "a", wire.Cursor{Epoch: "now", N: 1})
		if err != nil {
			return err
		}
		defer c.hangUp()
		err = c.notice(ctx, wire.Gap{From: 2, To: 3 - kept, Cursor: wire.Cursor{Epoch: "now", N: 3 - kept}})
		if err == nil && kept > 0 {
			err = c.events(ctx, "a", 3, 3)
		}
		if err != nil {
			return fmt.Errorf("of 3 events %d are kept: %w", kept, err)
		}
	}
	return nil
}

// numbersStayExact counts on where floating point and signed numbers end.
func numbersStayExact(ctx context.Context, s Subject) error {
	for _, start := range []uint64{1<<53 - 2, 1<<63 - 2, math.MaxUint64 - 6} {
		st, err := s.open(ctx, source.Options{Epoch: "now", After: start}, "a")
		if err != nil {
			return err
		}
		defer st.close()
		c, at, err := st.join(ctx, "a")
		if err != nil {
			return err
		}
		defer c.hangUp()
		if at.N != start {
			return fmt.Errorf("hello names %v, want number %d", at, start)
		}
		if err := errors.Join(st.publish("a", 5), c.events(ctx, "a", start+1, start+5)); err != nil {
			return err
		}
		if err := resume(ctx, st, wire.Cursor{Epoch: "now", N: start + 2}, nil, start+3, start+5); err != nil {
			return err
		}
	}
	return nil
}

// impossibleIsRefused asks for what the next attempt would not get either.
// Events flow meanwhile, so that a server that lets it pass shows itself.
func impossibleIsRefused(ctx context.Context, s Subject) error {
	st, err := s.open(ctx, source.Options{}, "a")
	if err != nil {
		return err
	}
	defer st.close()
	flowing, dry := context.WithCancel(ctx)
	defer dry()
	go func() {
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for flowing.Err() == nil && st.publish("a", 1) == nil {
			<-tick.C
		}
	}()
	for _, tt := range []struct {
		name   string
		topic  string
		after  wire.Cursor
		status int
	}{
		{"an unknown topic", "b", wire.Cursor{}, 404},
		{"no topic", "", wire.Cursor{}, 404},
		{"a cursor with an impossible epoch", "a", wire.Cursor{Epoch: "a.b", N: 1}, 400},
		{"a cursor that is too long", "a", wire.Cursor{Epoch: strings.Repeat("e", wire.MaxCursor), N: 1}, 400},
	} {
		c, err := st.subscribe(ctx, tt.topic, tt.after)
		if err != nil {
			return err
		}
		defer c.hangUp()
		w, err := c.next(ctx)
		refused, ok := errors.AsType[*engine.StatusError](err)
		if !ok || refused.Code != tt.status || !engine.Final(err) {
			return fmt.Errorf("%s: got %v, error %v, want status %d", tt.name, w, err, tt.status)
		}
	}
	return nil
}
