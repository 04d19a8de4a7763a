package report_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/olekukonko/tablewriter/pkg/twwidth"

	"pushbench/results/claim"
	"pushbench/results/compare"
	"pushbench/results/report"
)

// judged has one claim of each verdict, with names that would be markup.
func judged() []claim.Judgment {
	lo, hi := 1.25, 2.5
	number := claim.Number{Metric: "latency_p50", Unit: "ratio", Transport: "sse", Over: "ws", Value: compare.Stat{Median: 2, Lo: &lo, Hi: &hi, Max: 3}}
	of := func(i int, verdict claim.Verdict, on string, evidence ...claim.Evidence) claim.Judgment {
		return claim.Judgment{Claim: claim.Claims[i], Verdict: verdict, On: on, Evidence: evidence}
	}
	long := strings.Repeat("poll takes 30000 bytes down and 200 up in a client's minute ", 3)
	return []claim.Judgment{
		of(0, claim.Holds, "", claim.Evidence{Run: "run|1", At: map[string]string{"clients": "100"}, Told: true, Holds: true, Text: long, Numbers: []claim.Number{number}}),
		of(1, claim.Depends, "on clients: holds at 120, not at 2000",
			claim.Evidence{Run: "a", At: map[string]string{"clients": "120"}, Told: true, Holds: true, Text: "behind by 1 ms (0.5 to 2)"},
			claim.Evidence{Run: "a", At: map[string]string{"clients": "2000"}, Told: true, Text: "behind by 40 ms (30 to 50)"},
			claim.Evidence{Run: "b", Text: "longpoll is not ranked, 2 of 6 trials are valid"}),
		of(7, claim.Fails, "", claim.Evidence{Run: "<b>", Told: true, Text: "no difference shown, 1× (0.9 to 1.1)\x1b[31m"}),
		of(8, claim.Untold, "nobody has looked"),
	}
}

func renderClaims(t testing.TB, format string, o report.Options) string {
	t.Helper()
	return rendering(t, report.ClaimsFormats, format, judged(), o)
}

func TestClaimsThatCannotBeWrittenAreAnError(t *testing.T) { // R3
	for _, f := range report.ClaimsFormats {
		if err := f.Write(full{}, judged(), report.Options{}); !errors.Is(err, errFull) {
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
		Schema int
		Claims []struct {
			Name, Says, Rule, Scenario, Verdict, On string
			Evidence                                []struct {
				Where, By, Text string
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
	if len(page.Claims) != 4 || page.Claims[0].Evidence[0].Numbers[0].Over != "ws" || page.Claims[1].Verdict != "depends" || page.Claims[3].On == "" {
		t.Errorf("%+v", page)
	}
}
