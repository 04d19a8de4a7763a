package main

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"pushbench/results"
	"pushbench/scenarios"
)

func TestTheCatalogueListsEveryScenarioInItsGroup(t *testing.T) {
	var out, errs bytes.Buffer
	if code := run(t.Context(), []string{"scenarios"}, nil, &out, &errs); code != 0 {
		t.Fatalf("exit code %d: %s", code, &errs)
	}
	listed := map[string]string{}
	group := ""
	for line := range strings.Lines(out.String()) {
		switch name, title, found := strings.Cut(strings.TrimSpace(line), " "); {
		case name == "":
		case !found:
			group = name
		case strings.TrimSpace(title) == "" || !strings.HasPrefix(line, "  "):
			t.Errorf("line %q has no title under a group", line)
		default:
			listed[name] = group
		}
	}
	for _, name := range scenarios.Names() {
		s, err := scenarios.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		if listed[name] != s.Group {
			t.Errorf("%s is listed under %q, want %q", name, listed[name], s.Group)
		}
		delete(listed, name)
	}
	if len(listed) > 0 {
		t.Errorf("listed and not there: %v", listed)
	}
}

// What is shown explains, and is a scenario still: the one that it explains.
func TestWhatIsShownExplainsAndCanBeRun(t *testing.T) {
	for _, name := range scenarios.Names() {
		var out, errs bytes.Buffer
		if code := run(t.Context(), []string{"scenarios", "show", name}, nil, &out, &errs); code != 0 {
			t.Fatalf("exit code %d: %s", code, &errs)
		}
		want, err := scenarios.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		prose, _, _ := strings.Cut(strings.ReplaceAll(out.String(), "\n# ", " "), "\n\n")
		prose = strings.Join(strings.Fields(strings.ReplaceAll(prose, "#", " ")), " ")
		for _, said := range []string{want.Title, want.Question, want.About, want.Measured} {
			if said = strings.Join(strings.Fields(said), " "); !strings.Contains(prose, said) {
				t.Errorf("%s does not say %q:\n%s", name, said, &out)
			}
		}
		for line := range strings.Lines(out.String()) {
			if len([]rune(strings.TrimRight(line, "\n"))) > 100 {
				t.Errorf("%s: a line that is too long: %q", name, line)
			}
		}
		want.Title, want.Group, want.Question, want.About, want.Measured = "", "", "", "", ""
		got, err := scenarios.Decode(name+".yaml", out.Bytes())
		if err != nil {
			t.Errorf("%s as it is shown: %v", name, err)
		} else if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s as it is shown (-want +got):\n%s", name, diff)
		}
	}
}

// small makes a scenario one that takes moments: few clients, one trial, short
// phases, the first and the last value of each axis. What cannot be shortened
// without a contradiction stays as long as it is.
func small(t *testing.T, s *scenarios.Scenario) {
	t.Helper()
	attempt := func(change func(*scenarios.Scenario)) {
		shrunk := *s
		shrunk.Axes = nil
		if shrunk.Uplink.Rate == 0 { // which an axis may give it
			shrunk.Uplink.To = scenarios.ToTopic
		}
		change(&shrunk)
		if shrunk.Validate() == nil {
			change(s)
		}
	}
	attempt(func(s *scenarios.Scenario) {
		s.Trials, s.Spares, s.Drain = 1, 0, max(s.Drain, scenarios.Duration(5*time.Second))
	})
	attempt(func(s *scenarios.Scenario) { s.Clients = max(12, 2*s.Room) })
	attempt(func(s *scenarios.Scenario) {
		s.Poll.Interval = min(s.Poll.Interval, scenarios.Duration(100*time.Millisecond))
	})
	attempt(func(s *scenarios.Scenario) { s.Warmup = min(s.Warmup, scenarios.Duration(50*time.Millisecond)) })
	attempt(func(s *scenarios.Scenario) {
		const soon = scenarios.Duration(100 * time.Millisecond)
		s.Vanish.At, s.Churn.Stay, s.Churn.Away = min(s.Vanish.At, soon), min(s.Churn.Stay, soon), min(s.Churn.Away, soon)
		s.Leave.At, s.Leave.For, s.Leave.Over = min(s.Leave.At, soon), min(s.Leave.For, soon), min(s.Leave.Over, soon)
	})
	attempt(func(s *scenarios.Scenario) {
		was := s.Duration
		s.Duration = min(s.Duration, scenarios.Duration(500*time.Millisecond))
		s.Faults = slices.Clone(s.Faults)
		for i := range s.Faults { // at the same place in a shorter phase
			f := &s.Faults[i]
			f.At, f.For = f.At*s.Duration/was, f.For*s.Duration/was
		}
		for _, at := range []*scenarios.Duration{&s.Vanish.At, &s.Churn.Stay, &s.Churn.Away, &s.Leave.At, &s.Leave.For, &s.Leave.Over} {
			*at = *at * s.Duration / was
		}
	})
	if s.Search.Key == "clients" { // each probe has the samples that a percentile needs
		s.Search.From, s.Search.To, s.Search.Within = "40", "60", 1
	}
	// So that something happens in half a second.
	attempt(func(s *scenarios.Scenario) {
		s.Schedule.Burst = min(s.Schedule.Burst, 10)
		s.Schedule.Rate = max(s.Schedule.Rate, 40)
	})
	attempt(func(s *scenarios.Scenario) {
		if s.Uplink.Rate > 0 {
			s.Uplink.Apart = min(s.Uplink.Apart, scenarios.Duration(50*time.Millisecond))
			s.Uplink.Rate = max(s.Uplink.Rate, 20)
		}
	})
	for key, values := range s.Axes {
		switch {
		case key == "clients":
			s.Axes[key] = []string{"8", "12"}
		case strings.HasPrefix(key, "poll.interval"):
			s.Axes[key] = []string{"50ms", "100ms"}
		case key == "schedule.burst":
			s.Axes[key] = []string{"1", "10"}
		case key == "schedule.rate":
			s.Axes[key] = []string{"20/s", "40/s"}
		case key == "uplink.rate" && s.Uplink.Rate > 0:
			s.Axes[key] = []string{"20/s", "40/s"}
		case len(values) > 2:
			s.Axes[key] = []string{values[0], values[len(values)-1]}
		}
	}
}

