package report_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"pushbench/results/choose"
	"pushbench/results/report"
	"pushbench/results/resultstest"
)

// answered is what is answered to a product of that name.
func answered(t testing.TB, name string, prices *choose.Prices) *choose.Answer {
	t.Helper()
	model, err := choose.Learn(resultstest.Star(resultstest.Truths(), 6, 0.02, 1))
	if err != nil {
		t.Fatal(err)
	}
	return model.Decide(choose.Profile{
		Name: name, Clients: 200_000, Rate: 2, Burst: 1, Size: 200, Staleness: time.Second, P99: 250 * time.Millisecond, BufferingProxy: true,
		Server: choose.Machine{CPUs: 4, Memory: 16 << 30, Utilisation: 0.6},
	}, prices)
}

func rendered(t testing.TB, format string, a *choose.Answer) string {
	t.Helper()
	return rendering(t, report.AnswerFormats, format, a, report.Options{})
}

// Whatever is said in one format is said in each.
func TestAnAnswerIsTheSameInAllFormats(t *testing.T) { // R9
	a := answered(t, "ticker", &choose.Prices{Currency: "EUR", CPUHour: 0.04, Egress: 0.05})
	for _, f := range report.AnswerFormats {
		text := rendered(t, f.Name, a)
		if rendered(t, f.Name, a) != text {
			t.Errorf("%s is not the same twice", f.Name)
		}
		plain := strings.Join(strings.Fields(text), " ")
		for _, want := range append([]string{a.Text, a.Flips[0].Text}, a.Winners...) {
			if f.Name == "markdown" {
				want = strings.ReplaceAll(want, "_", `\_`)
			}
			if !strings.Contains(plain, want) {
				t.Errorf("%s does not say %q:\n%s", f.Name, want, text)
			}
		}
	}
}

// Who ranks by money sees it at each place, and what it goes for.
func TestAnAnswerInMoneyShowsTheMoney(t *testing.T) {
	a := answered(t, "ticker", &choose.Prices{Currency: "EUR", CPUHour: 0.04, Egress: 0.05})
	predicted, fit := 0, 0
	for _, p := range a.Ranking {
		if p.Predicted != nil {
			predicted++
		}
		if p.Fits {
			fit++
		}
	}
	page := rendered(t, "html", a)
	places, _, _ := strings.Cut(page, "decided by")
	if got := strings.Count(places, " servers; p99 "); got != fit || fit < 2 {
		t.Errorf("%d of %d places say what the money is for:\n%s", got, fit, places)
	}
	if got := strings.Count(places, "EUR a month</"); got < predicted || predicted < 3 {
		t.Errorf("%d of %d places have their money:\n%s", got, predicted, places)
	}
	for _, f := range []string{"table", "markdown", "html"} {
		text := strings.ReplaceAll(rendered(t, f, a), `\_`, "_")
		for price, shown := range map[string]bool{"cpu_hour": true, "egress_gb": true, "million_requests": false} {
			if strings.Contains(text, price) != shown {
				t.Errorf("%s shows what goes for %s: %v, want %v", f, price, !shown, shown)
			}
		}
	}
	if free := rendered(t, "html", answered(t, "ticker", nil)); strings.Contains(free, "a month</") || !strings.Contains(free, " servers</") {
		t.Error("without prices a place has no number of servers, or money")
	}
}

