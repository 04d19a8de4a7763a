package report

import (
	"bytes"
	"cmp"
	"io"
	"slices"

	"pushbench/results"
	"pushbench/results/hdr"
)

// writeHlog writes the latencies as an interval log: each trial is an interval,
// tagged with its row, in the order of the run.
func writeHlog(w io.Writer, run *results.Run, _ Options) error {
	type interval struct {
		tag   string
		trial *results.Trial
	}
	comments := []string{
		head(run),
		"latency in ns from when an event was due until a client had it",
		"an interval begins with its trial and is as long as the trial's measured phase",
	}
	var intervals []interval
	for _, s := range newSeries(run) {
		comments = append(comments, s.count())
		if beyond := s.beyond(); beyond != "" {
			comments = append(comments, beyond)
		}
		for _, t := range s.trials {
			if t.Histograms[results.Latency].Count() > 0 { // else nothing had an instant at which it was due
				intervals = append(intervals, interval{s.tag, t})
			}
		}
	}
	slices.SortStableFunc(intervals, func(a, b interval) int { return cmp.Compare(a.trial.Order, b.trial.Order) })

	var b bytes.Buffer
	start := run.Started // unless the clock was put back later
	for _, i := range intervals {
		if i.trial.Started.Before(start) {
			start = i.trial.Started
		}
	}
	log, err := hdr.NewLog(&b, start, comments...)
	if err != nil {
		return err
	}
	for _, i := range intervals {
		if err := log.Interval(i.tag, i.trial.Started, max(i.trial.Measured, 0), i.trial.Histograms[results.Latency]); err != nil {
			return err
		}
	}
	_, err = w.Write(b.Bytes())
	return err
}
