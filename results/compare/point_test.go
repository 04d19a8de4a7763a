package compare_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pushbench/results"
	"pushbench/results/compare"
)

// grid is a run at two numbers of clients, with poll at two intervals of its own;
// ws is better with few clients, sse with many.
func grid() *results.Run {
	run := &results.Run{Executed: json.RawMessage(`{"axes":{"clients":["20","100"],"poll.interval":["500ms","1s"]}}`)}
	for block := range 6 {
		for _, clients := range []string{"100", "20"} {
			at := func(transport string, p99 int, axes map[string]string) {
				axes["clients"] = clients
				one := trial(transport, block, time.Duration(p99)*time.Millisecond, 10*time.Microsecond)
				one.Axes = axes
				run.Trials = append(run.Trials, one)
			}
			ws := map[string]int{"20": 10, "100": 40}[clients]
			at("ws", ws, map[string]string{})
			at("sse", 20, map[string]string{})
			at("poll", 1000, map[string]string{"poll.interval": "1s"})
			at("poll", 500, map[string]string{"poll.interval": "500ms"})
		}
	}
	return run
}

func TestRowsComeInTheOrderOfTheAxesValues(t *testing.T) {
	var got []string
	rows := compare.Rows(grid())
	for _, r := range rows {
		got = append(got, compare.Label(r.Cell, rows))
	}
	want := []string{
		"poll clients=20 interval=500ms", "poll clients=20 interval=1s", "poll clients=100 interval=500ms", "poll clients=100 interval=1s",
		"sse clients=20", "sse clients=100", "ws clients=20", "ws clients=100",
	}
	if !slices.Equal(got, want) {
		t.Errorf("rows %q, want %q", got, want)
	}
}

