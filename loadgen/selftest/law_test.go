package selftest

import (
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"pushbench/results/hdr"
)

func near(a, b, tolerance time.Duration) bool { return max(a-b, b-a) <= tolerance }

func TestALawHasTheQuantilesOfItsHistogram(t *testing.T) { // G13
	h := hdr.New()
	for i := range 10_000 {
		h.Record(time.Duration(i) * time.Microsecond)
	}
	l := lawOf(h)
	for _, q := range []float64{0.01, 0.5, 0.99, 0.999} {
		if got := l.upTo(q * 1e7); math.Abs(got-q) > 0.001 {
			t.Errorf("a share of %g is up to quantile %g", got, q)
		}
	}
	if got, want := l.spread(), 2886751*time.Nanosecond; !near(got, want, 5*time.Microsecond) {
		t.Errorf("standard deviation of the uniform law is %s, want %s", got, want)
	}
}

func TestTheSumOfTwoUniformLawsIsATriangle(t *testing.T) { // G13
	u := uniform(time.Second)
	for _, tt := range []struct {
		q    float64
		want time.Duration
	}{
		{0.5, time.Second},
		{0.125, 500 * time.Millisecond},          // x²/2
		{0.99, time.Duration(1.858578644 * 1e9)}, // 2 − √(2·0.01)
	} {
		if got := sum(u, u, tt.q); !near(got, tt.want, time.Millisecond) {
			t.Errorf("quantile %g of the sum is %s, want %s", tt.q, got, tt.want)
		}
	}
}

func TestTheSumWithAConstantIsAShift(t *testing.T) { // G13
	h := hdr.New()
	h.RecordN(20*time.Millisecond, 100)
	for _, q := range []float64{0.5, 0.9, 0.99} {
		got, want := sum(lawOf(h), uniform(100*time.Millisecond), q), 20*time.Millisecond+share(100*time.Millisecond, q)
		if !near(got, want, 100*time.Microsecond) {
			t.Errorf("quantile %g is %s, want %s", q, got, want)
		}
	}
}

// The sum of two laws is that of all pairs of their values.
func TestTheSumIsThatOfAllPairs(t *testing.T) { // G13
	rapid.Check(t, func(t *rapid.T) {
		var values [2][]int
		var laws [2]law
		for i := range values {
			values[i] = rapid.SliceOfN(rapid.IntRange(1e6, 1e9), 1, 20).Draw(t, "values")
			h := hdr.New()
			for _, v := range values[i] {
				h.Record(time.Duration(v))
			}
			laws[i] = lawOf(h)
		}
		var pairs []int
		for _, a := range values[0] {
			for _, b := range values[1] {
				pairs = append(pairs, a+b)
			}
		}
		slices.Sort(pairs)
		q := rapid.Float64Range(0.01, 0.99).Draw(t, "q")
		got := int(sum(laws[0], laws[1], q))
		// Between the pairs next to the quantile: laws are cut into shares, and their
		// histograms have three figures.
		at := q * float64(len(pairs))
		lo := pairs[max(0, int(at-0.002*float64(len(pairs)))-1)]
		hi := pairs[min(len(pairs)-1, int(at+0.002*float64(len(pairs)))+1)]
		if float64(got) < 0.998*float64(lo) || float64(got) > 1.002*float64(hi) {
			t.Errorf("quantile %g of %v + %v is %d, want %d to %d", q, values[0], values[1], got, lo, hi)
		}
	})
}
