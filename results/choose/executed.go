package choose

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"pushbench/results"
)

// executed is what must be known of the scenario that a run is of. One of another
// shape leaves what is usual.
type executed struct {
	Topics    string                    `json:"topics"`
	Poll      struct{ Interval length } `json:"poll"`
	Longpoll  struct{ Hold length }     `json:"longpoll"`
	Uplink    struct{ Size size }       `json:"uplink"`
	Log       struct{ Keep int }        `json:"log"`
	Heartbeat length                    `json:"heartbeat"`
	Axes      map[string][]string       `json:"axes"`
	Expects   []string                  `json:"expects"`
}

func executedOf(run *results.Run) (is executed) {
	_ = json.Unmarshal(run.Executed, &is)
	return is
}

// A length of time as a scenario writes it; zero where it is none.
type length time.Duration

func (l *length) UnmarshalText(text []byte) error {
	d, _ := time.ParseDuration(string(text))
	*l = length(d)
	return nil
}

// A size as a scenario writes it, in bytes, or the middle of two: "64B", "1KiB..2KiB";
// zero where it is none.
type size float64

func (s *size) UnmarshalText(text []byte) error {
	low, high, both := strings.Cut(string(text), "..")
	if !both {
		high = low
	}
	*s = size((bytesOf(low) + bytesOf(high)) / 2)
	return nil
}

// units are those of sizes; the longer names first, since they end in the shorter.
var units = []struct {
	name  string
	bytes float64
}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"GB", 1e9}, {"MB", 1e6}, {"kB", 1e3}, {"B", 1}, {"", 1}}

func bytesOf(text string) float64 {
	for _, unit := range units {
		if number, found := strings.CutSuffix(text, unit.name); found {
			if v, err := strconv.ParseFloat(number, 64); err == nil && v >= 0 && v <= 1<<53 {
				return v * unit.bytes
			}
			return 0
		}
	}
	return 0
}
