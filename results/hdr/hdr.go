// Package hdr records durations in HDR histograms: three significant figures
// from a nanosecond to an hour. It is the one place that knows the histogram
// library.
package hdr

import (
	"fmt"
	"time"

	hdrhistogram "github.com/HdrHistogram/hdrhistogram-go"
)

const (
	lowest = time.Nanosecond
	// Highest is the longest duration that is counted with its value. With it a
	// histogram takes about 264 KiB, a few KiB in a file.
	Highest = time.Hour
	digits  = 3
)

// A Histogram counts durations. What does not fit its range is counted too,
// apart, and takes part in every quantile as what it is: a value below zero as
// the smallest, one above Highest as the largest. Smallest and largest value are
// exact. The zero value is empty and ready; a nil one can be read and is empty.
// It is not safe for concurrent use.
type Histogram struct {
	// One of the two holds the values within the range: dense for recording,
	// sparse for what was packed or read from a file, of which there are many.
	dense          *hdrhistogram.Histogram
	sparse         *hdrhistogram.PackedHistogram
	negative, over int64
	min, max       time.Duration
	// text is what MarshalJSON has made of a sparse one, nil once something has
	// changed. A run is saved after each trial, with those before it, and to encode a
	// histogram takes most of that.
	text []byte
}

// New returns an empty histogram that has allocated what it needs.
func New() *Histogram {
	h := new(Histogram)
	h.thaw()
	return h
}

// NewSparse returns an empty histogram that takes memory only for the values that
// it has. To record one takes several times as long: it is for what is rare.
func NewSparse() *Histogram { return &Histogram{sparse: packed()} }

func packed() *hdrhistogram.PackedHistogram {
	return hdrhistogram.NewPacked(int64(lowest), int64(Highest), digits)
}

// Record counts one duration.
func (h *Histogram) Record(d time.Duration) {
	// Most are between the smallest and the largest so far, and need nothing else.
	if h.dense != nil && h.min <= d && d <= h.max && 0 <= d && d <= Highest {
		_ = h.dense.RecordValue(int64(d)) // as in RecordN
		return
	}
	h.RecordN(d, 1)
}

// RecordN counts n times the same duration; n below one counts nothing.
func (h *Histogram) RecordN(d time.Duration, n int64) {
	if n < 1 {
		return
	}
	if h.dense == nil && h.sparse == nil {
		h.thaw()
	}
	if h.Count() == 0 {
		h.min, h.max = d, d
	}
	h.min, h.max, h.text = min(h.min, d), max(h.max, d), nil
	// The range is looked at here, and the library has no other error before the
	// count of all values overflows.
	switch {
	case d < 0:
		h.negative += n
	case d > Highest:
		h.over += n
	case h.dense != nil:
		_ = h.dense.RecordValues(int64(d), n)
	default:
		_ = h.sparse.RecordValues(int64(d), n)
	}
}

// Count is how many durations were recorded, those beyond the range included.
func (h *Histogram) Count() int64 {
	if h == nil {
		return 0
	}
	return h.within() + h.negative + h.over
}

// Negative is how many were below zero: an instant before its cause.
func (h *Histogram) Negative() int64 {
	if h == nil {
		return 0
	}
	return h.negative
}

// Over is how many were above Highest.
func (h *Histogram) Over() int64 {
	if h == nil {
		return 0
	}
	return h.over
}

// Min is the smallest recorded duration, exactly; zero when there is none.
func (h *Histogram) Min() time.Duration {
	if h == nil {
		return 0
	}
	return h.min
}

// Max is the largest recorded duration, exactly; zero when there is none.
func (h *Histogram) Max() time.Duration {
	if h == nil {
		return 0
	}
	return h.max
}

// Mean is the mean of the values within the range, to three figures; zero when
// there is none.
func (h *Histogram) Mean() time.Duration {
	switch {
	case h == nil:
		return 0
	case h.dense != nil:
		return time.Duration(h.dense.Mean())
	case h.sparse != nil:
		return time.Duration(h.sparse.Mean())
	}
	return 0
}

