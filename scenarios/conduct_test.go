package scenarios_test

import (
	"slices"
	"strings"
	"testing"

	"pushbench/scenarios"
)

func TestWhatClientsCannotDoIsRefusedBeforeAnyLoad(t *testing.T) { // R1
	for _, c := range []struct{ text, want string }{
		{"slow: {share: 5}", `x.yaml:2: slow.share: "5" is not a share: want one from 0% to 100%, such as 5%`},
		{"slow: {events: 2000}", `x.yaml:2: slow.events: 2000: want 0 (the log decides) to 1024, what the log keeps (log.keep)`},
		{"slow: {bytes: 1GiB}", `x.yaml:2: slow.bytes: 1GiB: want 0B (the log decides) to 16MiB, what the log keeps`},
		{"slow: {timeout: 0s}", `x.yaml:2: slow.timeout: 0s: want above zero, at most 24h0m0s`},
		{"slow: {share: 60%}\nvanish: {share: 50%}", `x.yaml:3: vanish.share: slow.share, vanish.share and leave.share are more than all clients together`},
		{"slow: {speed: 0%}", `x.yaml:2: slow.speed: it is how much slow clients read, and none is slow: say how many in slow.share, such as 10%`},
		{"slow: {share: 0%}\naxes: {slow.speed: [100%, 1%, 0%]}", `x.yaml:3: slow.speed: it is how much slow clients read, and none is slow: say how many in slow.share, such as 10%`},
		{"payload: {content: clock, raw: true, size: 1KiB}", `x.yaml:2: payload.size: payload.content: clock says by itself how big events are: leave it out`},
		// Also what would be so without.
		{"payload: {content: clock, raw: true, size: 64B}", `x.yaml:2: payload.size: payload.content: clock says by itself how big events are: leave it out`},
		{"payload: {content: clock, raw: true}\naxes: {payload.size: [64B]}", `x.yaml:3: payload.size: payload.content: clock says by itself how big events are: leave it out`},
		{"payload: {content: clock, raw: true}\nslo: [lost == 0]\nsearch: {key: payload.size, from: 64B, to: 1KiB}", `x.yaml:4: payload.size: payload.content: clock says by itself how big events are: leave it out`},
		{"slow: {speed: 1%}", `x.yaml:2: slow.speed: it is how much slow clients read, and none is slow: say how many in slow.share, such as 10%`},
		{"vanish: {share: 5%, at: 10s}", `x.yaml:2: vanish.at: 10s is not within the measured phase of 10s (duration)`},
		{"churn: {stay: 5s}", `x.yaml:2: churn: clients that come and go need both how long they stay and how long they are away, above zero`},
		{"leave: {share: 50%}", `x.yaml:2: leave.for: clients that leave come back: say after how long, such as 3s`},
		{"leave: {share: 50%, at: 1s, for: 8s, over: 2s}", `x.yaml:2: leave.for: the last one comes back 11s into a measured phase of 10s (duration)`},
		{"leave: {share: 50%, for: 1s}\nchurn: {stay: 5s, away: 1s}", `x.yaml:2: leave: a client either comes and goes (churn) or leaves once (leave)`},
		{"churn: {stay: 5s, away: 1s}\nuplink: {rate: 1/s}", `x.yaml:3: uplink.rate: clients that are slow, vanish or leave cannot speak as well: set uplink.rate to 0`},
		{"buffers: {client: 1KiB}", `x.yaml:2: buffers.client: 1KiB: want 0B (the kernel's own), or 4KiB to 16MiB`},
		{"unacknowledged: 1us", `x.yaml:2: unacknowledged: 1µs: want 0s (the kernel's own, about a quarter of an hour), or 1ms to 24h0m0s`},
		{"longpoll: {limit: -1}", `x.yaml:2: longpoll.limit: -1: want 0 (no limit) or more`},
	} {
		refuses(t, "schedule: {rate: 1/s}\n"+c.text, c.want)
	}
	text := "schedule: {kind: none}\nuplink: {rate: 1/s}\nslow: {share: 5%}"
	if _, err := scenarios.Decode("x.yaml", []byte(text)); err == nil || !slices.Contains(problems(t, err), `x.yaml:3: slow.speed: a share of what is offered needs a schedule with a rate: set it to 0%, or give schedule.rate`) {
		t.Errorf("a share of nothing: %v", err)
	}
	_, err := scenarios.Decode("x.yaml", []byte("schedule: {kind: saturate}\nslow: {share: 5%}"))
	if err == nil || !slices.Contains(problems(t, err), `x.yaml:1: schedule.kind: saturate waits for every client, also for one that is slow, has vanished or is away: give the schedule a rate`) {
		t.Errorf("a source that waits for slow clients: %v", err)
	}
}

