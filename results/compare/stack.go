package compare

import (
	"fmt"
	"maps"
	"strings"

	"pushbench/results"
)

// acrossStacks says of each load, where transports were measured on several stacks,
// how much the stack changes and how much the transport does: a comparison of
// transports on one stack alone may be one of stacks.
func acrossStacks(run *results.Run, rows []Row) []Finding {
	built := Stacks(rows)
	if len(built) < 2 || len(run.Capacity) > 0 {
		return nil
	}
	var all []Finding
	loads := Loads(rows)
	for _, l := range loads {
		for _, metric := range []string{"server_cpu_per_event", questionsOf(run)[0].metric, "server_rss_per_client"} {
			text := changes(run, l.Rows, built, metric)
			if text == "" {
				continue
			}
			if len(loads) > 1 && l.At != "" {
				text = "at " + l.At + ": " + text
			}
			all = append(all, Finding{Stack, metric, text})
		}
	}
	return all
}

// changes words how far a metric is changed by the stack, and by the transport on each
// of them; "" where no interval tells either.
func changes(run *results.Run, rows []Row, built []string, metric string) string {
	m, _ := results.MetricOf(metric)
	var pairs [][2]Row
	for _, a := range rows {
		for _, b := range rows {
			if a.Transport == b.Transport && place(a.Stack, stacks) > place(b.Stack, stacks) && maps.Equal(a.Axes, b.Axes) {
				pairs = append(pairs, [2]Row{a, b})
			}
		}
	}
	stack, told := widest(run, m, pairs, func(over, under Row) string {
		return fmt.Sprintf("%s: %s over %s", over.Transport, over.Stack, under.Stack)
	})
	if !told {
		return ""
	}
	var by []string
	for _, name := range built {
		own := onStack(rows, name)
		pairs = nil
		for i, a := range own {
			for _, b := range own[i+1:] {
				if a.Transport != b.Transport && agree(a.Axes, b.Axes) {
					pairs = append(pairs, [2]Row{a, b})
				}
			}
		}
		transport, told := widest(run, m, pairs, func(over, under Row) string { return over.Transport + " over " + under.Transport })
		if told {
			by = append(by, transport+" on "+name)
		}
	}
	if len(by) == 0 {
		return ""
	}
	return fmt.Sprintf("%s: the stack makes %s; the transport makes %s", m.Title, stack, strings.Join(by, ", "))
}

// widest words the largest difference that is shown between the rows of a pair: "a
// difference of up to 2.5× (poll: std over lean, 2.4× to 2.6×)". It is false where no
// pair has an interval.
func widest(run *results.Run, m results.Metric, pairs [][2]Row, name func(over, under Row) string) (text string, told bool) {
	text = "no difference that is shown"
	most := 1.0
	for _, p := range pairs {
		over, under := p[0], p[1]
		if !over.Ranked || !under.Ranked || !competes(over) || !competes(under) {
			continue
		}
		ratio, _ := Ratio(run, m.Name, over.Cell, under.Cell)
		if ratio.Lo != nil && *ratio.Hi < 1 {
			over, under = under, over
			ratio, _ = Ratio(run, m.Name, over.Cell, under.Cell)
		}
		told = told || ratio.Lo != nil
		if ratio.Shown() && ratio.Median > most {
			most = ratio.Median
			text = fmt.Sprintf("a difference of up to %s (%s, %s to %s)", times(ratio.Median), name(over, under), times(*ratio.Lo), times(*ratio.Hi))
		}
	}
	return text, told
}
