package broadcast

import (
	"testing"
	"time"

	"pushbench/servers/source"
)

const ms = int64(time.Millisecond)

func TestPassesAreHeldApartOnceEventsComeFasterThanThey(t *testing.T) {
	type pass struct {
		began, ended int64
		upto         uint64
		due          int64 // of the next one, from the end of this
	}
	for _, c := range []struct {
		name   string
		passes []pass
	}{
		{"one event at a time, however long a pass takes", []pass{
			{0, 40 * ms, 1, 0}, {40 * ms, 80 * ms, 2, 0}, {80 * ms, 120 * ms, 3, 0},
		}},
		{"a burst is brought at once, and so is what follows after a rest", []pass{
			{0, 4 * ms, 1, 0}, {4 * ms, 8 * ms, 5, 0}, {100 * ms, 104 * ms, 10, 0}, {200 * ms, 204 * ms, 15, 0},
		}},
		{"a flood", []pass{
			{0, 4 * ms, 1, 0}, {4 * ms, 8 * ms, 3, 0}, {8 * ms, 12 * ms, 5, 2 * ms}, {14 * ms, 18 * ms, 8, 2 * ms},
			{20 * ms, 24 * ms, 9, 0}, // it ebbs
		}},
		{"a flood that passes bring in no time", []pass{
			{0, ms / 2, 3, 0}, {ms / 2, ms, 6, 0}, {ms, ms + ms/2, 9, 0},
		}},
		{"a wait is never long", []pass{
			{0, 50 * ms, 1, 0}, {50 * ms, 100 * ms, 9, 0}, {100 * ms, 150 * ms, 19, 5 * ms},
		}},
	} {
		var p pace
		for i, one := range c.passes {
			p.passed(one.began, one.ended, one.upto)
			if got := max(0, p.due()-one.ended); got != one.due {
				t.Errorf("%s: after pass %d the next one waits for %v, want %v", c.name, i, time.Duration(got), time.Duration(one.due))
			}
		}
	}
}

// flooded is a stage on which the pace wants a pause before the next pass.
func flooded(t *testing.T, src *source.Source, h *half) (pass func(n int), pause func(), writes func() int) {
	t.Helper()
	stage, clients := gather(t, src, h, 3)
	publish(t, src, 1)
	stage.Run()
	room := h.part.rooms[src.Topics()[0]]
	room.pace = pace{upto: 1, ended: stage.Now, took: 4 * ms, row: crowded}
	return func(n int) {
			publish(t, src, n)
			stage.Run()
		}, func() { stage.Advance(2 * time.Millisecond) }, func() int {
			return clients[0].Writes()
		}
}

func TestWhatComesDuringAPauseIsBroughtInOneWrite(t *testing.T) {
	pass, pause, writes := flooded(t, source.New(source.Options{Raw: true}, "t"), &half{})
	pass(1)
	pass(2)
	if n := writes(); n != 1 {
		t.Errorf("%d writes before the pause is over, want the first event's alone", n)
	}
	pause()
	if n := writes(); n != 2 {
		t.Errorf("%d writes after it, want one more for three events", n)
	}
}

func TestNothingPausesWhereEventsAreNotToShareAWrite(t *testing.T) {
	pass, _, writes := flooded(t, source.New(source.Options{Raw: true}, "t"), &half{opts: Options{PerWrite: 1}})
	pass(1)
	if n := writes(); n != 2 {
		t.Errorf("%d writes, want one for each event", n)
	}
}
