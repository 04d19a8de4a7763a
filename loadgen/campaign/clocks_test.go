package campaign

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestAStepOfTheWallClockIsNoSlewing(t *testing.T) { // G8
	const second = int64(time.Second)
	for name, c := range map[string]struct {
		passed, jump, apart int64
		want                time.Duration
	}{
		"nothing":                   {second, 0, 0, 0},
		"an hour forward":           {second, 3600 * second, 0, time.Hour},
		"an hour back":              {second, -3600 * second, 0, -time.Hour},
		"two milliseconds back":     {second, -2e6, 0, -2 * time.Millisecond},
		"slewed as much as it can":  {10 * second, 5e6, 0, 0},
		"slewed back":               {10 * second, -5e6, 0, 0},
		"more than it can be":       {10 * second, 7e6, 0, 7 * time.Millisecond},
		"within the reading's gap":  {second, 4e6, 3e6, 0},
		"beyond the reading's gap":  {second, 9e6, 3e6, 9 * time.Millisecond},
		"a day of ordinary slewing": {86400 * second, 43 * second, 0, 0},
	} {
		earlier := clocks{wall: 1e18, mono: 5e9}
		later := clocks{earlier.wall + c.passed + c.jump, earlier.mono + c.passed, c.apart}
		if got := later.step(earlier); got != c.want {
			t.Errorf("%s: a step of %v, want %v", name, got, c.want)
		}
	}
}

func TestClocksReadTogetherAgree(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first := readClocks()
		timer := time.NewTimer(time.Hour)
		<-timer.C
		second := readClocks()
		if passed := second.mono - first.mono; passed != int64(time.Hour) {
			t.Errorf("an hour is %v on the monotonic clock", time.Duration(passed))
		}
		if step := second.step(first); step != 0 {
			t.Errorf("an hour without a step has one of %v", step)
		}
	})
}
