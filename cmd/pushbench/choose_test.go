package main

import (
	"bytes"
	"strings"
	"testing"

	"pushbench/scenarios"
)

func TestAnInterviewFillsInAProfile(t *testing.T) {
	p := scenarios.DefaultProfile()
	var out bytes.Buffer
	// Clients, rate (wrong once), burst, audience, size, value, staleness, p99 …
	answers := "200000\noften\n2/s\n\n\n200B\nlatest\n1s\n250ms\n\n0.1/s\n\ny\n\nmaybe\nno\n\n\n"
	if err := interview(strings.NewReader(answers), &out, p); err != nil {
		t.Fatal(err)
	}
	if p.Clients != 200_000 || p.Rate != 2 || p.Value != scenarios.Latest || p.P99.String() != "250ms" || p.Uplink.Rate != 0.1 || !p.Browsers || p.BufferingProxy || p.Burst != 1 {
		t.Errorf("the answers make %+v", p)
	}
	for _, want := range []string{`clients at the same time [10000]: `, `"often" is not a rate`, `"maybe": want yes or no`} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("asked without %q:\n%s", want, &out)
		}
	}
	if err := interview(strings.NewReader("5\n"), &out, p); err == nil || !strings.Contains(err.Error(), "the answers ended") {
		t.Errorf("answers that end: %v", err)
	}
}
