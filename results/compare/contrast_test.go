package compare_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"pushbench/results"
	"pushbench/results/compare"
)

// A built is a transport on a stack, with what an event costs and its latency p99.
type built struct {
	transport, stack string
	cpu              time.Duration
	p99              time.Duration
}

// ours are two transports on both stacks and the baseline: the stack halves what an
// event costs and leaves latencies as they are, the transport does the reverse.
var ours = []built{
	{"sse", "std", 20 * time.Microsecond, 20 * time.Millisecond},
	{"ws", "std", 20 * time.Microsecond, 10 * time.Millisecond},
	{"sse", "lean", 10 * time.Microsecond, 20 * time.Millisecond},
	{"ws", "lean", 10 * time.Microsecond, 10 * time.Millisecond},
	{results.Baseline, "lean", 5 * time.Microsecond, 10 * time.Millisecond},
}

// onStacks is a run of these in so many blocks, each of which has weather of its own.
func onStacks(blocks int, all []built) *results.Run {
	run := &results.Run{Executed: json.RawMessage(`{}`)}
	for block := range blocks {
		weather := 1 + float64(block)/10
		for _, b := range all {
			one := trial(b.transport, block, time.Duration(weather*float64(b.p99)), time.Duration(weather*float64(b.cpu)))
			one.Stack = b.stack
			run.Trials = append(run.Trials, one)
		}
	}
	return run
}

func TestTransportsCompeteOnOneStackAtATime(t *testing.T) {
	findings := texts(compare.Findings(onStacks(6, ours)))
	for _, want := range []string{
		"difference: on std: ws has a 2.0× lower latency p99 than sse (2.0× to 2.0×)",
		"difference: on lean: ws has a 2.0× lower latency p99 than sse (2.0× to 2.0×)",
		"no-difference: on std: no difference shown between",
	} {
		if !strings.Contains(findings, want) {
			t.Errorf("%q is not in\n%s", want, findings)
		}
	}
	for _, never := range []string{"ws/lean has", "ws/std has", "than tcp", "tcp has"} {
		if strings.Contains(findings, never) {
			t.Errorf("%q compares what does not compete:\n%s", never, findings)
		}
	}
	var ranked []string
	for _, r := range compare.Rankings(onStacks(6, ours)) {
		for _, p := range r.Places {
			ranked = append(ranked, fmt.Sprintf("%s %s %s.%d", r.At, r.Stack, p.Transport, p.Rank))
		}
	}
	if want := []string{"on std std ws.1", "on std std sse.2", "on lean lean ws.1", "on lean lean sse.2"}; !slices.Equal(ranked, want) {
		t.Errorf("ranked %q, want %q", ranked, want)
	}
}

func TestItIsSaidWhatTheStackChangesAndWhatTheTransport(t *testing.T) {
	findings := texts(compare.Findings(onStacks(6, ours)))
	for _, want := range []string{
		"stack: server CPU per event: the stack makes a difference of up to 2.0× (sse: std over lean, 2.0× to 2.0×); the transport makes no difference that is shown on std, no difference that is shown on lean",
		"stack: latency p99: the stack makes no difference that is shown; the transport makes a difference of up to 2.0× (sse over ws, 2.0× to 2.0×) on std, a difference of up to 2.0× (sse over ws, 2.0× to 2.0×) on lean",
	} {
		if !strings.Contains(findings, want) {
			t.Errorf("%q is not in\n%s", want, findings)
		}
	}
	few := texts(compare.Findings(onStacks(5, ours)))
	if strings.Contains(few, "the stack makes") {
		t.Errorf("five blocks have no intervals, and yet:\n%s", few)
	}
	alone := texts(compare.Findings(onStacks(6, ours[:2])))
	if strings.Contains(alone, "stack") {
		t.Errorf("a run on one stack says of stacks:\n%s", alone)
	}
}

func TestTheStacksOfASingleTransportCompete(t *testing.T) {
	run := onStacks(6, []built{ours[1], ours[3]})
	findings := texts(compare.Findings(run))
	if want := "difference: ws/lean delivers an event for 2.0× less server CPU than ws/std (2.0× to 2.0×)"; !strings.Contains(findings, want) {
		t.Errorf("%q is not in\n%s", want, findings)
	}
	if n := len(compare.Rankings(run)); n != 1 {
		t.Errorf("%d rankings of one transport on two stacks, want one", n)
	}
}

// contrasted writes contrasts as text, in server CPU per event.
func contrasted(all []compare.Contrast) (texts []string) {
	for _, c := range all {
		ratio := c.Ratios["server_cpu_per_event"]
		texts = append(texts, fmt.Sprintf("%s/%s over %s/%s %.2f", c.Transport, c.Stack, c.Over.Transport, c.Over.Stack, ratio.Median))
	}
	return texts
}

