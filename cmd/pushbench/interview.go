package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"pushbench/scenarios"
)

// A question is one about a product, with what is taken for an empty answer.
type question struct {
	key  string // of the profile
	text string
	is   func(*scenarios.Profile) string
	set  func(*scenarios.Profile, string) error
}

// setter is a value that is read from the text of a flag.
type setter interface {
	Set(string) error
	String() string
}

// of asks for a value that reads itself.
func of(key, text string, at func(*scenarios.Profile) setter) question {
	return question{key, text,
		func(p *scenarios.Profile) string { return at(p).String() },
		func(p *scenarios.Profile, answer string) error { return at(p).Set(answer) }}
}

func whole(key, text string, at func(*scenarios.Profile) *int) question {
	return question{key, text,
		func(p *scenarios.Profile) string { return strconv.Itoa(*at(p)) },
		func(p *scenarios.Profile, answer string) error {
			n, err := strconv.Atoi(answer)
			if err != nil {
				return fmt.Errorf("%q is not a whole number", answer)
			}
			*at(p) = n
			return nil
		}}
}

func yes(key, text string, at func(*scenarios.Profile) *bool) question {
	words := map[string]bool{"y": true, "yes": true, "n": false, "no": false}
	return question{key, text,
		func(p *scenarios.Profile) string {
			if *at(p) {
				return "yes"
			}
			return "no"
		},
		func(p *scenarios.Profile, answer string) error {
			said, known := words[strings.ToLower(answer)]
			if !known {
				return fmt.Errorf("%q: want yes or no", answer)
			}
			*at(p) = said
			return nil
		}}
}

// questions are asked in this order: what an answer must fit is asked before it.
var questions = []question{
	whole("clients", "clients at the same time", func(p *scenarios.Profile) *int { return &p.Clients }),
	of("rate", "events that each of them receives, in the mean", func(p *scenarios.Profile) setter { return &p.Rate }),
	whole("burst", "of which so many come at once", func(p *scenarios.Profile) *int { return &p.Burst }),
	whole("audience", "clients that one event goes to (0: all)", func(p *scenarios.Profile) *int { return &p.Audience }),
	of("size", "data of an event", func(p *scenarios.Profile) setter { return &p.Size }),
	{"value", "which events matter, " + strings.Join(scenarios.Values, " or "),
		func(p *scenarios.Profile) string { return p.Value },
		func(p *scenarios.Profile, answer string) error { p.Value = answer; return nil }},
	of("p99", "latency that 99 % of the events must keep (0s: none)", func(p *scenarios.Profile) setter { return &p.P99 }),
	of("staleness", "how old what a client sees may become, at worst (0s: no matter)", func(p *scenarios.Profile) setter { return &p.Staleness }),
	of("rtt", "a round trip between clients and servers", func(p *scenarios.Profile) setter { return &p.RTT }),
	of("uplink.rate", "messages that each client sends (0: none)", func(p *scenarios.Profile) setter { return &p.Uplink.Rate }),
	of("stay", "how long a client stays connected, in the mean (0s: for ever)", func(p *scenarios.Profile) setter { return &p.Stay }),
	yes("browsers", "clients are browsers", func(p *scenarios.Profile) *bool { return &p.Browsers }),
	yes("http1", "nothing newer than HTTP/1.1 gets through", func(p *scenarios.Profile) *bool { return &p.HTTP1 }),
	yes("buffering_proxy", "a proxy holds answers back until they are whole", func(p *scenarios.Profile) *bool { return &p.BufferingProxy }),
	yes("binary", "data is binary", func(p *scenarios.Profile) *bool { return &p.Binary }),
	yes("mobile", "clients are phones", func(p *scenarios.Profile) *bool { return &p.Mobile }),
}

// budget is asked where there are prices to hold it against.
var budget = question{"budget", "the most that a month may cost, in the currency of the prices (0: no limit)",
	func(p *scenarios.Profile) string { return strconv.FormatFloat(p.Budget, 'f', -1, 64) },
	func(p *scenarios.Profile, answer string) error {
		most, err := strconv.ParseFloat(answer, 64)
		if err != nil {
			return fmt.Errorf("%q is not a number", answer)
		}
		p.Budget = most
		return nil
	}}

// questionsOf are those of a product whose month has a price, or none.
func questionsOf(priced bool) []question {
	if !priced {
		return questions
	}
	return append(slices.Clone(questions), budget)
}

// interview fills in the profile by questions. An empty answer takes what stands in
// brackets; one that cannot be is asked for again. It ends with the context, at
// once: in is then still being read, until it ends itself.
func interview(ctx context.Context, in io.Reader, out io.Writer, p *scenarios.Profile, all []question) error {
	ended := make(chan struct{})
	defer close(ended)
	lines := linesOf(in, ended)
	for _, q := range all {
		for answered := false; !answered; {
			fmt.Fprintf(out, "%s [%s]: ", q.text, q.is(p))
			select {
			case <-ctx.Done():
				fmt.Fprintln(out)
				return &exitError{exitInterrupted, errors.New("interrupted: nothing has been measured")}
			case line, more := <-lines:
				if !more {
					fmt.Fprintln(out)
					return usage("the answers ended at %q", q.text)
				}
				if err := q.answer(p, strings.TrimSpace(line)); err != nil {
					fmt.Fprintf(out, "  %v\n", err)
				} else {
					answered = true
				}
			}
		}
	}
	return nil
}

// answer takes the answer, if it can be one; an empty one is that which there is.
func (q question) answer(p *scenarios.Profile, text string) error {
	if text == "" {
		return p.Wrong(q.key)
	}
	before := *p
	err := q.set(p, text)
	if err == nil {
		err = p.Wrong(q.key)
	}
	if err != nil {
		*p = before
	}
	return err
}

// linesOf reads lines until there are no more, or nobody wants them.
func linesOf(in io.Reader, ended <-chan struct{}) <-chan string {
	lines := make(chan string)
	go func() {
		defer close(lines)
		for all := bufio.NewScanner(in); all.Scan(); {
			select {
			case lines <- all.Text():
			case <-ended:
				return
			}
		}
	}()
	return lines
}
