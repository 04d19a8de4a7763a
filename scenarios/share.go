package scenarios

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// A Share is a part of a whole, in per cent: "5%".
type Share float64

// Set reads a share of the whole at most.
func (s *Share) Set(text string) error {
	number, found := strings.CutSuffix(text, "%")
	value, ok := decimal(number)
	if !found || !ok || value > 100 {
		return fmt.Errorf("%q is not a share: want one from 0%% to 100%%, such as 5%%", text)
	}
	*s = Share(value)
	return nil
}

func (s Share) String() string { return strconv.FormatFloat(float64(s), 'f', -1, 64) + "%" }

// Type names the value in help.
func (s *Share) Type() string { return "share" }

// Of is the share of n, rounded, and of a share above zero one at least.
func (s Share) Of(n int) int {
	if s <= 0 {
		return 0
	}
	return max(1, int(math.Round(float64(s)/100*float64(n))))
}

func (s Share) MarshalText() ([]byte, error)     { return []byte(s.String()), nil }
func (s *Share) UnmarshalText(text []byte) error { return s.Set(string(text)) }