// Who multiplies what stands in a line and adds up the lines gets the whole.
func TestTheTermsOfAnAnswerAreShownWithTheirSum(t *testing.T) {
	a := answered(t, "ticker", nil)
	for i := range a.Ranking {
		if is := a.Ranking[i].Predicted; is != nil {
			few, many := is.CPUs.Median/1e6, is.CPUs.Median/2
			is.Terms = append(is.Terms, choose.Term{Term: "nothing", CPUs: few, Hi: &few}, choose.Term{Term: "perhaps", CPUs: few, Hi: &many})
		}
	}
	text := rendered(t, "table", a)
	_, work, _ := strings.Cut(text, " CPU time ")
	work, _, _ = strings.Cut(work, "\n\n")
	predicted := 0
	for _, p := range a.Ranking {
		if p.Predicted == nil {
			continue
		}
		predicted++
		if !strings.Contains(work, fmt.Sprintf("%.3g (", p.Predicted.CPUs.Median)) {
			t.Errorf("the CPUs of %s, %g, are not below their terms:\n%s", p.Transport, p.Predicted.CPUs.Median, work)
		}
	}
	for word, want := range map[string]int{"together": predicted, "perhaps": predicted, "nothing": 0} {
		if got := strings.Count(work, " "+word+" "); got != want {
			t.Errorf("%d lines with %s, want %d:\n%s", got, word, want, work)
		}
	}
}

// A part of a server that nobody would notice is told as that.
func TestAPartOfAServerIsToldInWords(t *testing.T) {
	a := answered(t, "ticker", nil)
	tiny := choose.Bound{By: "latency", Text: "next to nothing"}
	tiny.Servers.Median = 5.02e-8
	a.Ranking[0].Predicted.Bounds = append(a.Ranking[0].Predicted.Bounds, tiny)
	for _, f := range []string{"table", "markdown", "html"} {
		text := rendered(t, f, a)
		if !strings.Contains(text, "less than 0.001 servers by latency: next to nothing") {
			t.Errorf("%s does not say that it is next to nothing:\n%s", f, text)
		}
	}
}

func TestAnAnswerForProgramsHasItsMembers(t *testing.T) {
	var d struct {
		Schema  int `json:"schema"`
		Ranking []struct {
			Transport string `json:"transport"`
			Fits      bool   `json:"fits"`
			Predicted struct {
				Servers struct{ Median, Lo, Hi float64 } `json:"servers"`
			} `json:"predicted"`
			Requirements []struct {
				Key string `json:"key"`
				Met bool   `json:"met"`
			} `json:"requirements"`
		} `json:"ranking"`
		DecidedBy struct{ By, Text string } `json:"decided_by"`
		Flips     []struct {
			Key     string   `json:"key"`
			Winners []string `json:"winners"`
		} `json:"flips"`
		Winners []string `json:"winners"`
	}
	a := answered(t, "ticker", nil)
	if err := json.Unmarshal([]byte(rendered(t, "json", a)), &d); err != nil {
		t.Fatal(err)
	}
	first := d.Ranking[0]
	if d.Schema != 1 || first.Transport != a.Winners[0] || !first.Fits || len(d.Winners) != len(a.Winners) || d.DecidedBy.By == "" || len(d.Flips) != len(a.Flips) {
		t.Errorf("%+v", d)
	}
	if s := first.Predicted.Servers; !(s.Lo <= s.Median && s.Median <= s.Hi && s.Lo >= 1) {
		t.Errorf("servers %+v", s)
	}
	last := d.Ranking[len(d.Ranking)-1]
	if last.Transport != "sse" || last.Fits {
		t.Errorf("behind a proxy that buffers the last is %+v", last)
	}
}

func TestAHostileNameOfAProductIsText(t *testing.T) { // R7
	const hostile = "<script>alert(1)</script>|\x1b[31m\n# head"
	a := answered(t, hostile, nil)
	// Those of transports, processors and files come from a run, which anybody may have written.
	a.Ranking[0].Transport, a.Source.CPU, a.Source.File = hostile, hostile, hostile
	a.Ranking[0].Requirements[0].Text, a.Assumptions[0], a.Flips[0].Text = hostile, hostile, hostile
	for format, never := range map[string][]string{
		"table":    {"\x1b", "\n# head"},
		"markdown": {"<script", "\n# head", "\x1b"},
		"html":     {"<script>alert", "\x1b"},
	} {
		text := rendered(t, format, a)
		for _, bad := range never {
			if strings.Contains(text, bad) {
				t.Errorf("%s has %q in it:\n%.400s", format, bad, text)
			}
		}
	}
}