// Deviation is the standard deviation of the values within the range, to three
// figures of each of them; zero when there is none.
func (h *Histogram) Deviation() time.Duration {
	switch {
	case h == nil:
		return 0
	case h.dense != nil:
		return time.Duration(h.dense.StdDev())
	case h.sparse != nil:
		return time.Duration(h.sparse.StdDev())
	}
	return 0
}

// Quantile is the smallest duration that a share q of all recorded ones, from 0
// to 1, does not exceed, to three figures; zero when there is none.
func (h *Histogram) Quantile(q float64) time.Duration {
	total := h.Count()
	if total == 0 {
		return 0
	}
	within := h.within()
	rank := rank(q, total)
	switch {
	case rank <= h.negative:
		return h.min
	case rank > h.negative+within:
		return h.max
	}
	// The library takes percent and rounds to the nearest rank, not up.
	percent := float64(rank-h.negative) / float64(within) * 100
	var value int64
	if h.dense != nil {
		value = h.dense.ValueAtPercentile(percent)
	} else {
		value = h.sparse.ValueAtPercentile(percent)
	}
	// A value stands for its bucket's upper end, which may be beyond the largest.
	return min(max(time.Duration(value), h.min), h.max)
}

// rank is the place, from 1, of quantile q among that many values in order.
func rank(q float64, total int64) int64 {
	place := q * float64(total)
	n := int64(place)
	if place > float64(n)*(1+1e-12) { // 0.9 × 10 is 9, whatever the last bit says
		n++
	}
	return min(max(n, 1), total)
}

// Merge adds what the other has recorded. The error says that values were
// dropped because the two do not have the same range.
func (h *Histogram) Merge(other *Histogram) error {
	if other.Count() == 0 {
		return nil
	}
	if h.Count() == 0 {
		h.min, h.max = other.min, other.max
	}
	h.text = nil
	h.min, h.max = min(h.min, other.min), max(h.max, other.max)
	h.negative += other.negative
	h.over += other.over
	var dropped int64
	switch {
	case other.dense != nil:
		h.thaw()
		dropped = h.dense.Merge(other.dense)
	case other.sparse == nil: // all that it has is beyond the range
	case h.dense != nil:
		dropped = other.sparse.MergeInto(h.dense)
	default: // neither takes the memory of all values that there could be
		if h.sparse == nil {
			h.sparse = packed()
		}
		dropped = h.sparse.Merge(other.sparse)
	}
	if dropped != 0 {
		return fmt.Errorf("merge histograms: %d values dropped", dropped)
	}
	return nil
}

// Packed returns a copy that takes as much memory as it has distinct values, to
// be kept and merged. Recording into it takes as long as of NewSparse.
func (h *Histogram) Packed() *Histogram {
	if h == nil {
		return nil
	}
	copied := &Histogram{sparse: packed(), negative: h.negative, over: h.over, min: h.min, max: h.max}
	// Nothing can be dropped: both have the same range, and one total.
	switch {
	case h.dense != nil:
		copied.sparse.MergeFrom(h.dense)
	case h.sparse != nil:
		copied.sparse.Merge(h.sparse)
	}
	return copied
}

// Reset forgets everything and keeps the memory.
func (h *Histogram) Reset() {
	if h.dense != nil {
		h.dense.Reset()
	}
	if h.sparse != nil {
		h.sparse.Reset()
	}
	*h = Histogram{dense: h.dense, sparse: h.sparse}
}

// thaw makes the histogram one that can record.
func (h *Histogram) thaw() {
	if h.dense != nil {
		return
	}
	h.dense = hdrhistogram.New(int64(lowest), int64(Highest), digits)
	if h.sparse != nil {
		h.sparse.MergeInto(h.dense) // read checked that all of it fits
		h.sparse, h.text = nil, nil
	}
}

// within is how many values were within the range.
func (h *Histogram) within() int64 {
	switch {
	case h.dense != nil:
		return h.dense.TotalCount()
	case h.sparse != nil:
		return h.sparse.TotalCount()
	}
	return 0
}
