package resultstest

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"time"

	"pushbench/results"
	"pushbench/results/hdr"
)

// A Truth is what servers of a transport take: CPU time in µs, of a client in a
// second and of payload for a KiB; bytes down and up for each, beside the payload;
// memory in bytes; and how late events are, of polling beside its interval.
type Truth struct {
	Base, Client, Delivery, Connection, Request, Message, Event, Payload, Write float64
	Down, Up, RequestDown, RequestUp, MessageUp                                 float64
	Idle, Memory                                                                float64
	P99                                                                         time.Duration
}

// Truths are like what servers on net/http and gorilla take.
func Truths() map[string]Truth {
	return map[string]Truth{
		"poll": {Base: 900, Client: 0.4, Delivery: 1.5, Connection: 60, Request: 16, Message: 22, Event: 3, Payload: 0.6,
			Down: 110, RequestDown: 160, RequestUp: 95, MessageUp: 150, Idle: 9e6, Memory: 22_000, P99: 3 * time.Millisecond},
		"longpoll": {Base: 1200, Client: 1.1, Delivery: 4, Connection: 60, Request: 25, Message: 22, Event: 4, Payload: 0.6,
			Down: 110, RequestDown: 160, RequestUp: 95, MessageUp: 150, Idle: 9e6, Memory: 29_000, P99: 12 * time.Millisecond},
		"sse": {Base: 700, Client: 0.8, Delivery: 2, Connection: 70, Message: 22, Event: 4, Payload: 0.5, Write: 8,
			Down: 128, MessageUp: 150, Idle: 8e6, Memory: 29_000, P99: 8 * time.Millisecond},
		"ws": {Base: 800, Client: 0.6, Delivery: 2, Connection: 80, Message: 6, Event: 4, Payload: 0.5, Write: 7.8,
			Down: 97, MessageUp: 80, Idle: 8e6, Memory: 18_000, P99: 8 * time.Millisecond},
	}
}

// A point is a load of the star.
type point struct {
	clients, rate, burst float64
	own                  bool
	size, uplink, stay   float64 // B, messages/s, s
	interval, hold       float64 // s
}

// away is for how long clients are gone that come and go, in seconds.
const away = 0.1

// Star is a run of a star of loads, as the scenario choose has it: of every
// transport in each block, with CPU time and memory that differ from the truth by
// so large a share, one standard deviation.
func Star(truths map[string]Truth, blocks int, noise float64, seed uint64) *results.Run {
	dice := rand.New(rand.NewPCG(seed, 7))
	run := &results.Run{
		Schema: results.Schema, Scenario: "choose", Status: results.Complete, Started: time.Date(2026, 11, 21, 20, 0, 0, 0, time.UTC),
		Executed: json.RawMessage(`{"name":"choose","clients":400,"topics":"broadcast","poll":{"interval":"400ms"},"longpoll":{"hold":"25s"},"heartbeat":"15s","log":{"keep":1024},"uplink":{"size":"64B"},"cross":false,"trials":6,
			"expects":["generator-delay","source-lag"],"axes":{"clients":["400","10","100","1200"],"schedule.burst":["1","5"],"topics":["broadcast","own"]}}`),
		Machine: results.Machine{CPU: "a CPU", CPUs: 2, Go: "go1.26", ServerCPUs: []int{0}, GeneratorCPUs: []int{1}},
	}
	for block := range blocks {
		for _, transport := range []string{"poll", "longpoll", "sse", "ws"} {
			if truth, has := truths[transport]; has {
				for _, l := range star(transport) {
					run.Trials = append(run.Trials, l.trial(transport, truth, block, func() float64 { return 1 + noise*dice.NormFloat64() }))
				}
			}
		}
	}
	run.Planned = len(run.Trials)
	dice.Shuffle(len(run.Trials), func(i, k int) { run.Trials[i], run.Trials[k] = run.Trials[k], run.Trials[i] })
	return run
}

func star(transport string) []point {
	usual := point{clients: 400, rate: 10, burst: 1, size: 64, interval: 0.4, hold: 25}
	all := []point{usual}
	vary := func(change func(*point)) {
		l := usual
		change(&l)
		all = append(all, l)
	}
	vary(func(l *point) { l.clients = 10 })
	vary(func(l *point) { l.clients = 100 })
	vary(func(l *point) { l.clients = 1200 })
	vary(func(l *point) { l.rate = 40 })
	vary(func(l *point) { l.rate = 0.1 })
	vary(func(l *point) { l.burst = 5 })
	vary(func(l *point) { l.own = true })
	vary(func(l *point) { l.size = 4096 })
	vary(func(l *point) { l.uplink = 5 })
	vary(func(l *point) { l.stay = 0.5 })
	switch transport {
	case "poll":
		vary(func(l *point) { l.interval = 0.1 })
		vary(func(l *point) { l.interval = 3 })
	case "longpoll":
		vary(func(l *point) { l.hold = 0.06 })
	}
	return all
}

