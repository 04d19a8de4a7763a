package campaign

import (
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

func TestLossProbesAreNotLosses(t *testing.T) {
	snmp := "Tcp: InSegs RetransSegs\nTcp: 900 17\n"
	if got := retransmitted(snmp, "TcpExt: TCPLossProbes\nTcpExt: 12\n"); got != 5 {
		t.Errorf("17 segments sent again, 12 of them probes: %d losses, want 5", got)
	}
	if got := retransmitted(snmp, ""); got != 17 {
		t.Errorf("without the count of probes: %d losses, want 17", got)
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
}

func TestTheWireIsTheDifferenceOfTwoTallies(t *testing.T) {
	before := &engine.Tally{SegmentsDown: 1, SegmentsUp: 2, Retransmitted: 3, BytesDown: 4, BytesUp: 5}
	after := &engine.Tally{SegmentsDown: 11, SegmentsUp: 22, Retransmitted: 33, BytesDown: 44, BytesUp: 55}
	want := results.Wire{SegmentsDown: 10, SegmentsUp: 20, Retransmitted: 30, Everyone: 7, BytesDown: 40, BytesUp: 50}
	if got := carried(before, after, 7); got == nil || *got != want {
		t.Errorf("carried %+v, want %+v", got, want)
	}
	if carried(nil, after, 7) != nil || carried(before, nil, 7) != nil {
		t.Error("one edge alone makes a difference")
	}
}
