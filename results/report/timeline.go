package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"pushbench/results"
	"pushbench/results/compare"
	"pushbench/results/report/chart"
	"pushbench/results/report/page"
)

// minSlices are those of which one can say how something went on.
const minSlices = 4

// timelineFigures draw latency over the measured phase, with what the scenario does
// in it.
func timelineFigures(run *results.Run, rows []compare.Row) (all []page.Figure) {
	for _, s := range stages(run, rows) {
		picture := chart.Lines{
			Title: "Latency over time" + s.at,
			X:     chart.Axis{Title: "s into the measured phase"},
			Y:     chart.Axis{Title: "latency of what was received then, ms"},
		}
		var values []float64
		var named []string
		for i, r := range s.rows {
			trials := compare.Valid(run, r.Cell)
			if len(picture.Marks) == 0 {
				picture.Marks = incidents(run, trials)
			}
			p99 := bySlice(trials, 1000, s.names[i]+" p99", func(s results.Slice) time.Duration { return s.P99 })
			p50 := bySlice(trials, 20, s.names[i]+" p50", func(s results.Slice) time.Duration { return s.P50 })
			tail, middle := len(p99) >= minSlices, len(p50) >= minSlices
			if tail {
				picture.Lines = append(picture.Lines, chart.Line{Name: s.names[i] + " p99", Ink: s.inks[i], Points: p99})
			}
			// Of many rows the medians would only hide the others' tails.
			if middle && !(tail && len(s.rows) > maxTwofold) {
				picture.Lines = append(picture.Lines, chart.Line{Name: s.names[i] + " p50", Ink: s.inks[i], Dashed: true, Points: p50})
			}
			if middle {
				named = append(named, s.names[i])
			}
			for _, p := range slices.Concat(p50, p99) {
				values = append(values, p.Y)
			}
		}
		if len(named) == 0 {
			continue
		}
		picture.Y.Log = wide(values)
		picture.Text = picture.Title + " of " + listed(named)
		note := "Medians over valid trials, a slice of the phase at a time; p99 where a slice has 1,000 deliveries."
		if len(picture.Marks) > 0 {
			var words []string
			for _, m := range picture.Marks {
				words = append(words, m.Name)
			}
			note += " Marked: " + strings.Join(words, ", ") + "."
			picture.Text += "; marked: " + strings.Join(words, ", ")
		}
		drawn, ok := picture.Draw()
		all = append(all, figure(drawn, ok, note+s.rest, nil)...)
	}
	return all
}

// maxTwofold are rows of which both p50 and p99 are drawn.
const maxTwofold = 4

// maxPoints are points of a curve that say what they are.
const maxPoints = 20

// bySlice are medians over trials, slice by slice, of those with samples enough.
func bySlice(trials []*results.Trial, samples int64, name string, of func(results.Slice) time.Duration) []chart.Point {
	var every time.Duration
	count := 0
	for _, t := range trials {
		if every == 0 {
			every = t.Series.Every
		}
		if t.Series.Every == every {
			count = max(count, len(t.Series.Slices))
		}
	}
	if every <= 0 || count > maxSlices {
		return nil
	}
	var points []chart.Point
	for i := range count {
		var values []float64
		alike := 0
		for _, t := range trials {
			if t.Series.Every != every || i >= len(t.Series.Slices) {
				continue
			}
			alike++
			if s := t.Series.Slices[i]; s.Timed >= samples {
				values = append(values, milliseconds(of(s)))
			}
		}
		// A median of the few trials in which somebody got something would be that of
		// the lucky ones.
		v, known := medianOf(values)
		if !known || 2*len(values) < alike {
			continue
		}
		p := chart.Point{X: (float64(i) + 0.5) * every.Seconds(), Y: v}
		if i%(count/maxPoints+1) == 0 {
			p.Note = fmt.Sprintf("%s at %s s: %s ms", name, number(p.X), number(v))
		}
		points = append(points, p)
	}
	return points
}

// maxSlices are more than any run of ours has.
const maxSlices = 10_000

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// incidents are what the scenario does to servers and clients in the phase, at the
// median of the instants at which it was done.
func incidents(run *results.Run, trials []*results.Trial) []chart.Mark {
	var marks []chart.Mark
	for k := 0; ; k++ {
		var at, end []float64
		spec := ""
		for _, t := range trials {
			if t.Recovery == nil || k >= len(t.Recovery.Faults) {
				continue
			}
			f := t.Recovery.Faults[k]
			spec = f.Spec
			at = append(at, f.At.Seconds())
			end = append(end, (f.At + max(0, f.Down)).Seconds())
		}
		from, some := medianOf(at)
		if !some || k == maxMarks {
			break
		}
		to, _ := medianOf(end)
		marks = append(marks, chart.Mark{Name: printable(spec), At: from, To: to})
	}
	l, _ := loadOf(run)
	if at, err := time.ParseDuration(l.Vanish.At); err == nil && positive(l.Vanish.Share) && l.Vanish.Share != "0%" {
		marks = append(marks, chart.Mark{Name: printable(l.Vanish.Share + " vanish"), At: at.Seconds()})
	}
	return marks
}

// maxMarks are marks that a picture has room for.
const maxMarks = 8
