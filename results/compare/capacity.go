package compare

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"pushbench/results"
)

// capacities are the sentences of a search: what each transport holds, and how
// that differs.
func capacities(all []results.Capacity) []Finding {
	var findings []Finding
	add := func(format string, args ...any) {
		findings = append(findings, Finding{Capacity, "", fmt.Sprintf(format, args...)})
	}
	named := slices.Clone(all)
	for i, c := range all {
		named[i].Transport = c.Name(all)
		add("%s", held(named[i]))
	}
	for _, text := range contests(all, named) {
		add("%s", text)
	}
	return findings
}

// contests compare transports on each stack, and of each transport the stacks. The
// baseline takes no part. Named are the same capacities, as sentences call them.
func contests(all, named []results.Capacity) (texts []string) {
	among := func(is func(c results.Capacity) bool) (some []results.Capacity) {
		for i, c := range all {
			if c.Transport != results.Baseline && is(c) {
				some = append(some, named[i])
			}
		}
		return some
	}
	var built, transports []string
	for _, c := range all {
		if !slices.Contains(built, c.Stack) {
			built = append(built, c.Stack)
			texts = append(texts, rivals(among(func(o results.Capacity) bool { return o.Stack == c.Stack }))...)
		}
	}
	if len(built) < 2 {
		return texts
	}
	for _, c := range all {
		if !slices.Contains(transports, c.Transport) {
			transports = append(transports, c.Transport)
			texts = append(texts, rivals(among(func(o results.Capacity) bool { return o.Transport == c.Transport }))...)
		}
	}
	return texts
}

// held says what one transport holds.
func held(c results.Capacity) string {
	slo := strings.Join(c.SLO, ", ")
	why := ""
	if c.Why != "" {
		why = ": " + c.Why
	}
	switch {
	case c.Value == nil && c.Ended == "":
		return fmt.Sprintf("nothing is known yet of how much %s holds", c.Transport)
	case c.Value == nil && c.AtLeast:
		return fmt.Sprintf("nothing can be told of how much %s holds%s", c.Transport, why)
	case c.Value == nil:
		return fmt.Sprintf("%s does not even hold %s with %s (%s)%s", c.Transport, slo, At(c, c.Probes[0].At), c.Broke, why)
	case c.Ended == "":
		text := fmt.Sprintf("%s has held %s so far with %s, and the search was not finished", c.Transport, slo, At(c, *c.Value))
		if c.Hi != nil {
			text += fmt.Sprintf("; it has failed with %s", At(c, *c.Hi))
		}
		return text
	case c.AtLeast && c.Broke == results.BrokeNothing:
		return fmt.Sprintf("%s holds %s with %s %s, which is as far as the search went", c.Transport, slo, c.Bound(), At(c, *c.Value))
	case c.AtLeast:
		return fmt.Sprintf("%s holds %s with %s %s: the search was ended by the %s and not by the server%s", c.Transport, slo, c.Bound(), At(c, *c.Value), c.Broke, why)
	}
	text := fmt.Sprintf("%s holds %s with %s (%s): %s broke first%s", c.Transport, slo, At(c, *c.Value), span(c), c.Broke, why)
	if c.Ended == results.EndedBudget {
		text += "; probes contradict each other too much to tell its ends for sure"
	}
	return text
}

// At names a value of the capacity's key: "3200 clients", "schedule.rate 40/s".
func At(c results.Capacity, value float64) string {
	if text := strconv.FormatFloat(value, 'f', -1, 64); c.Key == "clients" {
		return text + " clients"
	} else {
		return c.Key + " " + text + c.Unit
	}
}

// span is the interval, as far as it has ends.
func span(c results.Capacity) string {
	end := func(v *float64) string {
		if v == nil {
			return "?"
		}
		return strconv.FormatFloat(*v, 'f', -1, 64) + c.Unit
	}
	return end(c.Lo) + " to " + end(c.Hi)
}

// rivals compare what holds the most with what comes next, and with what holds the
// least. Where intervals touch, no difference is shown.
func rivals(all []results.Capacity) []string {
	known := slices.DeleteFunc(slices.Clone(all), func(c results.Capacity) bool {
		return c.Value == nil || c.Lo == nil || c.Ended == "" || c.Hi == nil && !c.AtLeast
	})
	if len(known) < 2 {
		return nil
	}
	slices.SortStableFunc(known, func(a, b results.Capacity) int {
		if ratio := over(b, *b.Value, *a.Value); ratio > 1 {
			return 1
		} else if ratio < 1 {
			return -1
		}
		return 0
	})
	best := known[0]
	texts := []string{rival(best, known[1])}
	if last := known[len(known)-1]; len(known) > 2 {
		texts = append(texts, rival(best, last))
	}
	return slices.DeleteFunc(texts, func(text string) bool { return text == "" })
}

// over is how much harder one value is than another: of a search that goes down,
// the smaller is.
func over(c results.Capacity, a, b float64) float64 {
	if c.Down {
		a, b = b, a
	}
	return a / b
}

// rival compares the best with another; "" where the other's end is not known.
func rival(best, other results.Capacity) string {
	if other.Hi == nil {
		return ""
	}
	what := "as many clients as"
	if best.Key != "clients" {
		what = "as hard a " + best.Key + " as"
	}
	least := over(best, *best.Lo, *other.Hi)
	interval := bound(least) + " or more"
	if best.Hi != nil {
		interval = bound(least) + " to " + bound(over(best, *best.Hi, *other.Lo))
	}
	switch {
	case least <= 1:
		return fmt.Sprintf("no difference shown between %s and %s in %s (%s)", best.Transport, other.Transport, best.Key, interval)
	case best.Hi == nil:
		return fmt.Sprintf("%s holds at least %s %s %s", best.Transport, times(least), what, other.Transport)
	}
	return fmt.Sprintf("%s holds %s %s %s (%s)", best.Transport, times(over(best, *best.Value, *other.Value)), what, other.Transport, interval)
}
