package report

import (
	"fmt"
	"strings"

	"pushbench/results"
	"pushbench/results/compare"
	"pushbench/results/hdr"
	"pushbench/results/report/chart"
	"pushbench/results/report/page"
)

// recoveryFigures draw how clients came back from what the scenario did to the
// server, and how often they tried.
func recoveryFigures(run *results.Run, rows []compare.Row) (all []page.Figure) {
	for _, s := range stages(run, rows) {
		back := chart.Lines{Title: "Clients that are back" + s.at, X: chart.Axis{Title: "ms after the fault"}, Y: chart.Axis{Title: "% of those that it cut"}}
		tries := chart.Lines{Title: "Attempts to connect again" + s.at, X: chart.Axis{Title: "s after the fault"}, Y: chart.Axis{Title: "attempts in 100 ms"}}
		var longest []float64
		var words []string
		for i, r := range s.rows {
			trials := compare.Valid(run, r.Cell)
			points := comeback(trials, s.names[i])
			if len(points) > 0 {
				last := points[len(points)-1]
				longest = append(longest, last.X)
				words = append(words, fmt.Sprintf("%s %s %% after %s ms", s.names[i], number(rounded(last.Y)), number(rounded(last.X))))
			}
			back.Lines = append(back.Lines, chart.Line{Name: s.names[i], Ink: s.inks[i], Points: points})
			tries.Lines = append(tries.Lines, chart.Line{Name: s.names[i], Ink: s.inks[i], Points: attempts(trials, s.names[i])})
		}
		back.X.Log = wide(longest)
		back.Text = back.Title + ": " + strings.Join(words, ", ")
		drawn, ok := back.Draw()
		all = append(all, figure(drawn, ok, "All clients that were cut in valid trials, together; of several faults all are in it."+s.rest, nil)...)
		tries.Text = tries.Title + " of " + listed(s.names)
		drawn, ok = tries.Draw()
		all = append(all, figure(drawn, ok, "Medians over valid trials, each by the fault after which clients tried the most."+s.rest, nil)...)
	}
	return all
}

// comeback is the share of the clients that were cut, in %, who had heard from a
// server again by then.
func comeback(trials []*results.Trial, name string) []chart.Point {
	all := hdr.New()
	var cut int64
	for _, t := range trials {
		if t.Recovery == nil {
			continue
		}
		for _, f := range t.Recovery.Faults {
			if f.Cut > 0 && all.Merge(f.Back) == nil {
				cut += f.Cut
			}
		}
	}
	if cut <= 0 || all.Count() == 0 {
		return nil
	}
	const steps = 40
	reached := 100 * float64(all.Count()) / float64(cut)
	var points []chart.Point
	for k := range steps + 1 {
		q := float64(k) / steps
		p := chart.Point{X: milliseconds(all.Quantile(q)), Y: q * reached}
		if k > 0 && k%4 == 0 {
			p.Note = fmt.Sprintf("%s: %s %% after %s ms", name, number(rounded(p.Y)), number(rounded(p.X)))
		}
		points = append(points, p)
	}
	return points
}

// maxWindows of attempts are drawn: a minute.
const maxWindows = 600

// attempts are how many fell into each window, in the median over trials.
func attempts(trials []*results.Trial, name string) []chart.Point {
	var all [][]int64
	longest := 0
	for _, t := range trials {
		if t.Recovery == nil {
			continue
		}
		var most *results.Fault
		for i := range t.Recovery.Faults {
			if f := &t.Recovery.Faults[i]; most == nil || f.Tries() > most.Tries() {
				most = f
			}
		}
		if most != nil && most.Tries() > 0 {
			all = append(all, most.Attempts)
			longest = min(maxWindows, max(longest, len(most.Attempts)))
		}
	}
	var points []chart.Point
	if longest > 0 {
		longest++ // and none after the last
	}
	for i := range longest {
		var values []float64
		for _, windows := range all {
			n := 0.0
			if i < len(windows) {
				n = float64(windows[i])
			}
			values = append(values, n)
		}
		v, _ := medianOf(values)
		p := chart.Point{X: float64(i) * results.ReconnectWindow.Seconds(), Y: v}
		if v > 0 && i%(longest/maxPoints+1) == 0 {
			p.Note = fmt.Sprintf("%s: %s in the 100 ms from %s s on", name, number(v), number(p.X))
		}
		points = append(points, p)
	}
	return points
}
