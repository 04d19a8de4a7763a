package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"pushbench/scenarios"
)

// answered is what an interview makes of such answers, and what it has written.
func answered(t *testing.T, all []question, answers ...string) (*scenarios.Profile, string, error) {
	t.Helper()
	p := scenarios.DefaultProfile()
	var out bytes.Buffer
	err := interview(t.Context(), strings.NewReader(strings.Join(answers, "\n")+"\n"), &out, p, all)
	return p, out.String(), err
}

func TestAnInterviewFillsInAProfile(t *testing.T) {
	// Clients, rate (wrong once), burst, audience, size, value, p99, staleness …
	p, out, err := answered(t, questions, "200000", "often", "2/s", "", "", "200B", "latest", "250ms", "1s", "", "0.1/s", "", "y", "", "maybe", "no", "", "")
	if err != nil {
		t.Fatal(err)
	}
	if p.Clients != 200_000 || p.Rate != 2 || p.Value != scenarios.Latest || p.P99.String() != "250ms" || p.Uplink.Rate != 0.1 || !p.Browsers || p.BufferingProxy || p.Burst != 1 {
		t.Errorf("the answers make %+v", p)
	}
	for _, want := range []string{`clients at the same time [10000]: `, `"often" is not a rate`, `"maybe": want yes or no`} {
		if !strings.Contains(out, want) {
			t.Errorf("asked without %q:\n%s", want, out)
		}
	}
	if _, _, err := answered(t, questions, "5"); err == nil || !strings.Contains(err.Error(), "the answers ended") {
		t.Errorf("answers that end: %v", err)
	}
}

// Whatever a file would be refused for is asked for again, and leaves no trace.
func TestAnAnswerThatCannotBeIsAskedForAgain(t *testing.T) { // R1
	for key, bad := range map[string][]string{
		"clients":     {"0", "-5", "2000000000", "many"},
		"rate":        {"0", "fast"},
		"burst":       {"0", "99999999"},
		"audience":    {"-1", "10001"},
		"size":        {"1TB", "large"},
		"value":       {"newest"},
		"p99":         {"-1s", "9000h"},
		"staleness":   {"0s", "soon"},
		"rtt":         {"1h"},
		"uplink.rate": {"-1/s"},
		"stay":        {"10ms"},
		"browsers":    {"perhaps"},
		"budget":      {"-1", "NaN", "cheap"},
	} {
		for _, answer := range bad {
			var given []string
			for _, q := range questionsOf(true) {
				if q.key == key {
					given = append(given, answer)
				}
				given = append(given, "")
			}
			p, out, err := answered(t, questionsOf(true), given...)
			if err != nil {
				t.Errorf("%s %s: %v", key, answer, err)
				continue
			}
			if *p != *scenarios.DefaultProfile() {
				t.Errorf("%s %s has made %+v", key, answer, p)
			}
			if again := strings.Count(out, "]: ") - len(questionsOf(true)); again != 1 {
				t.Errorf("%s %s is asked %d times more:\n%s", key, answer, again, out)
			}
		}
	}
}

func TestTheBudgetIsAskedWhereThereArePrices(t *testing.T) {
	for _, priced := range []bool{false, true} {
		given := make([]string, len(questionsOf(priced)))
		if priced {
			given[len(given)-1] = "1500"
		}
		p, out, err := answered(t, questionsOf(priced), given...)
		if err != nil || strings.Contains(out, "a month") != priced || (p.Budget == 1500) != priced {
			t.Errorf("prices %v: %v, budget %g:\n%s", priced, err, p.Budget, out)
		}
	}
}

// Who asks must not wait for an answer that is interrupted.
func TestAnInterruptedInterviewEndsAtOnce(t *testing.T) { // R4
	in, nobody := io.Pipe()
	defer nobody.Close()
	ctx, interrupt := context.WithCancel(t.Context())
	asked, done := make(chan string, 1), make(chan error)
	go func() {
		done <- interview(ctx, in, told(asked), scenarios.DefaultProfile(), questions)
	}()
	<-asked
	interrupt()
	err := <-done
	if exit, ok := errors.AsType[*exitError](err); !ok || exit.code != exitInterrupted {
		t.Errorf("an interview that is interrupted ends with %v, want exit code %d", err, exitInterrupted)
	}
}

// told is a writer that passes on what is written first.
type told chan string

func (w told) Write(b []byte) (int, error) {
	select {
	case w <- string(b):
	default:
	}
	return len(b), nil
}