func TestOnlyTransportsUnderTheSameLoadCompete(t *testing.T) {
	findings := compare.Findings(grid())
	got := texts(findings)
	for _, want := range []string{
		"difference: at clients=20: ws has a 2.0× lower latency p99 than sse (2.0× to 2.0×)",
		"difference: at clients=100: sse has a 2.0× lower latency p99 than ws (2.0× to 2.0×)",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
	if len(findings) > 4 {
		t.Errorf("%d findings are too many:\n%s", len(findings), got)
	}
}

func TestAPointWithFewTrialsSaysSoItself(t *testing.T) {
	run := grid()
	for i := range run.Trials {
		if one := &run.Trials[i]; one.Block == 0 && one.Axes["clients"] == "20" {
			one.Verdict.State = results.Suspect
		}
	}
	got := texts(compare.Findings(run))
	for _, want := range []string{
		"too-few: at clients=20: no difference can be shown: intervals need 6 valid trials of each, there are 5",
		"difference: at clients=100: sse has",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
}

func TestLabelsAreShortAndTellCellsApart(t *testing.T) {
	cells := func(axes ...map[string]string) (rows []compare.Row) {
		for _, a := range axes {
			rows = append(rows, compare.Row{Cell: results.Cell{Transport: "sse", Axes: a}})
		}
		return rows
	}
	same := cells(nil, nil)
	same[1].Arm = results.Again
	for _, c := range []struct {
		rows []compare.Row
		want string
	}{
		{cells(map[string]string{"schedule.rate": "1/s"}, map[string]string{"schedule.rate": "2/s"}), "[sse rate=1/s sse rate=2/s]"},
		{cells(map[string]string{"schedule.rate": "1/s", "uplink.rate": "3/s"}, map[string]string{"schedule.rate": "2/s", "uplink.rate": "3/s"}),
			"[sse schedule.rate=1/s sse schedule.rate=2/s]"},
		{cells(map[string]string{"poll.interval": "1s"}, nil), "[sse interval=1s sse]"},
		{same, "[sse sse (again)]"},
	} {
		var got []string
		for _, r := range c.rows {
			got = append(got, compare.Label(r.Cell, c.rows))
		}
		if fmt.Sprint(got) != c.want {
			t.Errorf("labels %q, want %s", got, c.want)
		}
	}
}

func TestTheLeadIsTheLeastCertainPoints(t *testing.T) {
	run := grid()
	for i := range run.Trials {
		if one := &run.Trials[i]; one.Block == 3 && one.Transport == "ws" && one.Axes["clients"] == "100" {
			axes := one.Axes
			*one = trial("ws", 3, 44*time.Millisecond, time.Microsecond)
			one.Axes = axes
		}
	}
	lead, ok := compare.Leading(run)
	if want := "latency p99 of ws clients=100 over sse clients=100"; !ok || lead.Words != want || lead.Width < 0.09 || lead.Width > 0.11 {
		t.Errorf("%+v, want %s, 0.1 wide", lead, want)
	}
}

func TestThereIsALeadOnlyWithAnInterval(t *testing.T) {
	p99 := map[string]time.Duration{"sse": 10 * time.Millisecond, "ws": 8 * time.Millisecond, "poll": time.Second}
	if lead, ok := compare.Leading(blocks(5, p99)); ok {
		t.Errorf("five blocks: %+v", lead)
	}
	lead, ok := compare.Leading(blocks(6, p99))
	if !ok || lead.Words != "latency p99 of sse over ws" || lead.Width <= 0 || lead.Width > 0.1 {
		t.Errorf("six blocks: %+v, %v", lead, ok)
	}
	delete(p99, "ws")
	delete(p99, "poll")
	run := blocks(6, p99)
	if lead, ok := compare.Leading(run); ok {
		t.Errorf("one transport: %+v", lead)
	}
	twice(run, "sse", 1)
	if lead, ok := compare.Leading(run); !ok || !strings.Contains(lead.Words, "sse (again)") {
		t.Errorf("one transport against itself: %+v, %v", lead, ok)
	}
	if lead, ok := compare.Leading(new(results.Run)); ok {
		t.Errorf("no trials: %+v", lead)
	}
}

func TestEndedSaysWhichBoundWasReached(t *testing.T) {
	run := blocks(8, map[string]time.Duration{"sse": time.Millisecond})
	for _, c := range []struct {
		until *results.Until
		want  string
	}{
		{nil, ""},
		{&results.Until{Width: 0.03}, ""},
		{&results.Until{Width: 0.03, MaxTime: time.Minute, Reached: 0.0272, Ratio: "p99 of a over b", Ended: results.UntilWidth},
			"ended after 8 blocks because the interval of p99 of a over b is 2.7 % wide, and less than 3 % was asked for"},
		{&results.Until{Width: 0.03, MaxTime: time.Minute, Reached: 0.05, Ratio: "p99 of a over b", Ended: results.UntilTime},
			"ended after 8 blocks because another would have gone beyond 1m0s: the interval of p99 of a over b is 5.0 % wide, and less than 3 % was asked for"},
		{&results.Until{Width: 0.03, MaxTime: time.Minute, Ended: results.UntilTime},
			"ended after 8 blocks because another would have gone beyond 1m0s: no interval could be told, and less than 3 % was asked for"},
		{&results.Until{Width: 0.03, MaxTime: time.Minute, Ended: results.UntilUnranked},
			"ended after 8 blocks because nothing can be ranked: too few trials are valid"},
	} {
		run.Until = c.until
		if got := compare.Ended(run); got != c.want {
			t.Errorf("%+v: %q, want %q", c.until, got, c.want)
		}
	}
}

// An interval of two transports says nothing of the others.
func TestEndedNamesWhatIsLeftOut(t *testing.T) {
	spoil := func(run *results.Run, of func(results.Cell) bool) *results.Run {
		for i := range run.Trials {
			if of(run.Trials[i].Cell) {
				run.Trials[i].Verdict.State = results.Invalid
			}
		}
		run.Until = &results.Until{Width: 0.03, MaxTime: time.Minute, Ended: results.UntilTime}
		return run
	}
	one := spoil(blocks(8, map[string]time.Duration{"sse": time.Second, "ws": time.Second}), func(c results.Cell) bool { return c.Transport == "ws" })
	if got, want := compare.Ended(one), ": no interval could be told (not ranked, and so left out: ws), and"; !strings.Contains(got, want) {
		t.Errorf("%q, want %q in it", got, want)
	}
	point := spoil(grid(), func(c results.Cell) bool { return c.Axes["clients"] == "100" })
	got := compare.Ended(point)
	for _, r := range compare.Rows(point) {
		if label := compare.Label(r.Cell, compare.Rows(point)); strings.Contains(got, label) == r.Ranked {
			t.Errorf("%s, ranked %v: %q", label, r.Ranked, got)
		}
	}
}
