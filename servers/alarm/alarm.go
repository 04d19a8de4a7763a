// Package alarm keeps the timers of one event loop. It knows no loop, so that
// what is to be woken can be written, and tested, without one.
package alarm

import "pushbench/servers/wire"

// An Alarmer is called when a Timer is due. The clock is read for every call, so
// now is not older than what the callbacks before it took.
type Alarmer interface{ Alarm(now int64) }

// A Timer is one alarm that can be set again and again. Its zero value is ready,
// and it must not be copied while it is armed. It is meant to be a field of what
// it wakes: arming it then allocates nothing.
type Timer struct {
	slot    int // place in the heap, counted from 1; 0 means not armed
	alarmer Alarmer
}

// Armed says whether the timer will fire.
func (t *Timer) Armed() bool { return t.slot != 0 }

// Timers is a heap, the earliest on top; its zero value is empty. It is for one
// goroutine. It has four children a node, because a re-armed timer mostly moves
// down, and half as many levels are half as many cache lines; the instants stand
// in the heap itself for the same reason.
type Timers []armed

type armed struct {
	at    int64
	timer *Timer
}

// Set arms t to call a at the instant (wire.Now), or moves it there.
func (h *Timers) Set(t *Timer, instant int64, a Alarmer) {
	t.alarmer = a
	if t.slot == 0 {
		*h = append(*h, armed{instant, t})
		h.up(len(*h)-1, armed{instant, t})
		return
	}
	h.move(t.slot-1, armed{instant, t})
}

// Unset disarms t.
func (h *Timers) Unset(t *Timer) {
	if t.slot == 0 {
		return
	}
	i, last := t.slot-1, len(*h)-1
	tail := (*h)[last]
	(*h)[last] = armed{}
	*h = (*h)[:last]
	if i != last {
		h.move(i, tail)
	}
	t.slot, t.alarmer = 0, nil
	h.shrink()
}

// roomy is for how many timers there may be room without any, at 16 bytes each.
const roomy = 1024

// shrink gives memory back that nearly all timers have left: thousands are armed
// while a crowd arrives, and then perhaps none.
func (h *Timers) shrink() {
	if room := cap(*h); room > roomy && len(*h) < room/4 {
		*h = append(make(Timers, 0, room/2), *h...)
	}
}

// move puts e, which replaces what stood at i, where it belongs.
func (h Timers) move(i int, e armed) {
	if i > 0 && e.at < h[(i-1)/4].at {
		h.up(i, e)
	} else {
		h.down(i, e)
	}
}

func (h Timers) up(i int, e armed) {
	for i > 0 {
		parent := (i - 1) / 4
		if h[parent].at <= e.at {
			break
		}
		h.put(i, h[parent])
		i = parent
	}
	h.put(i, e)
}

func (h Timers) down(i int, e armed) {
	for {
		first := 4*i + 1
		if first >= len(h) {
			break
		}
		least := first
		for child := first + 1; child < min(first+4, len(h)); child++ {
			if h[child].at < h[least].at {
				least = child
			}
		}
		if e.at <= h[least].at {
			break
		}
		h.put(i, h[least])
		i = least
	}
	h.put(i, e)
}

func (h Timers) put(i int, e armed) {
	h[i] = e
	e.timer.slot = i + 1
}

// Next is the earliest instant; false when no timer is armed.
func (h Timers) Next() (instant int64, armed bool) {
	if len(h) == 0 {
		return 0, false
	}
	return h[0].at, true
}

// Fire calls the timers that are due, earliest first, but no more than most:
// one that sets itself to an instant in the past must not keep the rest of the
// loop waiting. It returns the instant at which it was done; zero, without a look
// at the clock, when no timer was armed.
func (h *Timers) Fire(most int) (now int64) {
	if len(*h) == 0 {
		return 0
	}
	now = wire.Now()
	for range most {
		if len(*h) == 0 || (*h)[0].at > now {
			break
		}
		h.Pop().Alarm(now)
		now = wire.Now()
	}
	return now
}

// Pop disarms the earliest timer, of which there must be one, and returns who is
// to be called.
func (h *Timers) Pop() Alarmer {
	t := (*h)[0].timer
	a := t.alarmer
	h.Unset(t)
	return a
}
