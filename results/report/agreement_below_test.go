package report_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"html"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"pgregory.net/rapid"

	"pushbench/results"
	"pushbench/results/compare"
)

// below wants what stands below the rows of a sheet to be what JSON has of it:
// costs, capacities, what others have published and rows over others, in this order.
func below(t *rapid.T, run *results.Run, d document, text string) { // R9
	var want []string
	add := func(transport, stack, axes, metric, unit string, median, lo, hi *float64) {
		end := func(v *float64) string {
			if v == nil {
				return ""
			}
			return strconv.FormatFloat(*v, 'g', -1, 64)
		}
		want = append(want, strings.Join([]string{transport, stack, axes, metric, unit, end(median), end(lo), end(hi)}, ";"))
	}
	for _, c := range d.Costs {
		for _, kind := range []struct {
			name   string
			found  []results.Coefficient
			misfit float64
		}{{"cpu", c.CPU, c.CPUMisfit}, {"memory", c.Memory, c.MemoryMisfit}} {
			for _, one := range kind.found {
				add(c.Transport, c.Stack, "", "cost_"+kind.name+"_"+one.Name, one.Unit, &one.Median, one.Lo, one.Hi)
			}
		}
		add(c.Transport, c.Stack, "", "cost_cpu_misfit", "ratio", &c.CPUMisfit, nil, nil)
		add(c.Transport, c.Stack, "", "cost_memory_misfit", "ratio", &c.MemoryMisfit, nil, nil)
	}
	for _, c := range d.Capacity {
		add(c.Transport, c.Stack, "", "capacity_"+c.Key, c.Unit, c.Value, c.Lo, c.Hi)
	}
	for _, f := range d.Published {
		var axes []string
		for _, key := range slices.Sorted(maps.Keys(f.At)) {
			axes = append(axes, key+"="+f.At[key])
		}
		if f.Over != "" {
			axes = append(axes, "over="+f.Over)
		}
		axes = append(axes, fmt.Sprint("publication=", f.Publication))
		name := "published_"
		if f.Derived != "" {
			name = "derived_"
		}
		at := strings.Join(axes, " ")
		add(f.Transport, "", at, name+f.Metric, f.Unit, &f.Value, nil, nil)
		if f.Ratio != nil {
			add(f.Transport, "", at, name+"ratio_"+f.Metric, "ratio", &f.Ratio.Median, f.Ratio.Lo, f.Ratio.Hi)
		}
	}
	for _, c := range d.Over {
		var axes []string
		for _, key := range slices.Sorted(maps.Keys(c.Axes)) {
			axes = append(axes, key+"="+c.Axes[key])
		}
		axes = append(axes, "over="+c.Over.Transport+"/"+c.Over.Stack)
		told := 0
		for _, metric := range compare.Contrasted(run) {
			if r, has := c.Ratios[metric]; has {
				told++
				add(c.Transport, c.Stack, strings.Join(axes, " "), "ratio_"+metric, "ratio", &r.Median, r.Lo, r.Hi)
			}
		}
		if told != len(c.Ratios) {
			t.Fatalf("%d ratios in JSON, of which %d are known: %+v", len(c.Ratios), told, c)
		}
	}
	records, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range records[1:] {
		if r[4] == "" { // no verdict: it is of no row
			got = append(got, strings.Join([]string{r[1], r[2], r[3], r[8], r[9], r[10], r[11], r[12]}, ";"))
		}
	}
	if !slices.Equal(got, want) {
		t.Fatalf("below the rows of the sheet stands\n%s\nand in JSON\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if tells := slices.Compact(slices.Sorted(slices.Values(got))); len(d.Costs)+len(d.Capacity)+len(d.Over) == 0 && len(tells) != len(got) {
		t.Fatalf("two figures of different publications are one line:\n%s", strings.Join(got, "\n"))
	}
}

// sameElements wants each element of JSON's lists to be a line of NDJSON, and no
// other.
func sameElements(t *rapid.T, text, lines string) {
	var whole map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &whole); err != nil {
		t.Fatal(err)
	}
	found := map[string][]any{}
	for line := range strings.Lines(lines) {
		var members map[string]any
		if err := json.Unmarshal([]byte(line), &members); err != nil {
			t.Fatal(err)
		}
		kind, _ := members["type"].(string)
		delete(members, "type")
		delete(members, "scenario")
		delete(members, "started")
		found[kind] = append(found[kind], members)
	}
	for kind, list := range map[string]string{"cost": "costs", "capacity": "capacity", "threshold": "thresholds", "slo": "slo", "published": "published", "over": "over"} {
		var want []any
		if raw, some := whole[list]; some {
			if err := json.Unmarshal(raw, &want); err != nil {
				t.Fatal(err)
			}
		}
		if len(want) != len(found[kind]) || len(want) > 0 && !reflect.DeepEqual(want, found[kind]) {
			t.Fatalf("%s in JSON:\n%v\nin NDJSON:\n%v", list, want, found[kind])
		}
	}
}

var (
	pageTable = regexp.MustCompile(`(?s)<div class="scroll"[^>]* aria-label="([^"]*)">\s*<table[^>]*>.*?<tbody>(.*?)</tbody>`)
	pageLine  = regexp.MustCompile(`(?s)<tr>(.*?)</tr>`)
	pageCell  = regexp.MustCompile(`(?s)<t[hd][^>]*>(.*?)</t[hd]>`)
	pageNote  = regexp.MustCompile(`(?s)<small>.*?</small>`)
	pageTag   = regexp.MustCompile(`<[^>]+>`)
)

// onPageToo wants every table of the Markdown on the page, cell by cell: rows, costs,
// capacities and what was published.
func onPageToo(t *rapid.T, tables []table, page string) {
	have := map[string][][][]string{} // a picture's numbers may have a table's name
	for _, m := range pageTable.FindAllStringSubmatch(page, -1) {
		var lines [][]string
		for _, line := range pageLine.FindAllStringSubmatch(m[2], -1) {
			var cells []string
			for _, cell := range pageCell.FindAllStringSubmatch(line[1], -1) {
				cells = append(cells, html.UnescapeString(pageTag.ReplaceAllString(pageNote.ReplaceAllString(cell[1], ""), "")))
			}
			lines = append(lines, cells)
		}
		name := html.UnescapeString(m[1])
		have[name] = append(have[name], lines)
	}
	for _, one := range tables {
		same := func(lines [][]string) bool { return slices.EqualFunc(lines, one.lines, slices.Equal[[]string]) }
		if len(one.lines) > 0 && !slices.ContainsFunc(have[one.name], same) {
			t.Fatalf("the table %q on the page:\n%q\nin Markdown:\n%q", one.name, have[one.name], one.lines)
		}
	}
}
