package report_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/olekukonko/tablewriter/pkg/twwidth"

	"pushbench/results"
	"pushbench/results/claim"
	"pushbench/results/compare"
	"pushbench/results/report"
)

// heard has one claim of each verdict, with names that would be markup.
func heard() claim.Hearing {
	lo, hi := 1.25, 2.5
	number := claim.Number{Metric: "latency_p50", Unit: "ratio", Transport: "sse", Over: "ws", Value: compare.Stat{Median: 2, Lo: &lo, Hi: &hi, Max: 3}}
	of := func(i int, verdict claim.Verdict, on string, evidence ...claim.Evidence) claim.Judgment {
		return claim.Judgment{Claim: claim.Claims[i], Verdict: verdict, On: on, Evidence: evidence}
	}
	at := func(clients string) map[string]string { return map[string]string{"clients": clients} }
	long := strings.Repeat("poll takes 30000 bytes down and 200 up in a client's minute ", 3)
	judged := []claim.Judgment{
		of(0, claim.Holds, "", claim.Evidence{Run: "run|1", At: at("100"), Outcome: claim.For, Text: long, Numbers: []claim.Number{number}}),
		of(1, claim.Depends, "on clients: holds at 120, not at 2000",
			claim.Evidence{Run: "a", At: at("120"), Outcome: claim.For, Text: "behind by 1 ms (0.5 to 2)"},
			claim.Evidence{Run: "a", At: at("2000"), Outcome: claim.Against, Text: "behind by 40 ms (30 to 50)"},
			claim.Evidence{Run: "b", Outcome: claim.Doubted, Text: "longpoll is not ranked, 2 of 6 trials are valid"}),
		of(5, claim.Partly, "holds: uplink.rate=10/s; no difference shown: uplink.rate=0.2/s",
			claim.Evidence{Run: "a", At: map[string]string{"uplink.rate": "10/s"}, Outcome: claim.For, Text: "1.5× (1.4 to 1.6)"},
			claim.Evidence{Run: "a", At: map[string]string{"uplink.rate": "0.2/s"}, Outcome: claim.Level, Text: "no difference shown, 1× (0.9 to 1.1)"}),
		of(6, claim.Fails, "", claim.Evidence{Run: "<b>", Outcome: claim.Against, Text: "more by 3 (2 to 4)\x1b[31m"}),
		of(7, claim.Even, "", claim.Evidence{Run: "<b>", Outcome: claim.Level, Text: "no difference shown, 1× (0.9 to 1.1)"}),
		of(8, claim.Untold, "nobody has looked"),
	}
	here := results.Machine{CPU: "A Processor", CPUs: 2, Go: "go1.26.8", Version: "v0.5.0", ServerCPUs: []int{0}, GeneratorCPUs: []int{1}}
	there := results.Machine{CPU: "<b>Another|One</b>\x1b[2J", CPUs: 4, Go: "go1.26.8"}
	return claim.Hearing{Judgments: judged, Sources: []claim.Source{
		{Name: "run|1", Run: &results.Run{Scenario: "claims-idle", Machine: here}},
		{Name: "<b>", Run: &results.Run{Scenario: "claims-push", Machine: there}},
		{Name: "a", Run: &results.Run{Scenario: "claims-uplink", Machine: here}},
	}}
}

func renderClaims(t testing.TB, format string, o report.Options) string {
	t.Helper()
	return rendering(t, report.ClaimsFormats, format, heard(), o)
}

func TestClaimsThatCannotBeWrittenAreAnError(t *testing.T) { // R3
	for _, f := range report.ClaimsFormats {
		if err := f.Write(full{}, heard(), report.Options{}); !errors.Is(err, errFull) {
			t.Errorf("%s on a full disk: %v", f.Name, err)
		}
	}
}

func TestClaimsAreShownAsInTheirGoldenFiles(t *testing.T) {
	for _, f := range report.ClaimsFormats {
		got := renderClaims(t, f.Name, report.Options{})
		golden(t, "claims."+f.Name, got)
		if strings.Contains(got, "\x1b") {
			t.Errorf("%s drives the terminal", f.Name)
		}
	}
}

func TestClaimsAreNoWiderThanTheScreen(t *testing.T) {
	for _, width := range []int{60, 80, 120} {
		for line := range strings.Lines(renderClaims(t, "table", report.Options{Width: width})) {
			if n := twwidth.Width(strings.TrimRight(line, "\n")); n > width {
				t.Errorf("%d columns on a screen of %d: %q", n, width, line)
			}
		}
	}
	if colored := renderClaims(t, "table", report.Options{Color: true}); !strings.Contains(colored, "\x1b[32mholds\x1b[0m") {
		t.Error("no colour")
	}
}

func TestClaimsForProgramsKeepTheirForm(t *testing.T) {
	var page struct {
		Schema  int
		Limits  string
		Sources []struct{ Name, Scenario, Machine, Version string }
		Claims  []struct {
			Name, Says, Rule, Scenario, Verdict, On string
			Evidence                                []struct {
				Where, By, Text string
				Outcome         string
				At              map[string]string
				Told, Holds     bool
				Numbers         []struct {
					Metric, Unit, Transport, Less, Over string
					Value                               struct {
						Median, Max float64
						Lo, Hi      *float64
					}
				}
			}
		}
	}
	decoder := json.NewDecoder(strings.NewReader(renderClaims(t, "json", report.Options{})))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&page); err != nil {
		t.Fatal(err)
	}
	if len(page.Claims) != 6 || page.Claims[0].Evidence[0].Numbers[0].Over != "ws" || page.Claims[1].Verdict != "depends" || page.Claims[5].On == "" {
		t.Errorf("%+v", page)
	}
	// What an older reader asks is answered as it was: whether anything is told, and
	// whether the claim holds there.
	for _, one := range page.Claims {
		for _, e := range one.Evidence {
			if e.Told != (e.Outcome == "for" || e.Outcome == "against") || e.Holds != (e.Outcome == "for") {
				t.Errorf("%s at %s: told %v, holds %v, and it is %s", one.Name, e.Where, e.Told, e.Holds, e.Outcome)
			}
		}
	}
	if len(page.Sources) != 3 || page.Sources[0].Machine == "" || page.Limits == "" {
		t.Errorf("by what was judged: %+v, %q", page.Sources, page.Limits)
	}
}

// A reader of another machine's verdicts must know that they are.
func TestClaimsSayWhereTheyWereJudged(t *testing.T) {
	for _, format := range []string{"table", "markdown"} {
		got := strings.Join(strings.Fields(renderClaims(t, format, report.Options{Width: 1000})), " ")
		for _, want := range []string{"A Processor, 2 CPUs, go1.26.8; server on CPU 0, clients on CPU 1", "Another", "over its loopback: no network delay"} {
			if strings.Count(got, want) != 1 {
				t.Errorf("%s does not say once: %s\n%s", format, want, got)
			}
		}
	}
}
