package compare

import (
	"math"
	"slices"
	"sync"

	"github.com/aclements/go-moremath/stats"
	"golang.org/x/perf/benchmath"
)

// Alpha is how often a test may show a difference where there is none.
const Alpha = 0.05

// A Shift is how far one sample lies from another that is independent of it, as the
// trials of two runs are: they share no blocks, so nothing cancels out.
//
// Its test and its interval are two views of one thing, the Mann–Whitney U test:
// the interval holds every factor by which the old values could be multiplied
// without the test telling them from the new ones. Without ties it excludes 1
// exactly where P is at most Alpha; with ties it may end at 1 there.
//
// Note: ends of two medians' intervals would not do. They can overlap where the
// samples differ, and their ratio has no level that anybody could name.
type Shift struct {
	P float64 // two-sided; exact up to 50 values a side, or 25 with ties
	// Direction is 1 when the new values tend to be larger, -1 when they tend to be
	// smaller, and 0 when neither.
	Direction int
	Equal     bool // all values of both are the same one
	// Ratio is the Hodges–Lehmann estimate of the factor: the median of the ratios of
	// every new value to every old one. It is nil when a value is not above zero.
	Ratio *float64
	// Lo and Hi bound it with 95 % confidence; nil without a ratio, and with so few
	// values that nothing could be shown.
	Lo, Hi *float64
}

// ShiftOf compares two samples. It is false when one is empty, or has a value that
// is no number.
func ShiftOf(old, now []float64) (Shift, bool) {
	if len(old) == 0 || len(now) == 0 || slices.ContainsFunc(slices.Concat(old, now), unlike) {
		return Shift{}, false
	}
	s := Shift{P: tested(old, now), Direction: direction(old, now)}
	s.Equal = slices.Min(old) == slices.Max(now) && slices.Max(old) == slices.Min(now)
	var ratios []float64
	for _, under := range old {
		for _, over := range now {
			r := over / under
			if !(under > 0 && r > 0) || math.IsInf(r, 0) {
				return s, true
			}
			ratios = append(ratios, r)
		}
	}
	slices.Sort(ratios)
	s.Ratio = new(middle(ratios))
	if c := critical(len(old), len(now)); c >= 0 {
		s.Lo, s.Hi = new(ratios[c]), new(ratios[len(ratios)-1-c])
	}
	return s, true
}

// Shown says that the samples differ by more than chance would have it.
func (s Shift) Shown() bool { return s.P <= Alpha }

// Enough says whether so many values a side could show a difference at all: of four
// and four the most extreme order has a p of 0.029, of three and three one of 0.1.
func Enough(old, now int) bool { return critical(old, now) >= 0 }

// ByChance is how often samples of so many values are shown to differ where they do
// not. It is below Alpha, since U has only so many values; ties make it less.
func ByChance(old, now int) float64 {
	c := critical(old, now)
	switch {
	case c < 0:
		return 0
	case large(old, now):
		return Alpha
	}
	return 2 * stats.UDist{N1: old, N2: now}.CDF(float64(c))
}

// unlike says that a value is none that can be compared.
func unlike(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) }

// tested is the p-value of the U test. With ties and samples of different sizes the
// library's depends on which comes first, so it is the larger of both.
func tested(old, now []float64) float64 {
	sample := func(values []float64) *benchmath.Sample {
		return benchmath.NewSample(slices.Clone(values), &benchmath.DefaultThresholds)
	}
	a, b := sample(old), sample(now)
	p := benchmath.AssumeNothing.Compare(a, b).P
	if len(old) != len(now) {
		p = max(p, benchmath.AssumeNothing.Compare(b, a).P)
	}
	return min(1, p)
}

// direction is the side to which most pairs fall.
func direction(old, now []float64) int {
	balance := 0
	for _, a := range old {
		for _, b := range now {
			switch {
			case b > a:
				balance++
			case b < a:
				balance--
			}
		}
	}
	return min(1, max(-1, balance))
}

// middle is the median of sorted ratios: of two in the middle their geometric mean,
// so that the median of the inverse ratios is its inverse.
func middle(sorted []float64) float64 {
	n := len(sorted)
	if n%2 == 1 {
		return sorted[n/2]
	}
	return math.Sqrt(sorted[n/2-1]) * math.Sqrt(sorted[n/2])
}

// criticals are the statistics that critical has found, by both sizes.
var criticals sync.Map

// critical is the largest U statistic of samples without ties at which a two-sided
// test shows a difference; below zero when none does.
func critical(m, n int) int {
	sizes := [2]int{m, n}
	if known, ok := criticals.Load(sizes); ok {
		return known.(int)
	}
	found := quantile(m, n)
	criticals.Store(sizes, found)
	return found
}

// large says that the test takes the normal distribution, because the exact one
// would take long.
func large(m, n int) bool { return max(m, n) > stats.MannWhitneyExactLimit }

// quantile finds what critical keeps.
func quantile(m, n int) int {
	if large(m, n) {
		size := float64(m) * float64(n)
		spread := math.Sqrt(size * float64(m+n+1) / 12)
		return int(math.Floor(size/2 - 0.5 + spread*stats.StdNormal.InvCDF(Alpha/2)))
	}
	exact := stats.UDist{N1: m, N2: n}
	low, high := -1, m*n/2 // it is from low on, and below high
	for high-low > 1 {
		if u := (low + high) / 2; 2*exact.CDF(float64(u)) <= Alpha {
			low = u
		} else {
			high = u
		}
	}
	return low
}
