package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"pushbench/results"
	"pushbench/results/hdr"
)

// writeHgrm writes how the latencies of a row are distributed, its trials taken
// together, as the text that HDR plotters read.
//
// Note: such a file holds one distribution, and plotters join several into one
// curve. So a run of several rows is refused instead of drawn wrong.
func writeHgrm(w io.Writer, run *results.Run, _ Options) error {
	if tags := Tags(run); len(tags) > 1 {
		return fmt.Errorf("hgrm holds the distribution of one row: name it with --row (the run has %s)", strings.Join(tags, ", "))
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "#%s\n#latency in ms from when an event was due until a client had it\n", head(run))
	for _, s := range newSeries(run) {
		fmt.Fprintf(&b, "#%s\n", s.count())
		if beyond := s.beyond(); beyond != "" {
			fmt.Fprintf(&b, "#%s\n", beyond)
		}
		all := hdr.New()
		for _, t := range s.trials {
			if err := all.Merge(t.Histograms[results.Latency]); err != nil {
				return fmt.Errorf("%s: %w", s.tag, err)
			}
		}
		if all.Count() == 0 {
			continue
		}
		if err := all.WriteDistribution(&b); err != nil {
			return err
		}
	}
	_, err := w.Write(b.Bytes())
	return err
}
