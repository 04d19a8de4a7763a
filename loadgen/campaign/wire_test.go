package campaign

import (
	"strings"
	"testing"

	"pushbench/loadgen/engine"
	"pushbench/results"
)

const netstat = `TcpExt: SyncookiesSent ListenOverflows ListenDrops
TcpExt: 0 14 29
IpExt: InNoRoutes InOctets
IpExt: 0 40931446
`

func TestCountersAreFoundByNameAndProtocol(t *testing.T) { // G4
	for _, c := range []struct {
		protocol, name string
		want           int64
	}{{"TcpExt", "ListenOverflows", 14}, {"TcpExt", "ListenDrops", 29}, {"IpExt", "InOctets", 40931446}, {"TcpExt", "InOctets", 0}, {"Udp", "InOctets", 0}} {
		if got := counters(netstat, c.protocol)[c.name]; got != c.want {
			t.Errorf("%s of %s is %d, want %d", c.name, c.protocol, got, c.want)
		}
	}
	for _, odd := range []string{"", "TcpExt:", "TcpExt: A B\nTcpExt: 1\n", "TcpExt: A\n"} {
		if got := counters(odd, "TcpExt")["B"]; got != 0 {
			t.Errorf("%q has %d", odd, got)
		}
	}
}

func TestSegmentsSentAgainAndLossProbesAreCountedApart(t *testing.T) {
	snmp := "Tcp: InSegs RetransSegs\nTcp: 900 17\n"
	if got, want := resent(snmp, "TcpExt: TCPLossProbes\nTcpExt: 12\n"), (resends{17, 12}); got != want {
		t.Errorf("of 17 segments sent again and 12 loss probes: %+v", got)
	}
	if got, want := resent(snmp, ""), (resends{17, 0}); got != want {
		t.Errorf("where nobody counts probes: %+v", got)
	}
}

func TestAFullAcceptQueueIsAFinding(t *testing.T) { // G4
	tr := &trial{result: &results.Trial{}}
	tr.accepted(0)
	if reasons := tr.result.Verdict.Reasons; len(reasons) != 0 {
		t.Errorf("nothing has overflowed: %v", reasons)
	}
	tr.accepted(3)
	tr.result.Judge(nil)
	reasons := tr.result.Verdict.Reasons
	if len(reasons) == 0 || reasons[0].Code != "accept-queue" || reasons[0].State != results.Valid {
		t.Errorf("three have found the queue full: %+v", reasons)
	}
	// Where a fault brought them, --connect-rate was that of another time.
	tr = &trial{result: &results.Trial{}, after: &aftermath{}}
	tr.accepted(3)
	if hint := tr.result.Verdict.Reasons[0].Hint; strings.Contains(reasons[0].Hint, "--backoff-first") || !strings.Contains(hint, "--backoff-first") {
		t.Errorf("hints %q without a fault and %q after one", reasons[0].Hint, hint)
	}
}

func TestTheWireIsTheDifferenceOfTwoTallies(t *testing.T) {
	before := &engine.Tally{SegmentsDown: 1, SegmentsUp: 2, Retransmitted: 3, BytesDown: 4, BytesUp: 5}
	after := &engine.Tally{SegmentsDown: 11, SegmentsUp: 22, Retransmitted: 33, BytesDown: 44, BytesUp: 55}
	want := results.Wire{SegmentsDown: 10, SegmentsUp: 20, Retransmitted: 30, Everyone: 7, Probes: 9, BytesDown: 40, BytesUp: 50}
	if got := carried(before, after, resends{7, 9}); got == nil || *got != want {
		t.Errorf("carried %+v, want %+v", got, want)
	}
	if carried(nil, after, resends{}) != nil || carried(before, nil, resends{}) != nil {
		t.Error("one edge alone makes a difference")
	}
}
