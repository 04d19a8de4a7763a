package recorder

import (
	"math"
	"sync"
	"time"

	"pushbench/results"
	"pushbench/results/hdr"
	"pushbench/servers/wire"
)

// How finely a phase is cut: ten slices show a trend, and an hour of seconds is
// as much as a file should carry.
const (
	fewest = 10
	most   = 3600
)

// Slices lays out the measured phase between two instants of wire.Now: slices of
// a second, or a tenth of a phase that is shorter than ten. They are equal: a
// phase that is not a whole number of seconds has slightly longer ones, instead
// of a last one too short to be compared, and one above an hour has 3,600. Slice
// i begins at from + i·Every, and the last ends at to, if need be some
// nanoseconds early.
func Slices(from, to int64) results.Series {
	if to <= from {
		return results.Series{}
	}
	length := to - from
	n := min(max(length/int64(time.Second), fewest), most)
	every := (length-1)/n + 1
	return results.Series{Every: time.Duration(every), Slices: make([]results.Slice, pieces(length, every))}
}

// pieces is how many slices a phase of that length has, a started one included.
func pieces(length, every int64) int64 {
	if length <= 0 {
		return 0
	}
	return (length-1)/every + 1
}

// Measure sets the measured phase, in nanoseconds of wire.Now: events due in it
// get latencies, and what happens in it is traffic. It must be called once,
// before the first event of the phase is due.
func (r *Recorder) Measure(from, to int64) {
	layout := Slices(from, to)
	r.each(func(s *Shard) {
		s.from, s.to = from, to
		s.every = int64(layout.Every)
		s.slices = make([]slice, len(layout.Slices))
		s.now, s.due = window{}, window{}
	})
}

// Cut ends the phase now, if it is not over yet, and says at which instant:
// books and readings must be of a phase that ends there. Slices that would have
// begun later are dropped, and the one under way is shorter than the others. The
// source must have stopped, so that nothing was due later than that. Others that
// measure the same phase are cut at the same instant.
func (r *Recorder) Cut(others ...*Recorder) (to int64) {
	all := append([]*Recorder{r}, others...)
	for _, one := range all {
		for _, s := range one.shards {
			s.Lock()
			defer s.Unlock()
		}
	}
	// With all locks held, no shard knows of anything that happened after it.
	now := wire.Now() + 1
	for _, one := range all {
		for _, s := range one.shards {
			to = s.cut(now)
		}
	}
	return to
}

// CutAt ends the phase at an instant that is still to come, for recorders of several
// processes. Else it is as Cut.
func (r *Recorder) CutAt(at int64) (to int64) {
	r.each(func(s *Shard) { to = s.cut(at) })
	return to
}

// cut ends the phase at the instant at the latest, but not before it begins.
func (s *Shard) cut(at int64) int64 {
	s.to = max(s.from, min(s.to, at))
	s.slices = s.slices[:pieces(s.to-s.from, s.every)]
	if s.now.slice != &s.rest {
		s.now.to = min(s.now.to, s.to)
	}
	return s.to
}

// A timeline is a shard's share of the phase in slices. Latencies go into one
// histogram; when its slice is over, that is packed and used again. The packing
// is left to a goroutine, because slices often end where an event is due: a
// reader that packed would make just that event late.
type timeline struct {
	every  int64
	slices []slice
	rest   slice // what was received outside of the phase; of no slice, but of the trial
	now    window
	due    window

	latency *hdr.Histogram // of now's slice
	spare   *hdr.Histogram // nil while it is being packed
	p99     time.Duration  // of all that is packed

	packing sync.WaitGroup
	shelf   sync.Mutex    // for what follows; it is taken before the shard's lock
	total   hdr.Histogram // all that is packed
	failed  error
}

// A slice is a shard's share of one slice of the phase.
type slice struct {
	delivered int64           // events received in it
	due, sum  int64           // deliveries of events due in it, and the sum of their latencies in ns
	packed    *hdr.Histogram  // latencies of events received in it, once it is over
	strays    []time.Duration // more of them: two goroutines of a shard may wait for its lock and get it in the wrong order
}

// A window is when a slice is: it holds the last instant that was looked up, and
// most often the next one too.
type window struct {
	from, to int64
	*slice
}

