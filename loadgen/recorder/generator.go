package recorder

import (
	"time"

	"pushbench/results"
	"pushbench/results/hdr"
)

// Delayed, Late and Stepped make a recorder an engine's observer: they keep what
// the generator has to say about itself within the measured phase. They lock the
// shard themselves.

// Delayed records by how much a read that returned at now was later than the
// kernel's receive timestamp. It counts when the read was within the phase: the
// arrival is told by the wall clock, and one that lies would choose what counts.
// Only after the phase the arrival decides, so that a pause over its end is seen.
func (r *Recorder) Delayed(shard int, now int64, by time.Duration) {
	s := r.Shard(shard)
	s.Lock()
	defer s.Unlock()
	if s.during(now) || now >= s.to && s.during(now-int64(by)) {
		s.delay.Record(by)
	}
}

// Late records by how much a timer that fired at now was late. It counts when the
// timer was due within the phase, like an event: a pause at the end of the phase
// delays what was due in it, however long it lasts.
func (r *Recorder) Late(shard int, now int64, by time.Duration) {
	s := r.Shard(shard)
	s.Lock()
	defer s.Unlock()
	if s.during(now - int64(by)) {
		s.jitter.Record(by)
	}
}

// Stepped records that the wall clock has jumped, and how many timestamps that
// has made worthless.
func (r *Recorder) Stepped(shard int, now int64, by time.Duration, dropped int) {
	s := r.Shard(shard)
	s.Lock()
	defer s.Unlock()
	if s.during(now) {
		s.disturbed.Stepped(by)
		s.disturbed.Dropped += int64(dropped)
	}
}

// generator merges what the shards were told about the generator. A histogram of
// nothing is left out.
//
// Note: what is below zero or beyond the range here stays in its histogram and
// out of the accounting, which is about events. Such a delay says that the wall
// clock has jumped and nobody noticed; no latency depends on that clock. It is no
// dropped timestamp either, because nobody has dropped it.
func (r *Recorder) generator(t *results.Trial) error {
	delay, jitter := hdr.New(), hdr.New()
	t.Disturbed.Dropped = 0
	for _, s := range r.shards {
		if err := delay.Merge(s.delay); err != nil {
			return err
		}
		if err := jitter.Merge(s.jitter); err != nil {
			return err
		}
		t.Disturbed.Stepped(s.disturbed.ClockStep)
		t.Disturbed.Dropped += s.disturbed.Dropped
	}
	for name, h := range map[string]*hdr.Histogram{results.GeneratorDelay: delay, results.GeneratorJitter: jitter} {
		if h.Count() > 0 {
			t.Histograms[name] = h
		}
	}
	return nil
}
