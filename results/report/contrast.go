package report

import (
	"strings"

	"pushbench/results"
	"pushbench/results/compare"
)

// contrastGrids show what each transport takes on another stack, and over the
// baseline, where a run has measured these.
func contrastGrids(run *results.Run, rows []compare.Row) []grid {
	var all []grid
	if over := compare.OverStack(run, rows); len(over) > 0 {
		all = append(all, contrastGrid(run, over[0].Stack+" ÷ "+over[0].Over.Stack, over))
	}
	if over := compare.OverBaseline(run, rows); len(over) > 0 {
		all = append(all, contrastGrid(run, "÷ "+results.Baseline, over))
	}
	return all
}

// contrastHeads are those of compare.Contrasted.
var contrastHeads = map[string][2]string{
	"server_cpu_per_event": {"CPU", "/event"}, "latency_p50": {"p50", "latency"}, "latency_p99": {"p99", "latency"},
	"staleness_mean": {"mean", "staleness"}, "server_rss_per_client": {"RSS", "/client"},
}

// contrastGrid shows the ratios with their intervals.
func contrastGrid(run *results.Run, title string, all []compare.Contrast) grid {
	g := grid{heads: [][2]string{{printable(title), ""}}}
	for _, metric := range compare.Contrasted(run) {
		g.heads = append(g.heads, contrastHeads[metric])
	}
	var rows []compare.Row
	for _, c := range all {
		rows = append(rows, c.Row)
	}
	for _, c := range all {
		line := []string{printable(compare.Label(c.Cell, rows))}
		for _, metric := range compare.Contrasted(run) {
			line = append(line, ratioCell(c.Ratios, metric))
		}
		g.lines = append(g.lines, line)
	}
	return g
}

// ratioCell is a ratio with its interval.
func ratioCell(ratios map[string]compare.Stat, metric string) string {
	s, told := ratios[metric]
	if !told {
		return absent
	}
	text := number(s.Median)
	if between := s.Range(number); between != "" {
		text += " (" + between + ")"
	}
	return text
}

// An over is a contrast in JSON.
type over struct {
	Transport string                  `json:"transport"`
	Stack     string                  `json:"stack"`
	Axes      map[string]string       `json:"axes,omitempty"`
	Over      base                    `json:"over"`
	Ratios    map[string]compare.Stat `json:"ratios"`
}

type base struct {
	Transport string `json:"transport"`
	Stack     string `json:"stack"`
}

// oversOf are the run's contrasts for programs.
func oversOf(run *results.Run) []over {
	var all []over
	for _, c := range contrastsOf(run) {
		all = append(all, over{c.Transport, c.Stack, c.Axes, base{c.Over.Transport, c.Over.Stack}, c.Ratios})
	}
	return all
}

func contrastsOf(run *results.Run) []compare.Contrast {
	rows := compare.Rows(run)
	return append(compare.OverStack(run, rows), compare.OverBaseline(run, rows)...)
}

// writeContrasts adds a line for each ratio, under the name of a metric; what it is
// over tells lines apart as an axis does.
func writeContrasts(out sheet, run *results.Run) {
	for _, c := range contrastsOf(run) {
		axes := strings.TrimSpace(axesIn(c.Cell) + " over=" + c.Over.Transport + "/" + c.Over.Stack)
		for _, metric := range compare.Contrasted(run) {
			s, told := c.Ratios[metric]
			if !told {
				continue
			}
			out.Write([]string{run.Scenario, c.Transport, c.Stack, axes, "", "", "", "",
				"ratio_" + metric, "ratio", exact(&s.Median), exact(s.Lo), exact(s.Hi), "", ""})
		}
	}
}
