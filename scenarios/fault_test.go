package scenarios

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestFaultsReadBackAsTheyAreWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var want Faults
		for range rapid.IntRange(0, 4).Draw(t, "faults") {
			want = append(want, Fault{
				Kind:    rapid.SampledFrom(FaultKinds).Draw(t, "kind"),
				Percent: float64(rapid.IntRange(1, 1000).Draw(t, "permille")) / 10,
				At:      Duration(rapid.Int64Range(1, 1e13).Draw(t, "at")),
				For:     Duration(rapid.Int64Range(0, 1e13).Draw(t, "for")),
			})
		}
		var read Faults
		if err := read.Set(want.String()); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, read); diff != "" {
			t.Errorf("%s reads back differently: %s", want, diff)
		}
	})
}

func TestAFaultIsASentence(t *testing.T) {
	for text, want := range map[string]Faults{
		"reset at 2s":             {{Kind: Reset, Percent: 100, At: seconds(2)}},
		"reset 12.5% at 2s":       {{Kind: Reset, Percent: 12.5, At: seconds(2)}},
		"restart at 2s for 500ms": {{Kind: Restart, Percent: 100, At: seconds(2), For: Duration(500 * time.Millisecond)}},
		"stall for 1s at 3s":      {{Kind: Stall, Percent: 100, At: seconds(3), For: seconds(1)}},
		"drain at 1s,reset at 2s": {{Kind: Drain, Percent: 100, At: seconds(1)}, {Kind: Reset, Percent: 100, At: seconds(2)}},
		"none":                    nil,
	} {
		var got Faults
		if err := got.Set(text); err != nil {
			t.Errorf("%s: %v", text, err)
		} else if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", text, diff)
		}
	}
	for text, want := range map[string]string{
		"":                         "an empty fault",
		"reset at 2s,":             "an empty fault",
		"restrat at 2s":            "did you mean restart?",
		"explode at 2s":            "have reset, restart, drain, stall",
		"reset":                    "want one such as",
		"reset at":                 "want one such as",
		"reset at soon":            "no",
		"reset at 0s":              "want one such as",
		"reset 101% at 1s":         "at most 100%",
		"reset 0% at 1s":           "above 0%",
		"reset -5% at 1s":          "no share",
		"reset at 1s at 2s":        "want one such as",
		"reset at 1s gently":       "want one such as",
		"restart at 1s for -100ms": "not a length of time",
	} {
		var got Faults
		if err := got.Set(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q in it", text, err, want)
		}
	}
}

func seconds(n int) Duration { return Duration(n) * Duration(time.Second) }

func TestFaultsThatCannotHappenAreSaidWithTheirLine(t *testing.T) { // R5
	const head = "clients: 10\nschedule: {rate: 10/s}\nduration: 5s\n"
	for text, want := range map[string]string{
		"faults: [reset at 2s, rest at 3s]":                         `x.yaml:4: faults: unknown fault "rest": did you mean reset? (have reset, restart, drain, stall)`,
		"faults:\n  - reset at 2s\n  - reset at 2q":                 `x.yaml:6: faults: "reset at 2q": "2q" is not a length of time: want one such as 400ms or 1m30s`,
		"faults: {reset: 2s}":                                       `x.yaml:4: faults: want one value`,
		"faults: [reset at 5s]":                                     `x.yaml:4: faults: "reset at 5s": the measured phase (duration) ends after 5s, and what comes after the fault is to be seen`,
		"faults: [restart at 4s for 1s]":                            `x.yaml:4: faults: "restart at 4s for 1s": the measured phase (duration) ends after 5s, and what comes after the fault is to be seen`,
		"faults: [reset at 2s, reset at 1s]":                        `x.yaml:4: faults: "reset at 1s" comes after "reset at 2s": want them in the order of their instants, and no two at the same`,
		"faults: [stall at 1s for 1s, reset at 2s]":                 `x.yaml:4: faults: "reset at 2s" begins before "stall at 1s for 1s" is over`,
		"faults: [stall at 1s]":                                     `x.yaml:4: faults: "stall at 1s": a stall has a length, such as for 500ms`,
		"faults: [reset at 1s for 1s]":                              `x.yaml:4: faults: "reset at 1s for 1s": a reset is over at once: leave out for 1s`,
		"faults: [restart 50% at 1s]":                               `x.yaml:4: faults: "restart 50% at 1s": only a reset can be of a share of the connections`,
		"uplink: {rate: 1/s}\nfaults: [restart at 1s]":              `x.yaml:5: faults: "restart at 1s": what clients had sent to a server that ends cannot be accounted for: set uplink.rate to 0, or take reset or stall`,
		"backoff: {kind: linear}":                                   `x.yaml:4: backoff.kind: "linear" (have jitter, none, fixed, exponential)`,
		"backoff: {first: 20s}":                                     `x.yaml:4: backoff.first: 20s is longer than backoff.max (10s)`,
		"axes: {faults: [reset at 1s, 'reset at 1s, reset at 9s']}": `x.yaml:4: faults: at faults=reset at 1s, reset at 9s: "reset at 9s": the measured phase (duration) ends after 5s, and what comes after the fault is to be seen`,
	} {
		_, err := Decode("x.yaml", []byte(head+text))
		if err == nil || err.Error() != want {
			t.Errorf("%s\n got %v\nwant %s", text, err, want)
		}
	}
}

func TestFaultsAreAKeyAnAxisAndPartOfARunFile(t *testing.T) {
	s, err := Decode("x.yaml", []byte("schedule: {rate: 10/s}\nbackoff: {kind: fixed}\naxes: {faults: [none, 'reset 50% at 1s, drain at 2s']}"))
	if err != nil {
		t.Fatal(err)
	}
	points := s.Points()
	if len(points) != 2 || len(points[0].Scenario.Faults) != 0 || points[1].Scenario.Faults[0].Percent != 50 || !points[1].Scenario.Faults[1].Ends() {
		t.Errorf("points %v", points)
	}
	text, err := json.Marshal(points[1].Scenario)
	if err != nil {
		t.Fatal(err)
	}
	back := Default()
	if err := json.Unmarshal(text, back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(points[1].Scenario, back); diff != "" {
		t.Errorf("the scenario of a run file differs: %s", diff)
	}
}
