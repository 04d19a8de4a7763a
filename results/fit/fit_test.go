package fit

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"
)

func TestTrendTellsGrowthFromNoise(t *testing.T) {
	for name, c := range map[string]struct {
		series []float64
		tau    float64
		shown  bool // p below 0.01
	}{
		"grows":         {[]float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 1, true},
		"falls":         {[]float64{9, 8, 7, 6, 5, 4, 3, 2}, -1, true},
		"stays":         {[]float64{5, 6, 4, 5.5, 4.5, 6.5, 3.5, 5.1, 4.9, 5.2}, -0.067, false},
		"one stall":     {[]float64{1, 1.1, 0.9, 50, 1, 1.05, 0.95, 1.02}, 0, false},
		"too few":       {[]float64{1, 2, 3, 4}, 0, false},
		"empty":         {nil, 0, false},
		"five in order": {[]float64{1, 2, 3, 4, 5}, 1, false}, // by chance once in 60
	} {
		tau, p := Trend(c.series)
		if math.Abs(tau-c.tau) > 0.05 {
			t.Errorf("%s: tau %.3f, want %.3f", name, tau, c.tau)
		}
		if shown := p < 0.01; shown != c.shown {
			t.Errorf("%s: p = %.4f, a trend shown: %v, want %v", name, p, shown, c.shown)
		}
	}
}

// Equal values are no order. Expected are S = pairs that grow less pairs that
// fall, Var(S) = (n(n−1)(2n+5) − Σ t(t−1)(2t+5)) / 18 over the ties of t values,
// z = (|S|−1) / sd and p = erfc(z/√2).
func TestTrendCountsTiesAsNeither(t *testing.T) {
	for name, c := range map[string]struct {
		series []float64
		tau, p float64
	}{
		"constant":        {[]float64{7, 7, 7, 7, 7, 7, 7, 7}, 0, 1},
		"one is less":     {[]float64{7, 7, 7, 7, 3, 7, 7, 7, 7}, 0, 1},
		"a step":          {[]float64{1, 1, 1, 1, 2, 2, 2, 2}, 16.0 / 28, 0.03038},  // S 16, Var (1176 − 2·156) / 18 = 48 → z 2.1651
		"a step down":     {[]float64{2, 2, 2, 2, 1, 1, 1, 1}, -16.0 / 28, 0.03038}, //
		"ties in a trend": {[]float64{1, 1, 2, 2, 3, 3, 4, 4}, 24.0 / 28, 0.00332},  // S 24, Var (1176 − 4·18) / 18 = 61.33 → z 2.9368
		"fallen back":     {[]float64{1, 2, 3, 3, 3, 2, 1}, 0, 1},                   // S 0
	} {
		tau, p := Trend(c.series)
		if math.Abs(tau-c.tau) > 1e-12 || math.Abs(p-c.p) > 1e-5 {
			t.Errorf("%s: tau %.4f, p = %.5f; want %.4f and %.5f", name, tau, p, c.tau, c.p)
		}
	}
}

// Without a trend p is below 0.05 about once in 20 series.
func TestTrendKeepsItsErrorRate(t *testing.T) {
	dice := rand.New(rand.NewPCG(1, 2))
	const rounds = 2000
	alarms := 0
	for range rounds {
		series := make([]float64, 10)
		for i := range series {
			series[i] = dice.NormFloat64()
		}
		if _, p := Trend(series); p < 0.05 {
			alarms++
		}
	}
	if share := float64(alarms) / rounds; share > 0.06 || share < 0.01 {
		t.Errorf("%.3f of the series without a trend show one at 5 %%", share)
	}
}

func TestPlaneFindsCoefficients(t *testing.T) {
	want := []float64{3000, 0.5, 12, 0.02}
	var x [][]float64
	var y, weights []float64
	for _, clients := range []float64{200, 600, 1200} {
		for _, rate := range []float64{1, 5, 10} {
			for _, polls := range []float64{1, 4} {
				row := []float64{1, clients, clients * rate, 1e6 * clients * polls * polls}
				sum := 0.0
				for k := range row {
					sum += want[k] * row[k]
				}
				x, y, weights = append(x, row), append(y, sum), append(weights, 1/(sum*sum))
			}
		}
	}
	for name, w := range map[string][]float64{"weighted": weights, "alike": nil} {
		got, err := Plane(x, y, w)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for k := range want {
			if math.Abs(got[k]-want[k]) > 1e-6*want[k] {
				t.Errorf("%s: term %d is %g, want %g", name, k, got[k], want[k])
			}
		}
	}
}

func TestPlaneRefusesWhatIsNotDetermined(t *testing.T) {
	for name, c := range map[string]struct {
		x [][]float64
		y []float64
	}{
		"nothing":         {nil, nil},
		"too few points":  {[][]float64{{1, 2}}, []float64{3}},
		"terms alike":     {[][]float64{{1, 2, 4}, {1, 3, 6}, {1, 5, 10}, {1, 9, 18}}, []float64{1, 2, 3, 4}},
		"a term is zero":  {[][]float64{{1, 0}, {1, 0}, {1, 0}}, []float64{1, 2, 3}},
		"lengths differ":  {[][]float64{{1, 2}, {1, 3}, {1, 4}}, []float64{1}},
		"nearly the same": {[][]float64{{1, 1}, {1, 1.00001}, {1, 0.99999}}, []float64{1, 2, 3}},
	} {
		if c, err := Plane(c.x, c.y, nil); !errors.Is(err, ErrPlane) {
			t.Errorf("%s: coefficients %v, error %v", name, c, err)
		}
	}
}

// Weights decide whose errors count: with relative ones a small value is as
// binding as a large one.
func TestPlaneWeighs(t *testing.T) {
	x := [][]float64{{1}, {1}}
	got, err := Plane(x, []float64{1, 3}, []float64{3, 1})
	if err != nil || math.Abs(got[0]-1.5) > 1e-12 {
		t.Errorf("weighted mean %v, %v; want 1.5", got, err)
	}
}

// A load that is next to nothing counts as much as a large one where errors are
// shares: that alone is no dependence of terms.
func TestPlaneTellsTermsOfLoadsOfVeryDifferentSize(t *testing.T) {
	want := []float64{20, 0.01, 12} // for being there, of a client, of a delivery
	var x [][]float64
	var y, weights []float64
	for _, row := range [][]float64{{1, 20, 5}, {1, 1000, 0}, {1, 1000, 50_000}, {1, 200, 10_000}, {1, 2000, 100_000}, {1, 1000, 150_000}} {
		sum := want[0]*row[0] + want[1]*row[1] + want[2]*row[2]
		x, y, weights = append(x, row), append(y, sum), append(weights, 1/(sum*sum))
	}
	got, err := Plane(x, y, weights)
	if err != nil {
		t.Fatal(err)
	}
	for k := range want {
		if math.Abs(got[k]-want[k]) > 1e-6*want[k] {
			t.Errorf("term %d is %g, want %g", k, got[k], want[k])
		}
	}
}
