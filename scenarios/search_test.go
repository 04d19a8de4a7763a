package scenarios_test

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"pushbench/scenarios"
)

const searchText = "schedule: {rate: 100/s}\nslo: [latency_p99 < 100ms]\n"

func TestASearchThatMakesNoSenseSaysWhatToDo(t *testing.T) { // R1
	for _, c := range []struct{ text, want string }{
		{"search: {from: 1, to: 5}", `x.yaml:3: search.key: a search needs the key that it varies, such as clients`},
		{"search: {key: clints, from: 1, to: 5}", `x.yaml:3: search.key: unknown key clints: did you mean clients?`},
		{"search: {key: topics, from: own, to: rooms}", `x.yaml:3: search.from: want a number, which a search can go up or down, such as clients or schedule.rate`},
		{"search: {key: seed, from: 1, to: 5}", `x.yaml:3: search.key: seed is no axis: it is the same for a whole run`},
		{"search: {key: search.from, from: 1, to: 5}", `x.yaml:3: search.key: search.from is no axis: it is the same for a whole run`},
		{"search: {key: payload, from: 1, to: 5}", `x.yaml:3: search.key: payload has keys below it: name one, such as payload.size`},
		{"search: {key: clients, from: few, to: 5}", `x.yaml:3: search.from: "few": want a whole number`},
		{"search:\n  key: clients\n  from: 1", `x.yaml:3: search.to: "": want a whole number`},
		{"search: {key: clients, from: 0, to: 5}", `x.yaml:3: search: 0 to 5: both ends must be above zero`},
		{"search: {key: clients, from: 5, to: 5}", `x.yaml:3: search: both ends are 5: there is nothing to look for`},
		{"search: {key: clients, from: 1, to: 5, within: 5}", `x.yaml:3: search.within: "5" is not a share: want one such as 5%, at most 1000%`},
		{"search: {key: clients, from: 1, to: 5, within: 0.1%}", `x.yaml:3: search.within: 0.1%: want 1% to 100%`},
		{"search: {key: clients, from: 1, to: 5000000}", `x.yaml:3: clients: at clients=5000000: 5000000: want 1 to 1000000`},
		{"clients: 5\nsearch: {key: clients, from: 1, to: 5}", `x.yaml:4: search.key: clients has a value of its own in line 3: leave it out, since a search begins at from`},
		{"axes: {heartbeat: [1s, 2s]}\nsearch: {key: clients, from: 1, to: 5}", `x.yaml:4: search: a search goes its own way through one key: leave out either search or axes`},
		{"transports: [poll, ws]\nslo: [ws:lost == 0]\nsearch: {key: clients, from: 1, to: 5}", `x.yaml:3: slo: it demands nothing of poll, which would hold whatever it is given`},
		{"together: true\nsearch: {key: clients, from: 1, to: 5}", `x.yaml:4: search: a search finds the limit of each transport by itself: leave out either search or together`},
		{"thresholds: [lost == 0]\nsearch: {key: clients, from: 1, to: 5}", `x.yaml:3: thresholds: lost == 0: it judges the rows of a run, and those of a search are its probes: say what shall hold in slo, or demand a capacity`},
		{"thresholds: [capacity >= 3/s]\nsearch: {key: clients, from: 1, to: 5}", `x.yaml:3: thresholds: capacity >= 3/s: capacity is a bare number, without "/s"`},
		{"thresholds: [capacity >= 3]", `x.yaml:3: thresholds: capacity >= 3: without a search there is no capacity`},
		{"duration: 100ms\nsearch: {key: clients, from: 1, to: 5}", `x.yaml:2: slo: latency_p99 < 100ms: a probe has about 10 events, and its percentiles need 30: raise the duration or the rate`},
		{"payload: {raw: true}\nsearch: {key: clients, from: 1, to: 5}", `x.yaml:2: slo: latency_p99 < 100ms: without due instants there is no such number`},
		{"slo: [p99.9 < 100ms]\nduration: 1600ms\nsearch: {key: clients, from: 5, to: 500}", `x.yaml:2: slo: at clients=5: latency_p999 < 100ms: a probe has about 800 deliveries, and this percentile needs 10000: raise the duration or the rate, or begin with more clients`},
		{"slo: [fanout_p99 < 100ms]\nduration: 1600ms\nsearch: {key: clients, from: 5, to: 500}", `x.yaml:2: slo: fanout_p99 < 100ms: a probe has about 160 events, and this percentile needs 1000: raise the duration or the rate, or begin with more clients`},
		{"search: clients", `x.yaml:3: search: want keys with values below it, such as key, from, to, within`},
	} {
		text := searchText + c.text
		if strings.Contains(c.text, "slo: ") {
			text = "schedule: {rate: 100/s}\n" + c.text
		}
		refuses(t, text, c.want)
	}
	_, err := scenarios.Decode("x.yaml", []byte("schedule: {rate: 1/s}\nsearch: {key: clients, from: 1, to: 5}"))
	if err == nil || !strings.Contains(err.Error(), "slo: a search needs what shall hold") {
		t.Errorf("a search without an SLO: %v", err)
	}
}

