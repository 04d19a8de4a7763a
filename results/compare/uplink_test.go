package compare_test

import (
	"strings"
	"testing"
	"time"

	"pushbench/results"
	"pushbench/results/compare"
	"pushbench/results/hdr"
)

func TestWhereClientsSpeakTheirWayUpIsComparedToo(t *testing.T) {
	run := blocks(6, map[string]time.Duration{"ws": 10 * time.Millisecond, "sse": 10 * time.Millisecond})
	if said := texts(compare.Findings(run)); strings.Contains(said, "message") || strings.Contains(said, "uplink") {
		t.Errorf("messages where nobody speaks:\n%s", said)
	}
	for i := range run.Trials {
		one := &run.Trials[i]
		one.Traffic.Said = 1000
		one.Uplink = results.Uplink{UpBytes: 70_000}
		if one.Transport == "sse" {
			one.Uplink = results.Uplink{Requests: 1000, UpBytes: 200_000, DownBytes: 80_000}
			one.Usage.ServerCPU *= 2
		}
		way := hdr.New()
		way.RecordN(time.Duration(1+one.Block)*time.Millisecond, 1000)
		one.Histograms[results.UplinkTime] = way
	}
	said := texts(compare.Findings(run))
	for _, want := range []string{
		"no-difference: no difference shown between sse and ws in uplink time p99 (1.0000× to 1.0000×)",
		"difference: ws carries a message or an event for 2.0× less server CPU than sse",
		"difference: ws takes 4.0× fewer bytes per message on its way up than sse (4.0× to 4.0×)",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("no %q in\n%s", want, said)
		}
	}
}
