package campaign

import (
	"net/netip"
	"testing"
	"time"

	"pushbench/loadgen/crowd"
	"pushbench/loadgen/recorder"
	"pushbench/results"
	"pushbench/results/hdr"
	"pushbench/servers/source"
)

func TestWhoIsFoundOutIsToldOfATrialWhoseRecordIsWhole(t *testing.T) {
	client := netip.MustParseAddrPort("127.0.0.1:4000")
	stalls := []crowd.Stall{{Role: recorder.Slow, Client: client, At: 100}}
	found := byClient([]source.Finding{{Client: client.String(), At: 100 + int64(time.Second)}})
	whole := results.Trial{Groups: map[string]results.Group{}, Histograms: map[string]*hdr.Histogram{}}
	failed := results.Trial{}
	for _, r := range []*results.Trial{&whole, &failed} {
		expose(r, stalls, found, int64(time.Minute))
	}
	if g := whole.Groups[results.GroupSlow]; g.Stalled != 1 || g.Found != 1 || whole.Histograms[results.FoundSlow].Max() != time.Second {
		t.Errorf("%+v, %v", g, whole.Histograms)
	}
	if failed.Groups != nil || failed.Histograms != nil {
		t.Errorf("of a trial without a record: %+v", failed)
	}
}