// axes are the point's values as a scenario writes them.
func (l point) axes(transport string) map[string]string {
	seconds := func(s float64) string { return time.Duration(s * float64(time.Second)).String() }
	perSecond := func(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) + "/s" }
	axes := map[string]string{
		"clients": fmt.Sprint(l.clients), "schedule.rate": perSecond(l.rate), "schedule.burst": fmt.Sprint(l.burst),
		"topics": "broadcast", "payload.size": fmt.Sprintf("%gB", l.size), "uplink.rate": perSecond(l.uplink), "churn.stay": seconds(l.stay),
	}
	if l.own {
		axes["topics"] = "own"
	}
	switch transport {
	case "poll":
		axes["poll.interval"] = seconds(l.interval)
	case "longpoll":
		axes["longpoll.hold"] = seconds(l.hold)
	}
	return axes
}

// trial is what a server of that truth makes of the load in a second. There are
// whole events only, and what they take is of those.
func (l point) trial(transport string, is Truth, block int, noisy func() float64) results.Trial {
	each, topics := math.Floor(l.rate), 1.0 // events to a client
	if l.own {
		topics = l.clients
	}
	deliveries, events := l.clients*each, each*topics
	opened := 0.0
	if l.stay > 0 {
		opened = math.Floor(l.clients / (l.stay + away))
	}
	turns := deliveries / l.burst
	said := l.clients * l.uplink
	requests, writes := opened, turns
	asked := 0.0
	switch transport {
	case "poll":
		asked = math.Floor(l.clients / l.interval)
		requests, writes = asked, asked
	case "longpoll":
		asked = turns * math.Ceil(l.burst/l.rate/l.hold)
		requests, writes = asked, asked
	}
	posts := 0.0
	if transport != "ws" {
		posts = said
	}
	cpu := is.Base + is.Client*l.clients + is.Delivery*deliveries + is.Connection*opened + is.Request*asked +
		is.Message*said + is.Event*events + is.Payload*deliveries*l.size/1024
	if asked == 0 {
		cpu += is.Write * turns
	}
	memory := is.Idle + 200_000 + l.clients*is.Memory*noisy()
	if posts > 0 {
		memory += l.clients * 20_000
	}
	return results.Trial{
		Cell:     results.Cell{Transport: transport, Stack: "std", Axes: l.axes(transport)},
		Block:    block,
		Clients:  int(l.clients),
		Measured: time.Second,
		Events:   results.Accounting{Published: int64(events), Owed: int64(deliveries), Delivered: int64(deliveries)},
		Traffic: results.Traffic{
			Delivered: int64(deliveries), Requests: int64(requests + posts), Opened: int64(opened), Said: int64(said), Writes: int64(writes),
			PayloadBytes: int64(deliveries * l.size),
			DownBytes:    int64(deliveries*(l.size+is.Down) + asked*is.RequestDown),
			UpBytes:      int64(asked*is.RequestUp + said*is.MessageUp),
		},
		Uplink: results.Uplink{Requests: int64(posts)},
		Usage: results.Usage{
			ServerCPU: time.Duration(cpu * noisy() * float64(time.Microsecond)), Wall: time.Second,
			ServerIdleRSS: int64(is.Idle), ServerFullRSS: int64(memory), ServerBusy: cpu / 1e6,
		},
		Histograms: map[string]*hdr.Histogram{results.Latency: l.latency(transport, is, int64(deliveries))},
		Verdict:    results.Verdict{State: results.Valid},
	}
}

// latency is that of so many deliveries.
func (l point) latency(transport string, is Truth, deliveries int64) *hdr.Histogram {
	h := hdr.New()
	switch {
	case deliveries == 0:
	case transport == "poll":
		const steps = 100
		for i := range steps {
			h.RecordN(time.Duration((float64(i)+0.5)/steps*l.interval*float64(time.Second)), deliveries/steps)
		}
		h.Record(time.Duration(l.interval*float64(time.Second)) + is.P99)
	default:
		h.RecordN(is.P99/2, deliveries*98/100)
		h.RecordN(is.P99, deliveries*2/100)
		h.Record(2 * is.P99)
	}
	return h
}
