package recorder

import (
	"maps"

	"pushbench/results"
	"pushbench/results/hdr"
)

// Snapshot merges the shards into the trial: histograms, slices, traffic, what
// the generator said about itself, and the whole accounting. Without books
// nobody knows what was owed, and the accounting stays empty. What others have
// put into the trial stays: other histograms, the slices' CPU time, write calls,
// a larger step of the clock. All histograms are packed. It is for after the engine
// has stopped.
func (r *Recorder) Snapshot(t *results.Trial, b *Books) error {
	merged := map[string]*hdr.Histogram{}
	for _, name := range []string{results.Latency, results.Delivery, results.Lag, results.Connect, results.Fanout, results.Spread, results.UplinkTime} {
		merged[name] = hdr.New()
	}
	t.Uplink = results.Uplink{}
	t.Traffic = results.Traffic{Closed: map[string]int64{}, Refused: map[string]int64{}, Writes: t.Traffic.Writes}
	for _, s := range r.shards {
		for name, h := range map[string]*hdr.Histogram{results.Delivery: s.delivery, results.Connect: s.connect} {
			if err := merged[name].Merge(h); err != nil {
				return err
			}
		}
		addTraffic(&t.Traffic, &s.traffic)
		t.Uplink.Add(s.uplink)
	}
	if err := r.timelines(t, merged[results.Latency]); err != nil {
		return err
	}
	var each byRole
	if b != nil {
		t.Events, each = r.account(b, merged)
	}
	if err := r.asides(t, b, each, merged); err != nil {
		return err
	}
	for _, h := range merged {
		t.Events.Negative += h.Negative()
		t.Events.Clipped += h.Over()
	}
	if err := r.recovery(t.Recovery); err != nil {
		return err
	}
	if t.Histograms == nil {
		t.Histograms = map[string]*hdr.Histogram{}
	}
	if merged[results.UplinkTime].Count() == 0 {
		delete(merged, results.UplinkTime)
	}
	maps.Copy(t.Histograms, merged)
	if b != nil {
		r.staleness(b, t)
		r.fairness(t)
	}
	if err := r.generator(t); err != nil {
		return err
	}
	// A long run keeps those of thousands of trials.
	for name, h := range t.Histograms {
		t.Histograms[name] = h.Packed()
	}
	return nil
}

func addTraffic(sum, s *results.Traffic) {
	sum.Delivered += s.Delivered
	sum.Requests += s.Requests
	sum.Opened += s.Opened
	sum.ConnectFailed += s.ConnectFailed
	sum.MissedPolls += s.MissedPolls
	sum.PayloadBytes += s.PayloadBytes
	sum.DownBytes += s.DownBytes
	sum.UpBytes += s.UpBytes
	sum.Said += s.Said
	sum.SayFailed += s.SayFailed
	for reason, n := range s.Closed {
		sum.Closed[reason] += n
	}
	for reason, n := range s.Refused {
		sum.Refused[reason] += n
	}
}
