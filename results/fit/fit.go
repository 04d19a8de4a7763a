// Package fit finds lines in data: whether a series grows or falls, and the
// plane through points. It is the one place that knows the numerics library.
package fit

import (
	"cmp"
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distuv"
)

// Trend is Kendall's τ between a series and its order, from −1 (it only falls)
// to 1 (it only grows), and the probability that one without a trend is as far
// from 0 or further (the normal approximation with continuity correction, for
// five values or more; below that it is 1). Two equal values neither fall nor
// grow, and leave less for chance to order. It takes time by the square of the
// length: some milliseconds for the seconds of an hour.
//
// Note: the library's Kendall takes equal values for ordered ones, so a series
// that never changes would only grow.
func Trend(series []float64) (tau, p float64) {
	n := len(series)
	if n < 5 {
		return 0, 1
	}
	grown := 0 // pairs, less those that have fallen
	for i, earlier := range series {
		for _, later := range series[i+1:] {
			grown += cmp.Compare(later, earlier)
		}
	}
	// The variance of that number under chance (Mann–Kendall, corrected for ties).
	spread := func(n int) float64 { return float64(n) * float64(n-1) * float64(2*n+5) / 18 }
	variance := spread(n)
	equal := map[float64]int{}
	for _, v := range series {
		equal[v]++
	}
	for _, alike := range equal {
		variance -= spread(alike)
	}
	tau = 2 * float64(grown) / float64(n) / float64(n-1)
	if grown == 0 {
		return tau, 1
	}
	z := (math.Abs(float64(grown)) - 1) / math.Sqrt(variance)
	return tau, 2 * distuv.UnitNormal.Survival(z)
}

// ErrPlane says that the points do not determine a plane.
var ErrPlane = errors.New("the points do not determine a plane")

// Plane returns the coefficients c for which the weighted squares of
// y[i] − Σ c[k]·x[i][k] have the least sum. Weights are of the squares; nil
// weighs all alike. A constant term is a column of ones.
func Plane(x [][]float64, y, weights []float64) ([]float64, error) {
	if len(x) == 0 || len(x) != len(y) || len(x) < len(x[0]) {
		return nil, fmt.Errorf("%w: %d points", ErrPlane, len(x))
	}
	terms := len(x[0])
	root := make([]float64, len(x))
	for i := range x {
		root[i] = 1
		if weights != nil {
			root[i] = math.Sqrt(weights[i])
		}
	}
	// Columns of very different size are no near dependence: each is scaled to one, as
	// it is weighted.
	scale := make([]float64, terms)
	a := mat.NewDense(len(x), terms, nil)
	b := mat.NewVecDense(len(y), nil)
	for k := range terms {
		for i := range x {
			scale[k] = max(scale[k], root[i]*math.Abs(x[i][k]))
		}
		if scale[k] == 0 {
			return nil, fmt.Errorf("%w: term %d is always zero", ErrPlane, k)
		}
	}
	for i := range x {
		for k := range terms {
			a.Set(i, k, root[i]*x[i][k]/scale[k])
		}
		b.SetVec(i, root[i]*y[i])
	}
	var qr mat.QR
	qr.Factorize(a)
	if !(qr.Cond() < maxCondition) {
		return nil, fmt.Errorf("%w: terms depend on each other", ErrPlane)
	}
	var c mat.VecDense
	if err := qr.SolveVecTo(&c, false, b); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrPlane, err)
	}
	coefficients := make([]float64, terms)
	for k := range coefficients {
		coefficients[k] = c.AtVec(k) / scale[k]
	}
	return coefficients, nil
}

// maxCondition is where an error of a thousandth in the data could become one as
// large as the answer.
const maxCondition = 1e3
