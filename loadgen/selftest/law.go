package selftest

import (
	"math"
	"slices"
	"time"

	"pushbench/results/hdr"
)

// A law is a distribution: its quantiles at the middles of equal shares, in
// nanoseconds.
type law []float64

// fineness is into how many shares a law is cut: enough for what one in a
// thousand exceeds.
const fineness = 4000

func lawOf(h *hdr.Histogram) law {
	l := make(law, fineness)
	for i := range l {
		l[i] = float64(h.Quantile((float64(i) + 0.5) / fineness))
	}
	return l
}

// uniform is the law of a wait for the next of instants that are so far apart.
func uniform(interval time.Duration) law {
	l := make(law, fineness)
	for i := range l {
		l[i] = (float64(i) + 0.5) / fineness * float64(interval)
	}
	return l
}

// spread is the standard deviation.
func (l law) spread() time.Duration {
	var sum, squares float64
	for _, v := range l {
		sum += v
	}
	mean := sum / float64(len(l))
	for _, v := range l {
		squares += (v - mean) * (v - mean)
	}
	return time.Duration(math.Sqrt(squares / float64(len(l))))
}

// upTo is the share of values that do not exceed x; between two quantiles it
// is interpolated.
func (l law) upTo(x float64) float64 {
	i, _ := slices.BinarySearch(l, x)
	switch {
	case i == 0:
		return 0
	case i == len(l):
		return 1
	}
	part := (x - l[i-1]) / (l[i] - l[i-1])
	return (float64(i) - 0.5 + part) / float64(len(l))
}

// sum returns quantile q of a value of one law plus an independent one of the
// other: the point x up to which the mean of P(b ≤ x − a) over all a is q.
func sum(a, b law, q float64) time.Duration {
	lo, hi := a[0]+b[0], a[len(a)-1]+b[len(b)-1]
	for hi-lo > float64(time.Microsecond) {
		x := (lo + hi) / 2
		var share float64
		for _, v := range a {
			share += b.upTo(x - v)
		}
		if share/float64(len(a)) < q {
			lo = x
		} else {
			hi = x
		}
	}
	return time.Duration(hi)
}
