package fit

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestRanksCountOrderAndNothingElse(t *testing.T) {
	for _, c := range []struct {
		x, y []float64
		want float64
	}{
		{[]float64{1, 2, 3, 4}, []float64{1, 10, 100, 1000}, 1},
		{[]float64{1, 2, 3, 4}, []float64{-1, -2, -3, -400}, -1},
		// A textbook case: hours of television and IQ, d² = 194, ρ = 1 − 6·194/990.
		{[]float64{106, 100, 86, 101, 99, 103, 97, 113, 112, 110}, []float64{7, 27, 2, 50, 28, 29, 20, 12, 6, 17}, -29.0 / 165},
		// Equal values share the mean of their ranks: 1, 2.5, 2.5, 4.
		{[]float64{1, 2, 2, 3}, []float64{1, 2, 3, 4}, 4.5 / math.Sqrt(4.5*5)},
	} {
		if got := Ranks(c.x, c.y); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("ρ of %v and %v = %v, want %v", c.x, c.y, got, c.want)
		}
	}
	if got := Ranks([]float64{1, 2, 3}, []float64{5, 5, 5}); !math.IsNaN(got) {
		t.Errorf("ρ of what does not vary = %v", got)
	}
	x, y := make([]float64, 10_000), make([]float64, 10_000)
	for i := range x {
		x[i], y[i] = float64(i), rand.Float64()
	}
	if got := Ranks(x, y); math.Abs(got) > 0.06 { // six standard deviations
		t.Errorf("ρ of chance = %v", got)
	}
}
