package scenarios_test

import (
	"strings"
	"testing"

	"pushbench/scenarios"
)

func TestWhatCannotRunTogetherIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want string // "" when it is sound
	}{
		"all four":       {"schedule: {rate: 1/s}\ntogether: true", ""},
		"two":            {"schedule: {rate: 1/s}\ntogether: true\ntransports: [sse, ws]", ""},
		"an axis":        {"schedule: {rate: 1/s}\ntogether: true\naxes: {poll.interval: [1s, 2s], rotate: [false, true]}", ""},
		"one":            {"schedule: {rate: 1/s}\ntogether: true\ntransports: [ws]", "x.yaml:2: together: only ws is to run"},
		"who speaks":     {"schedule: {rate: 1/s}\nuplink: {rate: 1/s}\ntogether: true", "x.yaml:2: uplink.rate: clients that run together would hear"},
		"saturate":       {"schedule: {kind: saturate}\ntogether: true", "x.yaml:1: schedule.kind: a source that saturates waits"},
		"together axis":  {"schedule: {rate: 1/s}\naxes: {together: [true, false]}", "x.yaml:2: axes: together is no axis"},
		"latest":         {"schedule: {rate: 1/s}\nvalue: latest", ""},
		"lates":          {"schedule: {rate: 1/s}\nvalue: lates", `x.yaml:2: value: "lates": did you mean latest? (have every, latest)`},
		"latest of raw":  {"schedule: {rate: 1/s}\nvalue: latest\npayload: {raw: true}", "x.yaml:2: value: staleness counts from"},
		"latest of much": {"schedule: {kind: saturate}\nvalue: latest", "x.yaml:2: value: staleness counts from"},
		"rotate maybe":   {"schedule: {rate: 1/s}\nrotate: maybe", "x.yaml:2: rotate: want true or false"},
	} {
		_, err := scenarios.Decode("x.yaml", []byte(c.text))
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}
