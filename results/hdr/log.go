package hdr

import (
	"fmt"
	"io"
	"time"

	hdrhistogram "github.com/HdrHistogram/hdrhistogram-go"
)

// A Log writes histograms as an interval log, format 1.3: a line for each, which
// HDR tools split by tag, merge and plot. Values are in ns; only the column of
// the largest one is in ms, as is the format's custom. It is not safe for
// concurrent use.
type Log struct {
	lines *hdrhistogram.HistogramLogWriter
	start time.Time
}

// NewLog begins a log whose intervals are timed from the start; comments are
// lines at its head.
func NewLog(w io.Writer, start time.Time, comments ...string) (*Log, error) {
	l := &Log{hdrhistogram.NewHistogramLogWriter(w), start}
	l.lines.SetBaseTime(start.UnixMilli())
	for _, c := range comments {
		if err := l.Comment(c); err != nil {
			return nil, err
		}
	}
	if err := l.lines.OutputLogFormatVersion(); err != nil {
		return nil, err
	}
	// Note: the library's own lines of both times drop the milliseconds that the
	// intervals are counted from.
	epoch := fmt.Sprintf("%.3f (seconds since epoch)", float64(start.UnixMilli())/1000)
	if err := l.Comment("[BaseTime: " + epoch + "]"); err != nil {
		return nil, err
	}
	if err := l.Comment("[StartTime: " + epoch + ", " + start.UTC().Format(time.RFC3339) + "]"); err != nil {
		return nil, err
	}
	return l, l.lines.OutputLegend()
}

// Comment writes a line that readers pass over.
func (l *Log) Comment(text string) error { return l.lines.OutputComment(text) }

// Interval writes what h, not nil, counted in an interval. Readers make a series of equal
// tags; a tag holds neither commas nor white space. Times are kept to the
// millisecond. What is beyond h's range is not in the log: see Negative and Over. It
// is an error to begin before the log or to end before the beginning: readers would
// pass over such a line.
func (l *Log) Interval(tag string, began time.Time, length time.Duration, h *Histogram) error {
	if began.Before(l.start) || length < 0 {
		return fmt.Errorf("log %s: an interval of %v from %v on, and the log begins at %v", tag, length, began, l.start)
	}
	line := h.Packed().sparse // a copy: it will hold the tag and the times
	line.SetTag(tag)
	line.SetStartTimeMs(began.UnixMilli())
	line.SetEndTimeMs(began.Add(length).UnixMilli())
	return l.lines.OutputIntervalPackedHistogram(line)
}

// ticks are how many points a distribution has in each half of what is left of
// it; HDR tools use the same.
const ticks = 5

// WriteDistribution writes the values within the range as the text that HDR
// plotters read: the value in ms at quantiles that get denser towards 1.
func (h *Histogram) WriteDistribution(w io.Writer) error {
	all := New()
	if err := all.Merge(h); err != nil {
		return err
	}
	_, err := all.dense.PercentilesPrint(w, ticks, float64(time.Millisecond))
	return err
}