// At 0% the other numbers say nothing, and they are those of the other points.
func TestWhoDoesMoreThanReceiveCanBeComparedWithNobody(t *testing.T) { // R1
	for _, text := range []string{
		"leave: {at: 1s, for: 3s, over: 1s}\naxes: {leave.share: [0%, 50%]}",
		"vanish: {at: 1s}\naxes: {vanish.share: [0%, 10%]}",
		"slow: {speed: 0%}\naxes: {slow.share: [0%, 10%]}",
		"churn: {away: 1s}\naxes: {churn.stay: [0s, 5s]}",
	} {
		s, err := scenarios.Decode("x.yaml", []byte("schedule: {rate: 10/s}\n"+text))
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		for _, remark := range s.Remarks() {
			if strings.Contains(remark, "not heeded") {
				t.Errorf("%q: %s", text, remark)
			}
		}
	}
}

func TestWhatIsNotHeededIsSaid(t *testing.T) { // R1
	for text, want := range map[string]string{
		"vanish: {at: 1s}":                                 "vanish.at is not heeded",
		"leave: {for: 1s}":                                 "leave.at, leave.for and leave.over are not heeded",
		"churn: {away: 1s}":                                "churn.away is not heeded",
		"backoff: {kind: none, first: 5s}":                 "backoff.first is not heeded",
		"backoff: {kind: fixed, max: 5s}":                  "backoff.max is not heeded",
		"reuse: false\ntransports: [sse, ws]":              "reuse: false is not heeded",
		"rotate: true\ntransports: [poll]":                 "rotate is not heeded",
		"slow: {share: 10%}\ntransports: [poll, ws]":       "of poll this says nothing",
		"slow: {share: 50%}\nleave: {share: 50%, for: 1s}": "no staleness, no fan-out and no fairness",
		"churn: {stay: 5s, away: 1s}":                      "no staleness, no fan-out and no fairness",
	} {
		s, err := scenarios.Decode("x.yaml", []byte("schedule: {rate: 10/s}\n"+text))
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if said := s.Remarks(); len(said) != 1 || !strings.Contains(said[0], want) {
			t.Errorf("%q: %q, want %q alone", text, said, want)
		}
	}
	for _, text := range []string{
		"backoff: {first: 200ms}\naxes: {backoff.kind: [jitter, none]}",
		"reuse: false\ntransports: [sse, ws]\nuplink: {rate: 1/s, to: server}",
		"reuse: false\ntransports: [poll, ws]",
		"rotate: true\ntransports: [poll, sse]",
		"slow: {share: 10%}\ntransports: [longpoll, sse, ws]",
		"slow: {share: 50%, speed: 100%}",
	} {
		s, err := scenarios.Decode("x.yaml", []byte("schedule: {rate: 10/s}\n"+text))
		if err != nil {
			t.Errorf("%q: %v", text, err)
		} else if said := s.Remarks(); len(said) > 0 {
			t.Errorf("%q: %q, want nothing to be said", text, said)
		}
	}
}
