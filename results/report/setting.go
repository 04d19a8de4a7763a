package report

import (
	"strconv"

	"pushbench/results"
)

// settings are what a run was told of servers, logs and buffers that is not the
// default, as far as its axes do not say it. What an older program has not written
// down is not told.
func (l load) settings(run *results.Run) (parts []string) {
	for _, one := range []struct {
		key  string
		said bool
		text string
	}{
		{"servers", l.Servers > 1, "servers of " + strconv.Itoa(l.Servers) + " processes"},
		{"generators", l.Generators > 1, "clients of " + strconv.Itoa(l.Generators) + " processes"},
		{"log.keep", l.Log.Keep != 0 && l.Log.Keep != defaultKeep, "logs of " + strconv.Itoa(l.Log.Keep) + " events"},
		{"reuse", l.Reuse != nil && !*l.Reuse, "a connection for each request"},
		{"longpoll.think", positive(l.Longpoll.Think) && ran(run, "longpoll"), "long polls " + l.Longpoll.Think + " after an answer"},
		{"events_per_write", l.EventsPerWrite > 0, "events in a write: " + strconv.Itoa(l.EventsPerWrite) + " at most"},
		{"slow.policy", l.Slow.Policy == "disconnect", "who does not keep up is disconnected"},
		{"buffers.server", positive(l.Buffers.Server), "send buffers of " + l.Buffers.Server},
		{"buffers.client", positive(l.Buffers.Client), "receive buffers of " + l.Buffers.Client},
		{"unacknowledged", positive(l.Unacknowledged), "connections given up " + l.Unacknowledged + " after what nobody acknowledges"},
	} {
		if _, varies := l.Axes[one.key]; one.said && !varies && l.Search.Key != one.key {
			parts = append(parts, one.text)
		}
	}
	return parts
}

// defaultKeep is how many events a topic keeps where nobody says otherwise.
const defaultKeep = 1024

// positive says whether a quantity is there and not zero.
func positive(text string) bool { return text != "" && text != "0s" && text != "0B" }
