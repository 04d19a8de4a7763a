package main

import (
	"encoding/json"
	"fmt"
	"time"

	"pushbench/results"
)

// A reading is the line that the floor's client prints, and our generator too.
// Memory is in KiB.
type reading struct {
	Events       int64    `json:"msgs"`
	Responses    int64    `json:"resps"`
	Seconds      float64  `json:"secs"`
	ServerCPU    float64  `json:"srv_us"` // µs per event; of polling per response
	GeneratorCPU float64  `json:"cli_us"`
	Latency      quantile `json:"lat_us"`
	ServerRSS    int64    `json:"srv_rss_kb"`
	ServerRSS0   int64    `json:"srv_rss0_kb"` // before the first client
	GeneratorRSS int64    `json:"cli_rss_kb"`  // grown by the clients
	Errors       int64    `json:"err"`
	Negative     int64    `json:"neg"` // received before it was due
	Closed       int64    `json:"closed"`

	cpu time.Duration // of the generator, in the window
}

type quantile struct {
	P50 float64 `json:"p50"`
	P99 float64 `json:"p99"`
}

// conclude fills in what the recorder knows when all is over.
func (r *reading) conclude(t *results.Trial, g generator) {
	r.Responses = t.Traffic.Requests // a closed loop asks once for each answer
	n := r.Events
	if g.transport == "poll" {
		n = r.Responses
	}
	r.GeneratorCPU = float64(r.cpu) / float64(time.Microsecond) / float64(max(n, 1))
	latency := t.Histograms[results.Latency]
	if latency.Count() > 0 {
		r.Latency.P50 = float64(latency.Quantile(0.5)) / float64(time.Microsecond)
		r.Latency.P99 = float64(latency.Quantile(0.99)) / float64(time.Microsecond)
	}
	r.Errors = t.Traffic.ConnectFailed + t.Events.Duplicated + t.Events.Reordered + t.Events.Gaps
	r.Negative = t.Events.Negative
	for _, n := range t.Traffic.Closed {
		r.Closed += n
	}
}

// fault says why the reading cannot be used; nil when it can.
func (r *reading) fault(l load) error {
	if r.Errors != 0 || r.Negative != 0 || r.Closed != 0 {
		return fmt.Errorf("%d errors, %d events before they were due, %d connections closed", r.Errors, r.Negative, r.Closed)
	}
	if r.Events == 0 && !l.Idle {
		return fmt.Errorf("no events in %.1f s", r.Seconds)
	}
	return nil
}

// behind says that less has arrived than was offered; nil when the server has kept
// up, or nothing is to be kept up with.
func (r *reading) behind(l load) error {
	// The edges of the window cut through a round of deliveries: what is under way
	// at its end, 20 ms of it, is a hundredth of what was offered.
	if offered := l.Rate * float64(l.Clients) * r.Seconds; l.Rate >= flood && float64(r.Events) < 0.97*offered {
		return fmt.Errorf("%d of %.0f events offered: it did not keep up", r.Events, offered)
	}
	return nil
}

// A sample is the reading of one run.
type sample struct {
	Load  load   `json:"load"`
	Who   who    `json:"who"`
	Round int    `json:"round"`
	Fault string `json:"fault,omitempty"` // why it does not count
	reading
}

// A who names the two sides of a run.
type who string

const (
	floor who = "fsrv+fcli"      // both in C
	ours  who = "fsrv+generator" // our crowd
	std   who = "serve+fcli"     // our server, on net/http and gorilla
	lean  who = "lean+fcli"      // our server, on the event loop
	plain who = "plain+fcli"     // the plainest server in Go
)

// served says whether the server is ours.
func (w who) served() bool { return w == std || w == lean }

// flags are what makes our server that one.
func (w who) flags() []string {
	if w == lean {
		return []string{"--stack", "lean"}
	}
	return nil
}

func parseReading(line []byte) (r reading, err error) {
	if err := json.Unmarshal(line, &r); err != nil {
		return r, fmt.Errorf("read %.200q: %w", line, err)
	}
	return r, nil
}
