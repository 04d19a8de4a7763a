package recorder

import (
	"testing"
	"time"

	"pushbench/results"
	"pushbench/servers/source"
)

// What clients send late, or what is long under way, is no fault of the source's.
func TestTheWayUpIsNoLagOfTheSource(t *testing.T) {
	j := published(300, 1, 300)
	s := &j.Topics[0]
	s.Said = make([]byte, 300/8+1)
	for i := range s.Due {
		if i%3 == 0 {
			s.Said[i/8] |= 1 << (i % 8)
			s.Pub[i] += int64(80 * time.Millisecond)
		}
	}
	j.Taken = source.Taken{
		Due: []int64{at(1) - 1, at(1), at(299), at(300)}, // of which two are in the phase
		Pub: []int64{at(9), at(2), at(300), at(301)},
	}
	r, _, _ := one(j)
	var trial results.Trial
	if err := r.Snapshot(&trial, r.Books(j)); err != nil {
		t.Fatal(err)
	}
	lag, up := trial.Histograms[results.Lag], trial.Histograms[results.UplinkTime]
	if lag.Count() != 199 || lag.Max() != 0 {
		t.Errorf("lag is of %d events and up to %s, want the 199 of the source, none of them late", lag.Count(), lag.Max())
	}
	if up.Count() != 102 || up.Max() < 80*time.Millisecond || up.Quantile(0.001) > 2*time.Millisecond {
		t.Errorf("uplink time is of %d messages up to %s, want 102 of clients, two of them taken by the server", up.Count(), up.Max())
	}
	trial.Judge(nil)
	for _, reason := range trial.Verdict.Reasons {
		if reason.Code == "source-lag" {
			t.Errorf("the source is blamed: %s", reason.Text)
		}
	}
}

func TestWhoeverIsSilentHasNoUplink(t *testing.T) {
	j := published(10, 3, 9)
	r, s, c := one(j)
	s.got(c, 1, 2, 3, 4, 5, 6, 7, 8)
	var trial results.Trial
	if err := r.Snapshot(&trial, r.Books(j)); err != nil {
		t.Fatal(err)
	}
	if _, there := trial.Histograms[results.UplinkTime]; there || trial.Uplink != (results.Uplink{}) {
		t.Errorf("histogram: %v, traffic %+v", there, trial.Uplink)
	}
}

func TestAnUplinkIsAPartOfTheTraffic(t *testing.T) {
	r := New(Options{Clients: 2, Topics: 1, Shards: 2})
	r.Measure(10, 20)
	for i := range 2 {
		s := r.Shard(i)
		s.Lock()
		s.OpenedToSpeak(5) // before the phase
		s.Opened(12)
		s.Request(12)
		s.Up(12, 1000)
		s.Said(15, 100, i == 0) // one posts it
		s.Said(20, 100, true)   // after the phase
		s.Acknowledged(16, 30)
		s.Down(16, 500)
		s.Unlock()
	}
	var trial results.Trial
	if err := r.Snapshot(&trial, nil); err != nil {
		t.Fatal(err)
	}
	got := trial.Traffic
	if want := (results.Uplink{Requests: 1, Opened: 2, UpBytes: 200, DownBytes: 60}); trial.Uplink != want {
		t.Errorf("uplink %+v, want %+v", trial.Uplink, want)
	}
	if got.Said != 2 || got.Requests != 3 || got.Opened != 2 || got.UpBytes != 2200 || got.DownBytes != 1060 {
		t.Errorf("traffic %+v", got)
	}
}
