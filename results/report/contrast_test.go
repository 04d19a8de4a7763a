package report_test

import (
	"regexp"
	"strings"
	"testing"

	"pushbench/results"
	"pushbench/results/report"
)

// onStacks is the sample on both stacks, of which lean takes half the CPU, beside a
// baseline that takes a quarter of what ws does on std. All of it is valid.
func onStacks() *results.Run {
	run := sample()
	run.Executed = []byte(strings.Replace(executed, `{`, `{"stack":"both","baseline":true,"events_per_write":3,`, 1))
	var beside []results.Trial
	for i := range run.Trials {
		run.Trials[i].Verdict = results.Verdict{State: results.Valid}
		one := run.Trials[i]
		run.Trials[i].Usage.ServerCPU *= 4
		one.Stack = "lean"
		if one.Transport == "ws" {
			baseline := one
			baseline.Transport = results.Baseline
			beside = append(beside, baseline)
		}
		one.Usage.ServerCPU *= 2
		beside = append(beside, one)
	}
	run.Trials = append(run.Trials, beside...)
	run.Planned = len(run.Trials)
	return run
}

func TestARunOnSeveralStacksIsToldApart(t *testing.T) { // R6
	table := render(t, "table", onStacks(), report.Options{})
	for _, want := range []string{
		`(?m)^ ws/std +.*valid 6/6`, `(?m)^ ws/lean +.*valid 6/6`, `(?m)^ tcp/lean +.*valid 6/6`,
		`(?m)^ lean ÷ std +CPU +p50 +p99 +RSS$`, `(?m)^ ws +0\.500 `,
		`(?m)^ ÷ tcp +CPU +p50 +p99 +RSS$`, `(?m)^ ws/std +4 \(4 to 4\) +1 `, `(?m)^ ws/lean +2 \(2 to 2\) +1 `, `(?m)^ sse/std +8 `,
	} {
		if !regexp.MustCompile(want).MatchString(table) {
			t.Errorf("no match of %s in\n%s", want, table)
		}
	}
	for _, want := range []string{"the stack makes a difference of up to 2.0×", "on the stacks std and lean and of the baseline tcp", "events in a write: 3 at most"} {
		if !strings.Contains(strings.Join(strings.Fields(table), " "), want) {
			t.Errorf("%q is not in\n%s", want, table)
		}
	}
	if table := render(t, "table", sample(), report.Options{}); strings.Contains(table, "÷") || strings.Contains(table, "stack") {
		t.Errorf("a run on one stack says of stacks:\n%s", table)
	}
}

func TestAPageRanksEachStackByItself(t *testing.T) { // R6
	page := render(t, "html", onStacks(), report.Options{})
	for _, want := range []string{"Of 2 stacks, first or level with the first in latency p99: ws at 2.", "on std", "on lean", "Latency by percentile on lean"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %q", want)
		}
	}
	_, pictures, _ := strings.Cut(page, ">Pictures</h2>")
	pictures, _, cut := strings.Cut(pictures, ">Tables</h2>")
	if strings.Contains(pictures, "ws/") || !cut {
		t.Errorf("a picture has rows of both stacks, or is not found:\n%.2000s", pictures)
	}
	for i, never := range []string{"Of 2 loads", "tcp at 1", "tcp is first"} {
		if strings.Contains(page, never) {
			t.Errorf("%d: the page says %q", i, never)
		}
	}
}

func TestRatiosAreThereForPrograms(t *testing.T) { // R9
	csv := render(t, "csv", onStacks(), report.Options{})
	for _, want := range []string{
		"quick,ws,lean,over=ws/std,,,,,ratio_server_cpu_per_event,ratio,0.5,0.5,0.5,,",
		"quick,ws,std,over=tcp/lean,,,,,ratio_server_cpu_per_event,ratio,4,4,4,,",
	} {
		if !strings.Contains(csv, want) {
			t.Errorf("no line %s in\n%s", want, csv)
		}
	}
	if json := render(t, "json", onStacks(), report.Options{}); !regexp.MustCompile(`"over": \{\s+"transport": "tcp",\s+"stack": "lean"\s+\},\s+"ratios"`).MatchString(json) {
		t.Errorf("no ratios over the baseline in\n%s", json)
	}
}

// Whatever ran together on a stack cost what it cost on that one.
func TestWhatRanTogetherIsToldOfEachStack(t *testing.T) {
	run := onStacks()
	for i := range run.Trials {
		one := &run.Trials[i]
		one.Together = &results.Together{Transports: []string{"poll", "longpoll", "sse", "ws"}, Clients: 4000, Delivered: 80_000}
	}
	table := render(t, "table", run, report.Options{Width: 1 << 20})
	for _, want := range []string{"on std: on one server at the same time, all of them together took", "on lean: on one server at the same time, all of them together took"} {
		if strings.Count(table, want) != 1 {
			t.Errorf("%q is there %d times in\n%s", want, strings.Count(table, want), table)
		}
	}
}

// What a back-off does is told of each stack by itself, too.
func TestBackOffsAreRankedOnOneStackAtATime(t *testing.T) {
	run := stormy()
	var beside []results.Trial
	for i := range run.Trials {
		one := run.Trials[i]
		one.Stack = "lean"
		beside = append(beside, one)
	}
	alone := strings.Count(render(t, "table", run, report.Options{Width: 1 << 20}), "back-off for ")
	run.Trials = append(run.Trials, beside...)
	if both := strings.Count(render(t, "table", run, report.Options{Width: 1 << 20}), "back-off for "); alone == 0 || both != 2*alone {
		t.Errorf("%d sentences on one stack and %d on two, want twice as many", alone, both)
	}
}
