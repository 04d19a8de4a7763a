package faults

import (
	"slices"

	"pushbench/servers/source"
	"pushbench/servers/wire"
)

// every is the distance between two events that are tampered with. It is
// judged by number, so a view needs no memory, cheats all readers alike, and
// cheats a reader who asks again in the same way.
const every = 7

func due(e *source.Entry) bool { return e.N%every == 0 }

// end is the cursor of somebody who has been shown all of the entries.
func end(fresh []*source.Entry) uint64 { return fresh[len(fresh)-1].N }

func drop(_ uint64, fresh []*source.Entry) ([]*source.Entry, uint64) {
	return slices.DeleteFunc(slices.Clone(fresh), due), end(fresh)
}

func duplicate(_ uint64, fresh []*source.Entry) ([]*source.Entry, uint64) {
	var shown []*source.Entry
	for _, e := range fresh {
		if shown = append(shown, e); due(e) {
			shown = append(shown, e)
		}
	}
	return shown, end(fresh)
}

func swap(_ uint64, fresh []*source.Entry) ([]*source.Entry, uint64) {
	shown := slices.Clone(fresh)
	if len(shown) > 1 {
		shown[0], shown[1] = shown[1], shown[0]
	}
	return shown, end(fresh)
}

func corrupt(_ uint64, fresh []*source.Entry) ([]*source.Entry, uint64) {
	shown := slices.Clone(fresh)
	for i, e := range shown {
		if due(e) {
			shown[i] = damaged(e)
		}
	}
	return shown, end(fresh)
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