func TestRowsAreContrastedBlockByBlock(t *testing.T) {
	run := onStacks(6, ours)
	rows := compare.Rows(run)
	if got, want := contrasted(compare.OverStack(run, rows)), []string{"sse/lean over sse/std 0.50", "ws/lean over ws/std 0.50"}; !slices.Equal(got, want) {
		t.Errorf("over another stack: %q, want %q", got, want)
	}
	over := compare.OverBaseline(run, rows)
	if got, want := contrasted(over), []string{
		"sse/std over tcp/lean 4.00", "sse/lean over tcp/lean 2.00", "ws/std over tcp/lean 4.00", "ws/lean over tcp/lean 2.00",
	}; !slices.Equal(got, want) {
		t.Errorf("over the baseline: %q, want %q", got, want)
	}
	for _, c := range over {
		// The weather of a block, up to half as much again, cancels out.
		if r := c.Ratios["server_cpu_per_event"]; r.Lo == nil || math.Abs(*r.Hi / *r.Lo - 1) > 0.001 {
			t.Errorf("%s/%s: %+v is not of ratios block by block", c.Transport, c.Stack, r)
		}
	}
	none := onStacks(6, ours[:2])
	if got := append(compare.OverStack(none, compare.Rows(none)), compare.OverBaseline(none, compare.Rows(none))...); len(got) > 0 {
		t.Errorf("contrasts of a run on one stack without a baseline: %+v", got)
	}
}

func TestARowIsContrastedWithThatOfItsOwnLoad(t *testing.T) {
	run := new(results.Run)
	for block := range 6 {
		for _, clients := range []string{"10", "100"} {
			cost := map[string]time.Duration{"10": 1, "100": 3}[clients] * time.Microsecond
			for _, b := range []built{{"poll", "std", 8 * cost, time.Second}, {results.Baseline, "lean", cost * cost / time.Microsecond, time.Second}} {
				one := trial(b.transport, block, b.p99, b.cpu)
				one.Stack, one.Axes = b.stack, map[string]string{"clients": clients}
				if b.transport == "poll" { // which the baseline does not heed
					one.Axes["poll.interval"] = "1s"
				}
				run.Trials = append(run.Trials, one)
			}
		}
	}
	got := map[string]float64{}
	for _, c := range compare.OverBaseline(run, compare.Rows(run)) {
		got[c.Axes["clients"]+" over "+c.Over.Axes["clients"]] = math.Round(100*c.Ratios["server_cpu_per_event"].Median) / 100
	}
	if want := map[string]float64{"10 over 10": 8, "100 over 100": 2.67}; !maps.Equal(got, want) {
		t.Errorf("contrasts %v, want %v", got, want)
	}
	findings := texts(compare.Findings(run))
	for _, want := range []string{
		"distance: at clients=10: server CPU per event over tcp on std: poll 8.0× (8.00× to 8.00×)",
		"distance: at clients=100: server CPU per event over tcp on std: poll 2.7× (2.67× to 2.67×)",
	} {
		if !strings.Contains(findings, want) {
			t.Errorf("%q is not in\n%s", want, findings)
		}
	}
}

func TestWhatIsNotRankedIsNotContrasted(t *testing.T) {
	run := onStacks(6, ours)
	for i := range run.Trials {
		if run.Trials[i].Transport == results.Baseline && run.Trials[i].Block < 3 {
			run.Trials[i].Verdict.State = results.Invalid
		}
	}
	if got := compare.OverBaseline(run, compare.Rows(run)); len(got) > 0 {
		t.Errorf("contrasts with a baseline that is not ranked: %+v", got)
	}
	for i := range run.Trials {
		if run.Trials[i].Transport == "ws" && run.Trials[i].Stack == "lean" {
			run.Trials[i].Arm = results.Again
		}
	}
	doubtful := onStacks(6, ours)
	for i := range doubtful.Trials {
		if one := &doubtful.Trials[i]; one.Transport == "ws" && one.Block < 3 {
			one.Verdict.State = results.Suspect
		}
	}
	if got, want := contrasted(compare.OverBaseline(doubtful, compare.Rows(doubtful))), []string{"sse/std over tcp/lean 4.00", "sse/lean over tcp/lean 2.00"}; !slices.Equal(got, want) {
		t.Errorf("contrasts %q, want %q: the rows of ws are not ranked", got, want)
	}
	if got, want := contrasted(compare.OverStack(run, compare.Rows(run))), []string{"sse/lean over sse/std 0.50"}; !slices.Equal(got, want) {
		t.Errorf("contrasts %q, want %q: what is measured again is none", got, want)
	}
}

func TestCapacitiesCompeteOnOneStackAndAcrossTheStacksOfOneTransport(t *testing.T) {
	found := func(transport, stack string, value float64) results.Capacity {
		lo, hi := value-10, value+10
		return results.Capacity{Transport: transport, Stack: stack, Key: "clients", Value: &value, Lo: &lo, Hi: &hi, Ended: results.EndedKnee,
			Broke: results.BrokeServerCPU, SLO: []string{"lost == 0"}}
	}
	run := &results.Run{Capacity: []results.Capacity{
		found("sse", "std", 1000), found("sse", "lean", 4000), found("ws", "std", 2000), found("ws", "lean", 4000), found(results.Baseline, "lean", 9000),
	}}
	findings := texts(compare.Findings(run))
	for _, want := range []string{
		"capacity: tcp/lean holds lost == 0 with 9000 clients",
		"capacity: ws/std holds 2.0× as many clients as sse/std",
		"capacity: no difference shown between sse/lean and ws/lean in clients",
		"capacity: sse/lean holds 4.0× as many clients as sse/std",
		"capacity: ws/lean holds 2.0× as many clients as ws/std",
	} {
		if !strings.Contains(findings, want) {
			t.Errorf("%q is not in\n%s", want, findings)
		}
	}
	if strings.Contains(findings, "tcp/lean holds 2") || strings.Contains(findings, "as tcp") {
		t.Errorf("the baseline competes:\n%s", findings)
	}
	if n := len(strings.Split(findings, "\n")); n != 9 {
		t.Errorf("%d sentences, want five of what is held and four of what differs:\n%s", n, findings)
	}
}
