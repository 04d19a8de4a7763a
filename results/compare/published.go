package compare

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"pushbench/results"
)

// A Beside is a published figure beside the run's own.
type Beside struct {
	results.Figure
	Publication int  // which of the run's, from 0
	Ours        Stat // in the publication's unit; without values where Why says that there is none
	Ratio       Stat // ours over theirs
	Why         string
}

// Published are the figures that others have published of the run's load, each
// beside what the run says of the same. Where the run has no such row, or no
// number of it, they stand alone.
func Published(run *results.Run) []Beside {
	publications := run.Published()
	if len(publications) == 0 {
		return nil
	}
	run = run.Standard()
	var all []Beside
	rows := Rows(run)
	for i, p := range publications {
		for _, f := range p.Figures {
			b := Beside{Figure: f, Publication: i}
			b.Ours, b.Why = own(run, rows, p.Metric, f)
			if b.Why == "" {
				b.Ratio = scaled(b.Ours, 1/f.Value)
				if math.IsInf(b.Ratio.Max, 0) || math.IsInf(b.Ratio.Median, 0) {
					b.Why = "the published value is next to nothing"
				}
			}
			all = append(all, b)
		}
	}
	return all
}

// own is what the run says where the figure stands, or why it says nothing.
func own(run *results.Run, rows []Row, metric string, f results.Figure) (Stat, string) {
	if !(f.Value > 0) {
		return Stat{}, "the published value is none"
	}
	row, why := at(run, rows, f.Transport, f.At)
	if why != "" {
		return Stat{}, why
	}
	s, known := row.Metrics[metric]
	if f.Over != "" {
		under, why := at(run, rows, f.Over, f.At)
		if why != "" {
			return Stat{}, why
		}
		s, known = Ratio(run, metric, row.Cell, under.Cell)
	}
	if !known {
		return Stat{}, "the run does not tell it"
	}
	return s, ""
}

// at is the ranked row of a transport at these settings. What does not vary within
// the run must be as it was executed; a key that varies, but says nothing to the
// transport, may have any value.
func at(run *results.Run, rows []Row, transport string, settings map[string]string) (*Row, string) {
	varies := axesOf(rows)
	for _, key := range slices.Sorted(maps.Keys(settings)) {
		value, known := run.Setting(key)
		if !slices.Contains(varies, key) && value != settings[key] {
			if !known {
				value = "none"
			}
			return nil, fmt.Sprintf("the run has %s %s", key, value)
		}
	}
	var found []*Row
	for i := range rows {
		r := &rows[i]
		if r.Transport != transport || r.Arm != "" {
			continue
		}
		fits := true
		for key, want := range settings {
			value, has := r.Axes[key]
			fits = fits && (!has || value == want)
		}
		if fits {
			found = append(found, r)
		}
	}
	switch {
	case len(found) == 0:
		return nil, "the run has no such row"
	case len(found) > 1:
		return nil, fmt.Sprintf("the run has %d such rows", len(found))
	case !found[0].Ranked:
		return nil, fmt.Sprintf("%d of %d trials are valid", found[0].Trials.Valid, found[0].Trials.Total())
	}
	return found[0], ""
}

// scaled is the same in another unit.
func scaled(s Stat, by float64) Stat {
	s.Median *= by
	s.Max *= by
	if s.Lo != nil && s.Hi != nil {
		lo, hi := *s.Lo*by, *s.Hi*by
		s.Lo, s.Hi = &lo, &hi
	}
	return s
}
