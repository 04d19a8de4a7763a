package main

import (
	"fmt"
	"strconv"
	"time"

	"pushbench/servers/source"
	"pushbench/servers/wire"
)

// A load is what both sides are put under.
type load struct {
	Transport string  `json:"transport"`
	Clients   int     `json:"clients"`
	Rate      float64 `json:"rate"`           // events per second; zero: saturated
	Idle      bool    `json:"idle,omitempty"` // no events at all
	// Batch is how many events the floor's server puts into a write; zero means
	// one. Our own server decides that for itself.
	Batch int `json:"batch,omitempty"`
}

func (l load) String() string {
	name := l.Transport + " saturated"
	switch {
	case l.Idle:
		name = l.Transport + " idle"
	case l.Rate > 0:
		name = fmt.Sprintf("%s %g/s", l.Transport, l.Rate)
	}
	if l.Batch > 1 {
		name += fmt.Sprintf(", %d a write", l.Batch)
	}
	if l.Clients != 1000 {
		name += fmt.Sprintf(" x%d", l.Clients)
	}
	return name
}

// once says that one round is enough: memory hardly varies.
func (l load) once() bool {
	return l.Idle || l.Transport == "poll" && l.Clients > 1000
}

// flood is the rate from which on an event every few milliseconds is too many for a
// write of its own to every client: what counts then is whether a server keeps up.
const flood = 100

// eventSize is how many bytes an event has without its framing.
const eventSize = 170

// lead is how long after the last client has asked the events begin.
const lead = 500 * time.Millisecond

// warmup begins when all are connected and ends after the first events or, idle,
// when a server has had the time to answer them all.
func (l load) warmup() time.Duration {
	switch {
	case l.Idle && l.Clients > 1000:
		return 3 * time.Second
	case l.Idle || l.Clients > 1000:
		return time.Second
	}
	return lead + 150*time.Millisecond
}

// measured is the window, given the one of a run that has to wait for events.
func (l load) measured(window time.Duration) time.Duration {
	switch {
	case l.Idle:
		return 100 * time.Millisecond
	case l.Rate == 0:
		return window / 2
	}
	return window
}

// limit bounds the life of a run's processes.
func (l load) limit(window time.Duration) time.Duration { return window + 30*time.Second }

// fsrv is the command line of the floor's server.
func (l load) fsrv(port int, limit time.Duration) []string {
	mode := map[string]string{"poll": "rr", "longpoll": "lp"}[l.Transport]
	if mode == "" {
		mode = "bcast"
	}
	return []string{
		"-m", mode, "-n", strconv.Itoa(l.Clients), "-r", fmt.Sprint(l.Rate), "-b", strconv.Itoa(max(l.Batch, 1)),
		"-s", strconv.Itoa(eventSize), "-p", strconv.Itoa(port), "-d", fmt.Sprint(limit.Seconds()),
	}
}

// fcli is the command line of the floor's client.
func (l load) fcli(port, pid int, window time.Duration) []string {
	args := []string{
		"-n", strconv.Itoa(l.Clients), "-p", strconv.Itoa(port), "-S", strconv.Itoa(pid), "-T", "t0",
		"-w", fmt.Sprint(l.warmup().Seconds()), "-d", fmt.Sprint(l.measured(window).Seconds()),
	}
	switch {
	case l.Transport == "poll" && l.Idle: // each asks about once
		return append(args, "-m", "rr", "-r", strconv.Itoa(l.Clients))
	case l.Transport == "poll":
		return append(args, "-m", "rr")
	case l.Transport == "longpoll":
		return append(args, "-m", "lp")
	case l.Transport == "tcp": // no head is answered, and fsrv sends events bare
		return append(args, "-h", "none", "-P", "/tcp")
	}
	return append(args, "-h", l.Transport)
}

// drive is what our own server publishes from the instant start on.
func (l load) drive(start int64, limit time.Duration) source.Load {
	size := eventSize - len(wire.AppendEvent(nil, &wire.Event{
		N: 10, Due: wire.Now(), Pub: wire.Now(), Wall: wire.Wall(), Data: []byte(`""`),
	}))
	schedule := source.Schedule{Kind: source.Constant, Rate: l.Rate}
	if l.Rate == 0 {
		schedule = source.Schedule{Kind: source.Saturate}
	}
	return source.Load{
		Schedule: schedule,
		Payload:  source.Payload{Min: size, Max: size, Content: source.Text},
		Start:    start,
		End:      start + int64(limit),
	}
}
