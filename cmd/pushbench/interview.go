package main

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"pushbench/scenarios"
)

// A question is one about a product, with what is taken for an empty answer.
type question struct {
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
func of(text string, at func(*scenarios.Profile) setter) question {
	return question{text,
		func(p *scenarios.Profile) string { return at(p).String() },
		func(p *scenarios.Profile, answer string) error { return at(p).Set(answer) }}
}

func whole(text string, at func(*scenarios.Profile) *int) question {
	return question{text,
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

func yes(text string, at func(*scenarios.Profile) *bool) question {
	words := map[string]bool{"y": true, "yes": true, "n": false, "no": false}
	return question{text,
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

// questions are asked in this order.
var questions = []question{
	whole("clients at the same time", func(p *scenarios.Profile) *int { return &p.Clients }),
	of("events that each of them receives, in the mean", func(p *scenarios.Profile) setter { return &p.Rate }),
	whole("of which so many come at once", func(p *scenarios.Profile) *int { return &p.Burst }),
	whole("clients that one event goes to (0: all)", func(p *scenarios.Profile) *int { return &p.Audience }),
	of("data of an event", func(p *scenarios.Profile) setter { return &p.Size }),
	{"which events matter, " + strings.Join(scenarios.Values, " or "),
		func(p *scenarios.Profile) string { return p.Value },
		func(p *scenarios.Profile, answer string) error {
			if !slices.Contains(scenarios.Values, answer) {
				return fmt.Errorf("%q (have %s)", answer, strings.Join(scenarios.Values, ", "))
			}
			p.Value = answer
			return nil
		}},
	of("how old what a client sees may become, at worst", func(p *scenarios.Profile) setter { return &p.Staleness }),
	of("latency that 99 % of the events must keep (0s: none)", func(p *scenarios.Profile) setter { return &p.P99 }),
	of("a round trip between clients and servers", func(p *scenarios.Profile) setter { return &p.RTT }),
	of("messages that each client sends (0: none)", func(p *scenarios.Profile) setter { return &p.Uplink.Rate }),
	of("how long a client stays connected, in the mean (0s: for ever)", func(p *scenarios.Profile) setter { return &p.Stay }),
	yes("clients are browsers", func(p *scenarios.Profile) *bool { return &p.Browsers }),
	yes("nothing newer than HTTP/1.1 gets through", func(p *scenarios.Profile) *bool { return &p.HTTP1 }),
	yes("a proxy holds answers back until they are whole", func(p *scenarios.Profile) *bool { return &p.BufferingProxy }),
	yes("data is binary", func(p *scenarios.Profile) *bool { return &p.Binary }),
	yes("clients are phones", func(p *scenarios.Profile) *bool { return &p.Mobile }),
}

// interview fills in the profile by questions. An empty answer takes what stands in
// brackets; one that cannot be is asked for again.
func interview(in io.Reader, out io.Writer, p *scenarios.Profile) error {
	lines := bufio.NewScanner(in)
	for _, q := range questions {
		for {
			fmt.Fprintf(out, "%s [%s]: ", q.text, q.is(p))
			if !lines.Scan() {
				fmt.Fprintln(out)
				return usage("the answers ended at %q", q.text)
			}
			answer := strings.TrimSpace(lines.Text())
			if answer == "" {
				break
			}
			err := q.set(p, answer)
			if err == nil {
				break
			}
			fmt.Fprintf(out, "  %v\n", err)
		}
	}
	return nil
}
