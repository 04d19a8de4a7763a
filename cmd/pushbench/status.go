package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"pushbench/loadgen/campaign"
)

// A status tells a person who waits how far a run is: one line that is redrawn
// on a terminal, a plain line every ten seconds elsewhere.
type status struct {
	out   io.Writer
	live  bool
	quiet bool
	width int
	last  time.Time
}

func newStatus(out io.Writer, quiet bool) *status {
	s := &status{out: out, quiet: quiet}
	if columns := width(out); columns > 0 && os.Getenv("TERM") != "dumb" {
		s.live, s.width = true, columns
	}
	return s
}

// report shows the progress; it is called a few times a second, from one
// goroutine at a time.
func (s *status) report(p campaign.Progress) {
	if s.quiet {
		return
	}
	line := fmt.Sprintf("trial %d/%d %s: %s, %d/%d clients, %.0f events/s", p.Trial, p.Trials, p.Cell, p.Phase, p.Joined, p.Clients, p.Rate)
	if p.P99 > 0 {
		line += fmt.Sprintf(", p99 %s", p.P99.Round(10*time.Microsecond))
	}
	if p.Left > 0 {
		bound := ""
		if p.AtMost {
			bound = "at most "
		}
		line += fmt.Sprintf(", %s%s left", bound, p.Left.Round(time.Second))
	}
	if s.live {
		fmt.Fprintf(s.out, "\r\x1b[K%.*s", s.width-1, line)
		return
	}
	if time.Since(s.last) < 10*time.Second {
		return
	}
	s.last = time.Now()
	fmt.Fprintf(s.out, "pushbench: %s\n", line)
}

// end clears the line for what follows.
func (s *status) end() {
	if s.live && !s.quiet {
		fmt.Fprint(s.out, "\r\x1b[K")
	}
}
