package faults

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

func TestDelaysFollowTheirLaw(t *testing.T) { // G13
	const n = 100_000
	exponential := func(q float64) float64 { return -10 * math.Log(1-q) }
	for spec, quantile := range map[string]func(q float64) float64{
		"constant:20ms": func(float64) float64 { return 20 },
		"bimodal:5ms:40ms:0.7": func(q float64) float64 {
			if q < 0.7 {
				return 5
			}
			return 40
		},
		"exponential:10ms": exponential,
		"ramp:10ms:40ms":   func(q float64) float64 { return 10 + 30*q },
	} {
		law, err := parseLaw(spec)
		if err != nil {
			t.Fatal(err)
		}
		dice := rand.New(rand.NewPCG(1, 2))
		drawn := make([]float64, n)
		for i := range drawn {
			drawn[i] = float64(law(dice, float64(i)/n)) / float64(time.Millisecond)
		}
		slices.Sort(drawn)
		for _, q := range []float64{0.1, 0.5, 0.69, 0.71, 0.9, 0.99} {
			if got, want := drawn[int(q*n)], quantile(q); math.Abs(got-want) > 0.02*want {
				t.Errorf("%s: %g of the delays are below %.2f ms, want %.2f", spec, q, got, want)
			}
		}
	}
}
