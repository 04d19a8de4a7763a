package faults

import (
	"errors"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"
)

// A law is the distribution of delays. Progress is how much of the load is over,
// from 0 to 1.
type law func(dice *rand.Rand, progress float64) time.Duration

var errLaw = errors.New("a law is constant:LENGTH, exponential:MEAN, bimodal:LENGTH:LENGTH:SHARE-OF-THE-FIRST or ramp:LENGTH:LENGTH")

// maxDelay bounds delays, also the tail of an exponential one: it is below the
// time in which server halves want their writes done.
const maxDelay = 5 * time.Second

func parseLaw(text string) (law, error) {
	name, rest, _ := strings.Cut(text, ":")
	values := strings.Split(rest, ":")
	switch {
	case name == "constant" && len(values) == 1:
		d, err := length(values[0], maxDelay)
		return func(*rand.Rand, float64) time.Duration { return d }, err
	case name == "exponential" && len(values) == 1:
		mean, err := length(values[0], maxDelay)
		return func(dice *rand.Rand, _ float64) time.Duration {
			return min(maxDelay, time.Duration(dice.ExpFloat64()*float64(mean)))
		}, err
	case name == "bimodal" && len(values) == 3:
		low, high, err := lengths(values)
		share, wrong := strconv.ParseFloat(values[2], 64)
		if wrong != nil || !(share >= 0 && share <= 1) {
			err = errors.Join(err, errors.New(strconv.Quote(values[2])+" is not a share from 0 to 1"))
		}
		return func(dice *rand.Rand, _ float64) time.Duration {
			if dice.Float64() < share {
				return low
			}
			return high
		}, err
	case name == "ramp" && len(values) == 2:
		low, high, err := lengths(values)
		return func(_ *rand.Rand, progress float64) time.Duration {
			return low + time.Duration(progress*float64(high-low))
		}, err
	}
	return nil, errLaw
}

func lengths(values []string) (first, second time.Duration, err error) {
	first, err = length(values[0], maxDelay)
	if err == nil {
		second, err = length(values[1], maxDelay)
	}
	return first, second, err
}
