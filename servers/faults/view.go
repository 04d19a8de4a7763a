package faults

import (
	"slices"

	"pushbench/servers/source"
	"pushbench/servers/wire"
)

// A show is what a view does to a reading. Events are picked by number, so it
// needs no memory, cheats all readers alike, and cheats a reader who asks again
// in the same way.
type show func(fresh []*source.Entry, next *source.Entry) (shown []*source.Entry, upto uint64)

// end is the cursor of somebody who has been shown all of the entries.
func end(fresh []*source.Entry) uint64 { return fresh[len(fresh)-1].N }

func drop(n uint64) show {
	return func(fresh []*source.Entry, _ *source.Entry) ([]*source.Entry, uint64) {
		due := func(e *source.Entry) bool { return e.N%n == 0 }
		return slices.DeleteFunc(slices.Clone(fresh), due), end(fresh)
	}
}

func duplicate(n uint64) show {
	return func(fresh []*source.Entry, _ *source.Entry) ([]*source.Entry, uint64) {
		var shown []*source.Entry
		for _, e := range fresh {
			if shown = append(shown, e); e.N%n == 0 {
				shown = append(shown, e)
			}
		}
		return shown, end(fresh)
	}
}

func swap(fresh []*source.Entry, _ *source.Entry) ([]*source.Entry, uint64) {
	shown := slices.Clone(fresh)
	if len(shown) > 1 {
		shown[0], shown[1] = shown[1], shown[0]
	}
	return shown, end(fresh)
}

// reorder lets event n and the one that follows it change places wherever a
// reading begins and ends. Who has event n without its follower, from a hello
// or because there never came another one, is shown the rest in order.
func reorder(n uint64) show {
	return func(fresh []*source.Entry, next *source.Entry) ([]*source.Entry, uint64) {
		shown := slices.Clone(fresh)
		if next != nil && end(fresh)%n == 0 {
			shown = append(shown, next)
		}
		upto := end(shown)
		for i := 0; i < len(shown)-1; i++ {
			if shown[i].N%n == 0 {
				shown[i], shown[i+1] = shown[i+1], shown[i]
				i++ // which has had its turn
			}
		}
		return shown, upto
	}
}

func corrupt(n uint64) show {
	return func(fresh []*source.Entry, _ *source.Entry) ([]*source.Entry, uint64) {
		shown := slices.Clone(fresh)
		for i, e := range shown {
			if e.N%n == 0 {
				shown[i] = damaged(e)
			}
		}
		return shown, end(fresh)
	}
}

// damaged is another entry that differs from e in one letter of its text. What
// has no text, a number or an empty string, stays as it is.
func damaged(e *source.Entry) *source.Entry {
	at, raw := 1, string(e.Bytes) == string(e.Data)
	if raw {
		at = 0
	} else if len(e.Data) < 3 || e.Data[0] != '"' {
		return e
	}
	if len(e.Data) <= at || e.Data[at] == '\\' {
		return e
	}
	ev := e.Event
	ev.Data = slices.Clone(e.Data)
	if ev.Data[at] = 'x'; e.Data[at] == 'x' {
		ev.Data[at] = 'y'
	}
	bytes := ev.Data
	if !raw {
		bytes = wire.AppendEvent(nil, &ev)
	}
	return &source.Entry{Event: ev, Bytes: bytes}
}
