package campaign

import (
	"context"
	"strconv"
	"strings"
	"time"

	"pushbench/loadgen/engine"
	"pushbench/results"
	"pushbench/servers/wire"
)

// tally asks the generator for what TCP has done, at the instant. It returns nil
// where the kernel cannot be asked.
func (t *trial) tally(ctx context.Context, instant int64) *engine.Tally {
	if !sleep(ctx, instant) {
		return nil
	}
	tally, err := t.play.Tally(ctx)
	if err != nil {
		return nil
	}
	return tally
}

// ahead is how long before an edge of the phase the generator is asked for its
// tally: asking takes a system call for each connection, and those must not meet
// the first events of the phase. Both edges are taken equally early, so what is
// counted is a window as long as the phase, shifted by that much and with edges
// as wide as the walk over the connections takes: at a steady rate the same
// events, at most one per client more or less.
func (t *trial) ahead() int64 {
	return int64(t.lead()) + int64(t.lines())*int64(2*time.Microsecond)
}

// carried is what TCP has done between two tallies, and how often any connection
// of the system has sent again in about the same time; nil without both tallies.
func carried(before, after *engine.Tally, everyone resends) *results.Wire {
	if before == nil || after == nil {
		return nil
	}
	return &results.Wire{
		SegmentsDown:  after.SegmentsDown - before.SegmentsDown,
		SegmentsUp:    after.SegmentsUp - before.SegmentsUp,
		Retransmitted: after.Retransmitted - before.Retransmitted,
		Everyone:      everyone.segments,
		Probes:        everyone.probes,
		BytesDown:     after.BytesDown - before.BytesDown,
		BytesUp:       after.BytesUp - before.BytesUp,
	}
}

// counters reads one protocol's of /proc/net/snmp or netstat, which have a line
// of names and under it one of numbers.
func counters(text, protocol string) map[string]int64 {
	var names []string
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		if len(fields) == 0 || fields[0] != protocol+":" {
			continue
		}
		if names == nil {
			names = fields
			continue
		}
		found := map[string]int64{}
		for i := 1; i < min(len(names), len(fields)); i++ {
			found[names[i]], _ = strconv.ParseInt(fields[i], 10, 64)
		}
		return found
	}
	return nil
}

// overflowed is how many connections have found the queue full in which they
// wait to be accepted, of all servers of this system.
func overflowed() int64 {
	return counters(fileText("/proc/net/netstat"), "TcpExt")["ListenOverflows"]
}

// sleep waits for an instant of wire.Now and says whether it came before the end
// of the context.
func sleep(ctx context.Context, instant int64) bool {
	timer := time.NewTimer(wire.Until(instant))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
