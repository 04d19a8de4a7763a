package scenarios_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"pushbench/scenarios"
)

func decode(t *testing.T, text string) *scenarios.Scenario {
	t.Helper()
	s, err := scenarios.Decode("x.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func points(s *scenarios.Scenario) []string {
	var all []string
	for _, p := range s.Points() {
		all = append(all, p.String())
	}
	return all
}

func TestPointsAreAllCombinationsOfTheAxes(t *testing.T) {
	s := decode(t, `
schedule: {kind: constant}
payload: {content: text}
axes:
  schedule.rate: [60/min, 10/s]
  clients: [100, 20]
  payload.raw: [false]
`)
	want := []string{
		"clients=100 payload.raw=false schedule.rate=1/s", "clients=100 payload.raw=false schedule.rate=10/s",
		"clients=20 payload.raw=false schedule.rate=1/s", "clients=20 payload.raw=false schedule.rate=10/s",
	}
	if diff := cmp.Diff(want, points(s)); diff != "" {
		t.Errorf("points (-want +got):\n%s", diff)
	}
	for _, p := range s.Points() {
		if got := fmt.Sprintf("%d %s", p.Scenario.Clients, p.Scenario.Schedule.Rate); got != p.Axes["clients"]+" "+p.Axes["schedule.rate"] {
			t.Errorf("at %s the scenario has %s", p, got)
		}
		if len(p.Scenario.Axes) != 0 || p.Scenario.Name != "x" {
			t.Errorf("at %s the scenario is %+v", p, p.Scenario)
		}
	}
	// What is at no point of an axis is at its first value.
	if s.Clients != 100 || s.Schedule.Rate != 1 {
		t.Errorf("the scenario itself has %d clients and %s", s.Clients, s.Schedule.Rate)
	}
}

func TestWithoutAxesThereIsOnePoint(t *testing.T) {
	s := decode(t, "schedule: {rate: 1/s}")
	all := s.Points()
	if len(all) != 1 || all[0].Axes != nil || all[0].String() != "" {
		t.Fatalf("points %+v", all)
	}
	if diff := cmp.Diff(s, all[0].Scenario); diff != "" {
		t.Errorf("its scenario differs (-want +got):\n%s", diff)
	}
}

func TestAxesAreTheSameAfterJSON(t *testing.T) {
	s := decode(t, `
schedule: {rate: 1/s}
expects: [trend]
axes: {clients: [1_000, 0x10], poll.interval: [1000ms, 2s], payload.size: [32B..1KiB, 64], slow.policy: [skip], log.keep: [7]}
`)
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	back := scenarios.Default()
	if err := json.Unmarshal(text, back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(s.Points(), back.Points()); diff != "" {
		t.Errorf("points after JSON (-want +got):\n%s", diff)
	}
	if err := back.Validate(); err != nil || !slices.Equal(back.Expects, []string{"trend"}) {
		t.Errorf("after JSON: %v, expects %q", err, back.Expects)
	}
}

func TestAnAxisIsReadAsStrictlyAsItsKey(t *testing.T) { // R1
	const sound = "schedule: {rate: 1/s}\n"
	for _, c := range []struct {
		text string
		want []string
	}{
		{"axes: [clients]", []string{`x.yaml:2: axes: want keys with lists of values below it, such as clients: [100, 1000]`}},
		{"axes: {clinets: [1]}", []string{`x.yaml:2: axes: unknown key clinets: did you mean clients?`}},
		{"axes:\n  schedule.rat: [1/s]", []string{`x.yaml:3: axes: unknown key schedule.rat: did you mean schedule.rate?`}},
		{"axes: {schedule: [1/s]}", []string{`x.yaml:2: axes: schedule has keys below it: name one, such as schedule.kind`}},
		{"axes: {payload.size.Min: [1]}", []string{`x.yaml:2: axes: unknown key payload.size.Min (have size, content, raw)`}},
		{"axes: {seed: [1, 2]}", []string{`x.yaml:2: axes: seed is no axis: it is the same for a whole run`}},
		{"axes: {clients: 5}", []string{`x.yaml:2: axes.clients: want a list of values, such as [100, 1000]`}},
		{"axes: {clients: []}", []string{`x.yaml:2: axes.clients: no values: want a list of them`}},
		{"axes:\n  clients:\n  - 5\n  - many\n  - ~", []string{
			`x.yaml:5: axes.clients: want a whole number`,
			`x.yaml:6: axes.clients: no value: want a whole number`,
		}},
		{"axes: {poll.interval: [fast]}", []string{`x.yaml:2: axes.poll.interval: "fast" is not a length of time: want one such as 400ms or 1m30s`}},
		{"axes: {poll.interval: [1s, 1000ms]}", []string{`x.yaml:2: axes.poll.interval: 1s twice`}},
		{"clients: 7\naxes:\n  clients: [5]", []string{`x.yaml:4: axes: clients has a value of its own in line 2: leave out one of them`}},
		{"axes:\n  clients: [5]\nclients: 7", []string{`x.yaml:3: axes: clients has a value of its own in line 4: leave out one of them`}},
		{"axes:\n  clients: [5, 0]\n  slow.policy: [skip, disconnect]", []string{`x.yaml:3: clients: at clients=0 slow.policy=skip: 0: want 1 to 1000000`}},
		{"axes:\n  slow.policy: [ship]", []string{`x.yaml:3: slow.policy: "ship": did you mean skip? (have skip, disconnect)`}},
		{"topics: rooms\nroom: 20\naxes: {clients: [10, 19, 20]}", []string{`x.yaml:3: room: at clients=10: a room of 20 has more places than there are clients (10)`}},
		{"payload: {size: 9MiB}\naxes: {clients: [10, 20]}", []string{`x.yaml:2: payload.size: 9MiB: want 0B to 8MiB`}},
		{fmt.Sprintf("axes: {clients: [%s], log.keep: [%[1]s]}", numbers(17)), []string{`x.yaml:2: axes: more than 256 combinations: leave out values`}},
		{"expects: [tend]", []string{`x.yaml:2: expects: "tend": did you mean trend? (have `}},
		{"expects:\n- trend\n- unexplained", []string{`x.yaml:2: expects: unexplained cannot be expected: the accounting does not add up`}},
		{"expects: [trend, trend]", []string{`x.yaml:2: expects: trend twice`}},
	} {
		_, err := scenarios.Decode("x.yaml", []byte(sound+c.text))
		if err == nil {
			t.Errorf("%q is read", c.text)
			continue
		}
		got := problems(t, err)
		fits := slices.EqualFunc(got, c.want, strings.HasPrefix)
		if !fits {
			t.Errorf("%q:\n%q, want\n%q", c.text, got, c.want)
		}
	}
}

// numbers are those from 1 to n as a list.
func numbers(n int) string {
	var words []string
	for i := range n {
		words = append(words, fmt.Sprint(i+1))
	}
	return strings.Join(words, ", ")
}

func TestAHostileGridCostsNothing(t *testing.T) { // R11
	s := decode(t, "schedule: {rate: 1/s}")
	s.Axes = scenarios.Axes{}
	many := strings.Split(numbers(1000), ", ")
	for _, key := range []string{"clients", "room", "log.keep", "schedule.burst", "uplink.size", "payload.size"} {
		s.Axes[key] = many
	}
	if err := s.Validate(); err == nil || !strings.Contains(err.Error(), "combinations") {
		t.Errorf("10^18 points: %v", err)
	}
}

func TestRemarksNameThePointTheyAreOf(t *testing.T) {
	s := decode(t, "schedule: {rate: 1/s}\ntrials: 1\naxes: {duration: [10s, 40s], clients: [10, 20]}")
	want := []string{
		"at clients=10 duration=10s: about 10 events in all trials of a transport: percentiles need 30, raise the duration, the rate or the trials",
		"intervals need 6 trials, this has 1",
	}
	if diff := cmp.Diff(want, s.Remarks()); diff != "" {
		t.Errorf("remarks (-want +got):\n%s", diff)
	}
}

func TestCostsTellTheTermsApart(t *testing.T) {
	s, err := scenarios.Load("costs")
	if err != nil {
		t.Fatal(err)
	}
	for key, least := range map[string]int{"clients": 3, "schedule.rate": 2, "poll.interval": 2, "longpoll.hold": 2} {
		if got := len(s.Axes[key]); got < least {
			t.Errorf("%d values of %s, want %d", got, key, least)
		}
	}
	for _, p := range s.Points() {
		apart := 1 / float64(p.Scenario.Schedule.Rate)
		hold := p.Scenario.Longpoll.Hold.Duration().Seconds()
		if ratio := hold / apart; ratio > 0.9 && ratio < 1.1 {
			t.Errorf("at %s a request ends when an event comes: which of the two it was is chance", p)
		}
	}
}
