package scenarios_test

import (
	"strings"
	"testing"

	"pushbench/scenarios"
)

func TestAServerOfSeveralProcessesHasALoadThatAllOfThemKnow(t *testing.T) { // R5
	for text, want := range map[string]string{
		"servers: 0\nschedule: {rate: 1/s}":                                                          "x.yaml:1: servers: 0: want 1 to 64",
		"servers: 65\nschedule: {rate: 1/s}":                                                         "x.yaml:1: servers: 65: want 1 to 64",
		"generators: 0\nschedule: {rate: 1/s}":                                                       "x.yaml:1: generators: 0: want 1 to 64",
		"generators: 65\nschedule: {rate: 1/s}":                                                      "x.yaml:1: generators: 65: want 1 to 64",
		"generators: 5\nclients: 4\nschedule: {rate: 1/s}":                                           "x.yaml:1: generators: 5 processes for 4 clients",
		"schedule: {rate: 1/s}\nservers: 2\nuplink: {rate: 1/s}":                                     "uplink.to: what clients send to a topic",
		"servers: 2\nschedule: {kind: none}\nuplink: {rate: 1/s}":                                    "uplink.to: what clients send to a topic",
		"servers: 2\nschedule: {kind: saturate}":                                                     "schedule.kind: each process of the server would saturate",
		"servers: 2\nschedule: {kind: reply, rate: 1/s, length: 2}\nuplink: {rate: 1/s, to: server}": "schedule.kind: each process of the server would answer",
		"servers: 2\nschedule: {rate: 1/s}\nlongpoll: {limit: 5}":                                    "longpoll.limit: it is of a process",
		"servers: 2\nschedule: {rate: 1/s}\nfaults: [restart at 1s]":                                 "faults: restart at 1s: several processes",
		"servers: 2\nschedule: {rate: 1/s}\nfaults: [reset at 1s, drain at 2s]":                      "faults: drain at 2s: several processes",
		"schedule: {rate: 1/s}\nfaults: [restart at 1s]\naxes: {servers: [1, 2]}":                    "at servers=2: restart at 1s: several processes",
	} {
		if _, err := scenarios.Decode("x.yaml", []byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q in it", text, err, want)
		}
	}
	for _, text := range []string{
		"servers: 64\ngenerators: 64\nschedule: {rate: 1/s}",
		"generators: 4\nclients: 4\nschedule: {kind: saturate}",
		"servers: 2\nschedule: {rate: 1/s}\nuplink: {rate: 1/s, to: server}",
		"servers: 2\nschedule: {rate: 1/s}\nfaults: [reset at 1s, stall at 2s for 10ms]",
		"schedule: {rate: 1/s}\naxes: {servers: [1, 2, 4]}",
	} {
		if _, err := scenarios.Decode("x.yaml", []byte(text)); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
}