// Each scenario runs to a verdict on every transport that it names, and every
// event is accounted for. On a machine that runs tests the verdict may be any.
func TestEveryScenarioRunsToAVerdict(t *testing.T) {
	t.Parallel() // most of the time it waits
	pushbench := program(t)
	for _, name := range scenarios.Names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if testing.Short() && !slices.Contains([]string{"clock", "llm"}, name) {
				t.Skip("one of many scenarios: run without -short")
			}
			s, err := scenarios.Load(name)
			if err != nil {
				t.Fatal(err)
			}
			small(t, s)
			if len(s.Transports) == 0 {
				s.Transports = transportNames()
			}
			if err := s.Validate(); err != nil {
				t.Fatalf("made small it is none: %v", err)
			}
			got := execute(t, pushbench, s)
			wantVerdicts(t, s, got)
			wantWhole(t, s, got)
		})
	}
}

// execute runs the scenario in a process of its own.
func execute(t *testing.T, pushbench string, s *scenarios.Scenario) *results.Run {
	t.Helper()
	executed, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	file, out := filepath.Join(t.TempDir(), "small.json"), filepath.Join(t.TempDir(), "out.json")
	asked := &results.Run{Schema: results.Schema, Scenario: s.Name, Executed: executed, Status: results.Complete}
	if err := results.Save(file, asked); err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), pushbench, "run", file, "-q", "-o", out)
	if said, err := command.CombinedOutput(); err != nil && exitCode(err) != "106" && exitCode(err) != "99" {
		t.Fatalf("%v: %s", err, said)
	}
	got, err := results.Load(out)
	if err != nil {
		t.Fatal(err)
	}
	if got.Status != results.Complete || len(got.Trials) < len(s.Transports) {
		t.Fatalf("%s with %d trials", got.Status, len(got.Trials))
	}
	return got
}

