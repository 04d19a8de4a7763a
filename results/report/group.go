package report

import (
	"cmp"
	"slices"

	"pushbench/results/compare"
)

// groupTables are what is shown of clients that do more than receive, or less,
// where a row has any.
var groupTables = []struct {
	name    string
	shown   string // the metric that a row has when it has such clients
	columns []column
}{
	{"slow readers", "slow_stalled", []column{
		{"slow", "clients", "slow_stalled"},
		{"found", "clients", "slow_found"},
		{"half", "found ms", "found_slow_p50"},
		{"all", "found ms", "found_slow_max"},
		{"skipped", "events", "slow_skipped"},
		{"ended", "connections", "connections_ended"},
		{"their p99", "ms", "latency_slow_p99"},
		{"lost by", "the others", "lost_by_others"},
		{"heap", "grown KiB", "server_heap_growth"},
		{"sockets", "grown KiB", "server_sockets_growth"},
	}},
	{"vanished peers", "vanished_stalled", []column{
		{"vanished", "clients", "vanished_stalled"},
		{"found", "clients", "vanished_found"},
		{"half", "found ms", "found_vanished_p50"},
		{"all", "found ms", "found_vanished_max"},
		{"lost by", "the others", "lost_by_others"},
		{"CPU µs", "/client s", "server_cpu_per_client_second"},
		{"down", "B/client min", "down_bytes_per_client_minute"},
		{"up", "B/client min", "up_bytes_per_client_minute"},
		{"sockets", "grown KiB", "server_sockets_growth"},
	}},
	{"coming and going", "returned", []column{
		{"returns", "of clients", "returned"},
		{"connections", "per s", "connections_per_second"},
		{"behind", "returns", "returned_behind"},
		{"caught up", "returns", "caught_up"},
		{"50 %", "caught up ms", "catchup_p50"},
		{"95 %", "caught up ms", "catchup_p95"},
		{"100 %", "caught up ms", "catchup_max"},
		{"CPU µs", "/client s", "server_cpu_per_client_second"},
	}},
}

// groupGrids are the tables that the rows have something for.
func groupGrids(rows []compare.Row) []grid {
	var all []grid
	for _, t := range groupTables {
		has := func(r compare.Row) bool { _, has := r.Metrics[t.shown]; return has }
		if slices.ContainsFunc(rows, has) {
			all = append(all, newGrid(rows, t.name, t.columns))
		}
	}
	return all
}

// conduct says which clients do more than receive, or less; value is what is said
// of a key.
func (l load) conduct(value func(key, alone string) string) (parts []string) {
	if share := value("slow.share", l.Slow.Share); share != "" {
		parts = append(parts, share+" of them read "+value("slow.speed", l.Slow.Speed)+" of that")
	}
	if share := value("vanish.share", l.Vanish.Share); share != "" {
		parts = append(parts, share+" vanish after "+value("vanish.at", cmp.Or(l.Vanish.At, "0s")))
	}
	if stay := value("churn.stay", l.Churn.Stay); stay != "" {
		parts = append(parts, "staying "+stay+" and away for "+value("churn.away", l.Churn.Away))
	}
	if share := value("leave.share", l.Leave.Share); share != "" {
		away := share + " away for " + value("leave.for", l.Leave.For)
		if over := value("leave.over", l.Leave.Over); positive(over) {
			away += " and coming back within " + over
		}
		parts = append(parts, away)
	}
	return parts
}