func TestAWrongDemandNamesItsLine(t *testing.T) { // R5
	_, err := scenarios.Decode("x.yaml", []byte(`schedule: {rate: 100/s}
slo:
  - latency_p99 < 100ms
  - lantency_p99 < 100ms
  - sse: latency_p99 < 100ms
thresholds: [lost == 0, lost == 0ms, p99 < 5]
`))
	want := []string{
		`x.yaml:4: slo: "lantency_p99 < 100ms", character 1: unknown metric "lantency_p99": did you mean latency_p99?`,
		`x.yaml:5: slo: want text: write sse:latency_p99 without a space behind the colon`,
		`x.yaml:6: thresholds: "lost == 0ms", character 10: lost is a bare number, without "ms"`,
		`x.yaml:6: thresholds: "p99 < 5", character 8: latency_p99 needs a unit (ns, us, µs, ms, s, min)`,
	}
	if err == nil || !slices.Equal(problems(t, err), want) {
		t.Errorf("problems %q, want %q", err, want)
	}
	for text, want := range map[string]string{
		"slo: lost == 0":                      "x.yaml:2: slo: want a list, such as [latency_p99 < 100ms, lost == 0]",
		"slo: [p99 < 5ms, latency_p99 < 5ms]": "x.yaml:2: slo: latency_p99 < 5ms twice",
		"slo: [~]":                            "x.yaml:2: slo: no value: want one value",
	} {
		_, err := scenarios.Decode("x.yaml", []byte("schedule: {rate: 100/s}\n"+text))
		if err == nil || !slices.Contains(problems(t, err), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func TestWhatALoadCanNeverTellIsNoDemand(t *testing.T) { // R1
	const none = " there is no such number: give the load "
	for _, c := range []struct{ text, want string }{
		{"transports: [sse]\nthresholds: [ws:p99 < 5ms]", "x.yaml:3: thresholds: ws:latency_p99 < 5ms: ws is not among the transports (sse): add it to them, or leave this out"},
		{"payload: {raw: true}\nthresholds: [staleness_mean < 1s]", "x.yaml:3: thresholds: staleness_mean < 1s: without due instants there is no such number"},
		{"payload: {raw: true}\nthresholds: [client_spread < 5]", "x.yaml:3: thresholds: client_spread < 5: without due instants there is no such number"},
		{"together: true\nthresholds: [server_cpu_per_event < 5us]", "x.yaml:3: thresholds: server_cpu_per_event < 5us: one server serves all transports together, and nobody can say whose this is: demand together_server_cpu_per_event or together_server_rss_per_client, or set together to false"},
		{"thresholds: [together_server_cpu_per_event < 5us]", "x.yaml:2: thresholds: together_server_cpu_per_event < 5us: without all transports at the same time" + none + "together: true, or leave this out"},
		{"thresholds: [restored_max < 5s]", "x.yaml:2: thresholds: restored_max < 5s: without faults" + none + "faults, or leave this out"},
		{"thresholds: [uplink_p99 < 5s]", "x.yaml:2: thresholds: uplink_p99 < 5s: without messages from clients" + none + "uplink.rate, or leave this out"},
		{"slo: [found_slow_max < 5s]", "x.yaml:2: slo: found_slow_max < 5s: without slow readers" + none + "slow.share, or leave this out"},
		{"slo: [vanished_found > 5]", "x.yaml:2: slo: vanished_found > 5: without clients that vanish" + none + "vanish.share, or leave this out"},
		{"slo: [catchup_p95 < 5s]", "x.yaml:2: slo: catchup_p95 < 5s: without clients that come and go" + none + "churn.stay or leave.share, or leave this out"},
		{"slo: [lost_by_others == 0]", "x.yaml:2: slo: lost_by_others == 0: without clients that do more than receive, or less" + none + "slow.share, vanish.share, churn.stay or leave.share, or leave this out"},

		{"transports: [sse]\nslo: [ws:p99 < 5ms]", ""},
		{"axes: {faults: [none, reset at 1s]}\nthresholds: [restored_max < 5s]", ""},
		{"faults: reset at 1s\nthresholds: [restored_max < 5s]", ""},
		{"payload: {raw: true}\nthresholds: [lag_p99 < 1s, throughput > 5/s]", ""},
		{"churn: {stay: 1s, away: 1s}\nthresholds: [catchup_p95 < 5s, lost_by_others == 0]", ""},
	} {
		_, err := scenarios.Decode("x.yaml", []byte("schedule: {rate: 100/s}\n"+c.text))
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%q: %v", c.text, err)
		case c.want != "" && (err == nil || !slices.Contains(problems(t, err), c.want)):
			t.Errorf("%q: %v, want %q", c.text, err, c.want)
		}
	}
}

func TestDemandsAreReadFromAList(t *testing.T) { // R5
	s := decode(t, "schedule: {rate: 100/s}\nslo: [sse:p99 < 100ms, lost == 0, verdict valid]\nthresholds:\n- throughput >= 5/s\n")
	if got := fmt.Sprint(s.SLO, s.Thresholds); got != "[sse:latency_p99 < 100ms lost == 0 verdict valid] [throughput >= 5/s]" {
		t.Errorf("read as %s", got)
	}
	text, err := json.Marshal(s)
	back := scenarios.Default()
	if err == nil {
		err = json.Unmarshal(text, back)
	}
	if err != nil || !slices.Equal(back.SLO, s.SLO) || !slices.Equal(back.Thresholds, s.Thresholds) {
		t.Errorf("after JSON %v %v (%v)", back.SLO, back.Thresholds, err)
	}
}

func TestALadderGoesFromTheEasiestToTheHardestInEqualSteps(t *testing.T) {
	for _, c := range []struct {
		search, unit string
		first, last  string
		rungs        int
	}{
		{"key: clients, from: 250, to: 16000, within: 5%", "", "250", "16000", 87},
		{"key: clients, from: 250, to: 16000", "", "250", "16000", 45},
		{"key: clients, from: 1, to: 8, within: 100%", "", "1", "8", 4},
		{"key: clients, from: 1, to: 5, within: 5%", "", "1", "5", 5}, // there are no more whole numbers
		{"key: schedule.rate, from: 10/s, to: 100/s, within: 10%", "/s", "10/s", "100/s", 26},
		{"key: payload.size, from: 64B, to: 64KiB, within: 100%", "B", "64B", "64KiB", 11},
		{"key: poll.interval, from: 2s, to: 50ms, within: 20%", "ms", "2s", "50ms", 22},
	} {
		text := "slo: [lost == 0]\nsearch: {" + c.search + "}\n"
		if !strings.Contains(c.search, "schedule.rate") {
			text += "schedule: {rate: 10/s}\n"
		}
		s := decode(t, text)
		ladder := s.Ladder()
		key := s.Search.Key
		if len(ladder) != c.rungs || ladder[0].Axes[key] != c.first || ladder[len(ladder)-1].Axes[key] != c.last || ladder[0].Unit != c.unit {
			t.Errorf("%s: %d rungs from %v to %v in %q, want %d from %s to %s in %q", c.search,
				len(ladder), ladder[0].Axes, ladder[len(ladder)-1].Axes, ladder[0].Unit, c.rungs, c.first, c.last, c.unit)
		}
		for i, rung := range ladder[1:] {
			before := ladder[i]
			ratio := math.Max(rung.Value/before.Value, before.Value/rung.Value)
			if same := rung.Axes[key] == before.Axes[key]; same || c.unit != "" && ratio > 2.001 {
				t.Errorf("%s: %v follows %v", c.search, rung.Axes, before.Axes)
			}
			if err := rung.Scenario.Validate(); err != nil || rung.Scenario.Search.Key != "" {
				t.Errorf("%s: at %v: %v", c.search, rung.Axes, err)
			}
		}
		if s.Clients != 1000 && c.unit != "" || c.unit == "" && fmt.Sprint(s.Clients) != c.first {
			t.Errorf("%s: the scenario has %d clients", c.search, s.Clients)
		}
	}
	if s := decode(t, "schedule: {rate: 10/s}"); s.Ladder() != nil {
		t.Error("without a search there is a ladder")
	}
}

func TestAShareIsReadAsItIsWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := scenarios.Percent(rapid.Float64Range(1e-9, 10).Draw(t, "share"))
		var back scenarios.Percent
		if err := back.Set(p.String()); err != nil || math.Abs(float64(back-p)) > 1e-15*float64(p)+1e-15 {
			t.Fatalf("%v is written %s and read back %v (%v)", float64(p), p, float64(back), err)
		}
	})
	for text, want := range map[string]scenarios.Percent{"5%": 0.05, "0.5%": 0.005, "100%": 1} {
		var p scenarios.Percent
		if err := p.Set(text); err != nil || p != want || p.String() != text {
			t.Errorf("%q is read as %v and written as %q: %v", text, float64(p), p, err)
		}
	}
	for _, text := range []string{"", "5", "%", "0%", "-1%", "1001%", "NaN%", "5 %"} {
		if err := new(scenarios.Percent).Set(text); err == nil {
			t.Errorf("%q is read", text)
		}
	}
}