// wantVerdicts wants every transport measured, and numbers that add up.
func wantVerdicts(t *testing.T, s *scenarios.Scenario, got *results.Run) {
	t.Helper()
	seen := map[string]bool{}
	for i := range got.Trials {
		trial := &got.Trials[i]
		seen[trial.Transport] = true
		e := trial.Events
		if trial.Verdict.State == "" || e.Unexplained != 0 || e.Owed != e.Delivered+trial.Lost()+e.InFlight || e.Owed == 0 && trial.Traffic.Delivered == 0 {
			t.Errorf("%s %v: verdict %q, the numbers do not add up: %+v", trial.Transport, trial.Axes, trial.Verdict.State, e)
		}
		restarts := slices.ContainsFunc(s.Faults, scenarios.Fault.Ends) // takes what was not delivered yet with it
		if trial.Lost() != 0 && !slices.Contains(s.Expects, "lost") && !restarts && s.Vanish.Share == 0 {
			t.Errorf("%s %v lost %v, which the scenario does not expect", trial.Transport, trial.Axes, e.Lost)
		}
		if e.Duplicated != 0 || e.Reordered != 0 || e.Negative != 0 || e.Clipped != 0 {
			t.Errorf("%s %v: %+v", trial.Transport, trial.Axes, e)
		}
		if speaks := pointOf(trial, s).Uplink.Rate > 0; speaks != (trial.Traffic.Said > 0) || speaks && trial.Histograms[results.UplinkTime].Count() == 0 {
			t.Errorf("%s %v: %d messages from clients, %d with a way up", trial.Transport, trial.Axes, trial.Traffic.Said, trial.Histograms[results.UplinkTime].Count())
		}
		// What clients sent is among the events, or it ended in the server: in either
		// case the rest is the source's own.
		own, said := trial.Histograms[results.Lag].Count(), trial.Histograms[results.UplinkTime].Count()
		if s.Uplink.To == scenarios.ToServer {
			said = 0
		}
		if own+said != e.Published {
			t.Errorf("%s %v: %d events, %d of the source and %d of clients", trial.Transport, trial.Axes, e.Published, own, said)
		}
	}
	for _, name := range s.Transports {
		if !seen[name] {
			t.Errorf("no trial of %s", name)
		}
	}
}

// pointOf is the scenario at the trial's point.
func pointOf(trial *results.Trial, s *scenarios.Scenario) *scenarios.Scenario {
	for _, point := range s.Points() {
		if lies(trial, point) {
			return point.Scenario
		}
	}
	return s
}

// wantWhole wants all that the scenario asks for: each transport once at each point
// that says something to it, what is told of clients that are not like the others and
// of faults, and an answer to a search.
func wantWhole(t *testing.T, s *scenarios.Scenario, got *results.Run) {
	t.Helper()
	if len(got.Trials) != got.Planned {
		t.Errorf("%d of %d trials", len(got.Trials), got.Planned)
	}
	if s.Search.Key != "" {
		if len(got.Capacity) != len(s.Transports) {
			t.Errorf("%d capacities of %d transports", len(got.Capacity), len(s.Transports))
		}
		for _, c := range got.Capacity {
			if c.Ended == "" || c.Broke == "" || len(c.Probes) == 0 {
				t.Errorf("%s: a search without an answer: %+v", c.Transport, c)
			}
		}
		return
	}
	for _, name := range s.Transports {
		for _, point := range s.Points() {
			var at []*results.Trial
			for i := range got.Trials {
				if trial := &got.Trials[i]; trial.Transport == name && lies(trial, point) {
					at = append(at, trial)
				}
			}
			if len(at) != 1 {
				t.Errorf("%s at %s: %d trials, want one", name, point, len(at))
				continue
			}
			wantGroups(t, at[0], point.Scenario)
		}
	}
}

// lies says whether the trial is one at the point: it has the same values, but for
// axes that say nothing to its transport.
func lies(trial *results.Trial, point scenarios.Point) bool {
	for key, value := range point.Axes {
		group, _, _ := strings.Cut(key, ".")
		asks := trial.Transport == "poll" || trial.Transport == "longpoll"
		others := group != trial.Transport && slices.Contains(transportNames(), group) || (key == "heartbeat" || key == "events_per_write") && asks
		if got, has := trial.Axes[key]; has && got != value || !has && !others {
			return false
		}
	}
	return true
}

func wantGroups(t *testing.T, trial *results.Trial, s *scenarios.Scenario) {
	t.Helper()
	leaving := s.Leave.Share.Of(s.Clients)
	if s.Churn.Stay > 0 {
		leaving = s.Clients
	}
	for group, want := range map[string]int{
		results.GroupSlow:     s.Slow.Share.Of(s.Clients),
		results.GroupVanished: s.Vanish.Share.Of(s.Clients),
		results.GroupLeaving:  leaving,
	} {
		if n := trial.Groups[group].Clients; n != want {
			t.Errorf("%s %v: %d clients are %s, want %d", trial.Transport, trial.Axes, n, group, want)
		}
	}
	var suffered []string
	if trial.Recovery != nil {
		for _, f := range trial.Recovery.Faults {
			suffered = append(suffered, f.Spec)
		}
	}
	if got, want := strings.Join(suffered, ", "), s.Faults.String(); got != want && (got != "" || len(s.Faults) > 0) {
		t.Errorf("%s %v: suffered %q, want %q", trial.Transport, trial.Axes, got, want)
	}
}