func (w *window) holds(instant int64) bool { return instant >= w.from && instant < w.to }

// window finds the slice of an instant.
func (s *Shard) window(instant int64) window {
	switch {
	case instant < s.from:
		return window{math.MinInt64, s.from, &s.rest}
	case instant >= s.to:
		return window{s.to, math.MaxInt64, &s.rest}
	}
	i := (instant - s.from) / s.every
	from := s.from + i*s.every
	return window{from, from + min(s.every, s.to-from), &s.slices[i]}
}

// receivedIn is the slice of an event received now, which ends the one before.
func (s *Shard) receivedIn(now int64) *slice {
	if s.now.holds(now) {
		return s.now.slice
	}
	w := s.window(now)
	if now >= s.now.from {
		s.turnOver()
		s.now = w
	}
	return w.slice
}

// took notes the latency of an event received in that slice.
func (s *Shard) took(in *slice, due int64, latency time.Duration) {
	if in == s.now.slice {
		s.latency.Record(latency)
	} else {
		in.strays = append(in.strays, latency)
	}
	if !s.due.holds(due) {
		s.due = s.window(due)
	}
	s.due.due++
	s.due.sum += int64(latency)
}

// turnOver has the latencies of now's slice packed. The shard is locked.
func (s *Shard) turnOver() {
	if s.latency.Count() == 0 {
		return
	}
	full, over := s.latency, s.now.slice
	s.latency, s.spare = s.spare, nil
	if s.latency == nil {
		s.latency = hdr.New()
	}
	s.packing.Go(func() { s.pack(full, over) })
}

func (s *Shard) pack(full *hdr.Histogram, over *slice) {
	s.shelf.Lock()
	defer s.shelf.Unlock()
	packed := full.Packed()
	full.Reset()
	if err := s.total.Merge(packed); err != nil {
		s.failed = err
	}
	p99 := s.total.Quantile(0.99)
	s.Lock()
	defer s.Unlock()
	over.packed, s.spare, s.p99 = packed, full, p99
}

// settle packs what is left. Nothing may be recorded any more.
func (s *Shard) settle() error {
	s.Lock()
	s.turnOver()
	s.Unlock()
	s.packing.Wait()
	return s.failed
}

// timelines merges the shards' slices into the trial's, and all latencies of
// them and of the rest into the histogram.
func (r *Recorder) timelines(t *results.Trial, latency *hdr.Histogram) error {
	for _, s := range r.shards {
		if err := s.settle(); err != nil {
			return err
		}
		if err := latency.Merge(&s.total); err != nil {
			return err
		}
		s.rest.scatter(latency)
		for i := range s.slices {
			s.slices[i].scatter(latency)
		}
	}
	first := r.shards[0] // all have the same layout
	series := results.Series{Every: time.Duration(first.every), Slices: make([]results.Slice, len(first.slices))}
	among := hdr.New()
	for i := range series.Slices {
		merged := &series.Slices[i]
		if i < len(t.Series.Slices) {
			measured := t.Series.Slices[i]
			merged.ServerCPU, merged.GeneratorCPU = measured.ServerCPU, measured.GeneratorCPU
		}
		among.Reset()
		if err := r.slice(i, merged, among); err != nil {
			return err
		}
	}
	t.Series = series
	return nil
}

// slice merges the shards' shares of slice i; among is for its latencies.
func (r *Recorder) slice(i int, merged *results.Slice, among *hdr.Histogram) error {
	var sum int64
	for _, s := range r.shards {
		share := &s.slices[i]
		merged.Delivered += share.delivered
		merged.Due += share.due
		sum += share.sum
		if err := among.Merge(share.packed); err != nil {
			return err
		}
		share.scatter(among)
	}
	if merged.Due > 0 {
		merged.Mean = time.Duration(sum / merged.Due)
	}
	merged.Timed, merged.P50, merged.P99 = among.Count(), among.Quantile(0.5), among.Quantile(0.99)
	return nil
}

// scatter records the strays.
func (s *slice) scatter(h *hdr.Histogram) {
	for _, latency := range s.strays {
		h.Record(latency)
	}
}
