package compare_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"pushbench/results/compare"
)

// drawn are values of a distribution without ties, as latencies are.
func drawn(dice *rand.Rand, n int, typical float64) []float64 {
	values := make([]float64, n)
	for i := range values {
		values[i] = typical * math.Exp(dice.NormFloat64()/5)
	}
	return values
}

func shift(t testing.TB, old, now []float64) compare.Shift {
	t.Helper()
	s, ok := compare.ShiftOf(old, now)
	if !ok {
		t.Fatalf("no shift from %v to %v", old, now)
	}
	return s
}

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-9*max(math.Abs(a), math.Abs(b)) }

// Hollander and Wolfe's permeability constants, which R's manual of wilcox.test has
// too: W = 35 and p = 0.1272 one-sided, the estimate of the shift 0.305.
func TestAShiftIsThatOfATextbook(t *testing.T) {
	term := []float64{0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46}
	early := []float64{1.15, 0.88, 0.90, 0.74, 1.21}
	logs := func(values []float64) []float64 {
		factors := make([]float64, len(values))
		for i, v := range values {
			factors[i] = math.Exp(v)
		}
		return factors
	}
	s := shift(t, logs(early), logs(term))
	if math.Abs(s.P-2*0.1272) > 0.0001 || s.Direction != 1 || s.Shown() {
		t.Errorf("p %v towards %d, want 0.2544 and no difference", s.P, s.Direction)
	}
	if s.Ratio == nil || math.Abs(math.Log(*s.Ratio)-0.305) > 1e-9 {
		t.Errorf("ratio %v, want that of 0.305", s.Ratio)
	}
	if s.Lo == nil || *s.Lo >= 1 || *s.Hi <= 1 {
		t.Errorf("interval from %v to %v, want one around 1", s.Lo, s.Hi)
	}
}

// The oracle counts all ways in which ranks could have fallen to the two samples.
func TestTheTestIsExactForFewTrials(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, n := rapid.IntRange(1, 6).Draw(t, "old"), rapid.IntRange(1, 6).Draw(t, "new")
		values := rapid.SliceOfNDistinct(rapid.IntRange(1, 1000), m+n, m+n, rapid.ID[int]).Draw(t, "values")
		var old, now []float64
		for i, v := range values {
			if i < m {
				old = append(old, float64(v))
			} else {
				now = append(now, float64(v))
			}
		}
		s, _ := compare.ShiftOf(old, now)
		if want := counted(old, now); math.Abs(s.P-want) > 1e-12 {
			t.Fatalf("p of %v against %v is %v, want %v", old, now, s.P, want)
		}
	})
}

// counted is the share of all splits of the values whose U is as far from the middle.
func counted(old, now []float64) float64 {
	all := slices.Concat(old, now)
	slices.Sort(all)
	u := func(chosen func(i int) bool) (wins float64) {
		for i := range all {
			for k := range i {
				if chosen(i) && !chosen(k) {
					wins++
				}
			}
		}
		return wins
	}
	middle := float64(len(old)*len(now)) / 2
	have := math.Abs(u(func(i int) bool { return slices.Contains(old, all[i]) }) - middle)
	as, of := 0.0, 0.0
	for set := range 1 << len(all) {
		size := 0
		for i := range all {
			size += set >> i & 1
		}
		if size != len(old) {
			continue
		}
		of++
		if math.Abs(u(func(i int) bool { return set>>i&1 == 1 })-middle) >= have-1e-9 {
			as++
		}
	}
	return as / of
}

func TestTheIntervalExcludesOneExactlyWhereTheTestShowsADifference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dice := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		m, n := rapid.IntRange(1, 60).Draw(t, "old"), rapid.IntRange(1, 60).Draw(t, "new")
		s, ok := compare.ShiftOf(drawn(dice, m, 10), drawn(dice, n, 10*rapid.Float64Range(0.7, 1.4).Draw(t, "factor")))
		if !ok || s.Ratio == nil {
			t.Fatalf("no ratio of positive values: %+v", s)
		}
		if enough := compare.Enough(m, n); enough != (s.Lo != nil) || enough != (s.Hi != nil) {
			t.Fatalf("%d and %d values are enough: %v, and the interval is %v to %v", m, n, enough, s.Lo, s.Hi)
		}
		if s.Lo == nil {
			if s.Shown() {
				t.Fatalf("shown by %d and %d values, which cannot be: %+v", m, n, s)
			}
			return
		}
		if excludes := *s.Lo > 1 || *s.Hi < 1; excludes != s.Shown() {
			t.Fatalf("p %v, interval %v to %v", s.P, *s.Lo, *s.Hi)
		}
		if *s.Ratio < *s.Lo || *s.Ratio > *s.Hi {
			t.Fatalf("ratio %v is not in %v to %v", *s.Ratio, *s.Lo, *s.Hi)
		}
		if s.Shown() && (*s.Ratio > 1) != (s.Direction > 0) {
			t.Fatalf("ratio %v, direction %d", *s.Ratio, s.Direction)
		}
	})
}

func TestScalingTheNewValuesScalesTheRatio(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dice := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 2))
		old, now := drawn(dice, rapid.IntRange(4, 12).Draw(t, "old"), 3), drawn(dice, rapid.IntRange(4, 12).Draw(t, "new"), 3)
		k := rapid.Float64Range(0.001, 1000).Draw(t, "k")
		before, _ := compare.ShiftOf(old, now)
		for i := range now {
			now[i] *= k
		}
		after, _ := compare.ShiftOf(old, now)
		for _, pair := range [][2]*float64{{before.Ratio, after.Ratio}, {before.Lo, after.Lo}, {before.Hi, after.Hi}} {
			if !near(*pair[0]*k, *pair[1]) {
				t.Fatalf("%v times %v is %v", *pair[0], k, *pair[1])
			}
		}
	})
}

