package report_test

import (
	"encoding/xml"
	"math"
	"slices"
	"strconv"
	"strings"

	"pgregory.net/rapid"

	"pushbench/results"
	"pushbench/results/compare"
)

func benchmarksAgree(t *rapid.T, run *results.Run, d document, text string) {
	values, _, _ := benchmarks(t, text)
	ranked := 0
	for _, r := range d.Rows {
		clients := "100"
		if n, varied := r.Axes["clients"]; varied {
			clients = n
		}
		name := "Push/transport=" + r.Transport + "/stack=" + r.Stack + "/clients=" + clients
		if r.Arm != "" {
			name += "/arm=" + r.Arm
		}
		if run.Machine.CPUs > 0 {
			name += "-" + strconv.Itoa(run.Machine.CPUs)
		}
		of, there := values[name]
		if there != (r.Verdict == "valid") {
			t.Fatalf("%s is %s, and there are benchmarks of it: %v", name, r.Verdict, there)
		}
		if !there {
			continue
		}
		ranked++
		for metric, base := range map[string]struct {
			unit  string
			scale float64
		}{
			"latency_p99": {"p99-sec", 1e-3}, "throughput": {"events/s", 1}, "down_bytes_per_event": {"down-B/event", 1},
			"server_cpu_per_event": {"server-cpu-sec/event", 1e-6}, "lost": {"lost-events", 1},
		} {
			m, told := r.Metrics[metric]
			sorted := slices.Sorted(slices.Values(of[base.unit]))
			if told != (len(sorted) > 0) {
				t.Fatalf("%s of %s: %v as benchmarks, told in JSON: %v", metric, name, sorted, told)
			}
			if !told {
				continue
			}
			median := (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
			if want := m.Median * base.scale; math.Abs(median-want) > 1e-9*math.Abs(want) {
				t.Fatalf("%s of %s: the benchmarks' median is %v, want %v", metric, name, median, want)
			}
		}
	}
	if len(values) != ranked {
		t.Fatalf("%d benchmarks of %d ranked rows", len(values), ranked)
	}
}

// suites is the form that readers of JUnit files know, stated once more.
type suites struct {
	XMLName xml.Name `xml:"testsuites"`
	Suites  []struct {
		Name     string `xml:"name,attr"`
		Tests    int    `xml:"tests,attr"`
		Failures int    `xml:"failures,attr"`
		Errors   int    `xml:"errors,attr"`
		Skipped  int    `xml:"skipped,attr"`
		Cases    []struct {
			Name    string   `xml:"name,attr"`
			Class   string   `xml:"classname,attr"`
			Failure *outcome `xml:"failure"`
			Error   *outcome `xml:"error"`
			Skipped *outcome `xml:"skipped"`
		} `xml:"testcase"`
	} `xml:"testsuite"`
}

type outcome struct {
	Type    string `xml:"type,attr"`
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// judgmentsAgree wants the sentences of the table in JUnit's failures and, as far
// as GitHub shows them, in its annotations.
func judgmentsAgree(t *rapid.T, run *results.Run, out map[string]string) {
	var page suites
	if err := xml.Unmarshal([]byte(out["junit"]), &page); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(out["table"], "\n")
	broken, unkept := map[string]int{}, 0
	for _, s := range page.Suites {
		failures, errs, skipped := 0, 0, 0
		for _, c := range s.Cases {
			for _, told := range []struct {
				*outcome
				word string
				n    *int
			}{{c.Failure, "FAILED: ", &failures}, {c.Skipped, "", &skipped}} {
				if told.outcome == nil {
					continue
				}
				if *told.n++; !slices.Contains(lines, told.word+told.Message) {
					t.Fatalf("%q is not in the table:\n%s", told.word+told.Message, out["table"])
				}
			}
			if c.Error != nil {
				errs++
			}
		}
		if s.Tests != len(s.Cases) || s.Failures != failures || s.Errors != errs || s.Skipped != skipped {
			t.Fatalf("the suite %s counts %+v, and has %d failures, %d errors, %d skipped", s.Name, s, failures, errs, skipped)
		}
		broken[s.Name] = failures
		unkept += skipped
	}
	failed := func(all []results.Judgment) (n int) {
		for _, j := range all {
			if !j.Passed {
				n++
			}
		}
		return n
	}
	if broken["thresholds"] != failed(run.Thresholds) || broken["slo"] != 0 || unkept != failed(run.SLO) {
		t.Fatalf("%v failures of %d thresholds, %d skipped for %d of the SLO", broken, failed(run.Thresholds), unkept, failed(run.SLO))
	}
	shown := 0
	for line := range strings.Lines(out["github"]) {
		if text, is := strings.CutPrefix(line, "::error title=threshold failed::"); is {
			shown++
			text = strings.NewReplacer("%25", "%", "%0A", "\n", "%0D", "\r").Replace(strings.TrimSuffix(text, "\n"))
			if !slices.Contains(lines, "FAILED: "+text) {
				t.Fatalf("%q is not in the table:\n%s", text, out["table"])
			}
		}
	}
	if n := failed(run.Thresholds); shown < min(n, 9) {
		t.Fatalf("%d annotations of %d failed thresholds", shown, n)
	}
}

// intervalsAgree wants an interval of each valid trial of a ranked row that has
// latencies.
func intervalsAgree(t *rapid.T, run *results.Run, text string) {
	want := 0
	for _, r := range compare.Rows(run) {
		for _, trial := range r.Used(run) {
			if r.Ranked && trial.Histograms[results.Latency].Count() > 0 {
				want++
			}
		}
	}
	if got := strings.Count(text, "\nTag="); got != want {
		t.Fatalf("%d intervals, want %d", got, want)
	}
}