func TestSwappingTheSamplesInvertsTheRatio(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		// Few different values, so that there are ties.
		sample := rapid.SliceOfN(rapid.Map(rapid.IntRange(1, 6), func(n int) float64 { return float64(n) }), 1, 9)
		old, now := sample.Draw(t, "old"), sample.Draw(t, "new")
		a, _ := compare.ShiftOf(old, now)
		b, _ := compare.ShiftOf(now, old)
		if !near(a.P, b.P) || a.Direction != -b.Direction || a.Equal != b.Equal || !near(*a.Ratio, 1 / *b.Ratio) {
			t.Fatalf("%+v and the other way round %+v", a, b)
		}
		if (a.Lo == nil) != (b.Hi == nil) || a.Lo != nil && (!near(*a.Lo, 1 / *b.Hi) || !near(*a.Hi, 1 / *b.Lo)) {
			t.Fatalf("interval %v to %v, and the other way round %v to %v", a.Lo, a.Hi, b.Lo, b.Hi)
		}
	})
}

// Of many comparisons of a thing with itself so many show a difference as ByChance
// says, and no more than one in twenty.
func TestChanceShowsAsManyDifferencesAsItIsSaidTo(t *testing.T) { // G17
	for _, sizes := range [][2]int{{4, 4}, {6, 6}, {5, 8}, {10, 10}, {3, 12}} {
		dice := rand.New(rand.NewPCG(5, uint64(sizes[0])))
		const times = 20_000
		shown, ties := 0, 0
		for range times {
			old, now := drawn(dice, sizes[0], 10), drawn(dice, sizes[1], 10)
			if shift(t, old, now).Shown() {
				shown++
			}
			for _, values := range [][]float64{old, now} {
				for i := range values {
					values[i] = math.Round(values[i])
				}
			}
			if shift(t, old, now).Shown() {
				ties++
			}
		}
		want := compare.ByChance(sizes[0], sizes[1])
		noise := 4 * math.Sqrt(want*(1-want)/times)
		if got := float64(shown) / times; math.Abs(got-want) > noise || want > compare.Alpha {
			t.Errorf("%v values: %v of comparisons show a difference, want %v ± %v", sizes, got, want, noise)
		}
		if got := float64(ties) / times; got > compare.Alpha+noise {
			t.Errorf("%v values with ties: %v of comparisons show a difference", sizes, got)
		}
	}
}

func TestTheIntervalHoldsTheTrueRatio(t *testing.T) {
	dice := rand.New(rand.NewPCG(11, 11))
	const times, truth = 10_000, 1.3
	held := 0
	for range times {
		s := shift(t, drawn(dice, 6, 10), drawn(dice, 7, 10*truth))
		if *s.Lo <= truth && truth <= *s.Hi {
			held++
		}
	}
	want := 1 - compare.ByChance(6, 7)
	if got := float64(held) / times; math.Abs(got-want) > 4*math.Sqrt(want*(1-want)/times) {
		t.Errorf("%v of intervals hold the ratio, want %v", got, want)
	}
}

func TestThreeTrialsASideCanShowNothing(t *testing.T) {
	for _, c := range []struct {
		old, now int
		want     bool
	}{{3, 3, false}, {1, 30, false}, {4, 4, true}, {3, 5, true}, {2, 7, false}, {2, 8, true}, {1, 39, true}, {60, 70, true}} {
		if got := compare.Enough(c.old, c.now); got != c.want {
			t.Errorf("%d and %d values are enough: %v, want %v", c.old, c.now, got, c.want)
		}
	}
}

func TestWhatIsNotAboveZeroHasNoRatio(t *testing.T) {
	zero, some := []float64{0, 0, 0, 0}, []float64{3, 4, 5, 6}
	for _, c := range []struct {
		old, now  []float64
		shown     bool
		direction int
		equal     bool
	}{
		{zero, some, true, 1, false}, {some, zero, true, -1, false}, {zero, zero, false, 0, true},
		{[]float64{-5, -4, -3, -2}, some, true, 1, false}, {[]float64{0, 0, 0, 1}, zero, false, -1, false},
	} {
		s := shift(t, c.old, c.now)
		if s.Ratio != nil || s.Lo != nil || s.Hi != nil {
			t.Errorf("%v to %v has the ratio %v", c.old, c.now, s.Ratio)
		}
		if s.Shown() != c.shown || s.Direction != c.direction || s.Equal != c.equal {
			t.Errorf("%v to %v: %+v", c.old, c.now, s)
		}
	}
	one := shift(t, []float64{2, 2}, []float64{2})
	if !one.Equal || one.Shown() || one.Ratio == nil || *one.Ratio != 1 {
		t.Errorf("the same values: %+v", one)
	}
	for _, bad := range [][]float64{nil, {1, math.NaN()}, {math.Inf(1)}} {
		if s, ok := compare.ShiftOf(bad, some); ok {
			t.Errorf("%v has a shift: %+v", bad, s)
		}
		if s, ok := compare.ShiftOf(some, bad); ok {
			t.Errorf("%v has a shift: %+v", bad, s)
		}
	}
	if s, ok := compare.ShiftOf([]float64{1e-300, 1, 1, 1}, []float64{1e300, 1, 1, 1}); !ok || s.Ratio != nil {
		t.Errorf("a ratio beyond all numbers: %+v", s)
	}
}
