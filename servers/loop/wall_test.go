package loop

import (
	"testing"
	"time"
)

// The clocks of these tests are made up: wire.Now starts at mono0, and the wall
// clock is ahead of it by offset.
const (
	mono0  = int64(1000 * time.Second)
	offset = int64(50 * 365 * 24 * time.Hour)
	second = int64(time.Second)
	ms     = int64(time.Millisecond)
)

// exact lets w look at a wall clock that is ahead by so much, in no time.
func exact(w *wall, now, ahead int64) time.Duration { return w.look(now, now+ahead, now) }

func TestWallNoticesSteps(t *testing.T) { // G8
	for _, test := range []struct {
		name  string
		after int64 // the first look
		ahead int64 // more than then
		want  time.Duration
	}{
		{"nothing", 5 * ms, 0, 0},
		{"a millisecond forward", 5 * ms, ms, time.Millisecond},
		{"a millisecond back", 5 * ms, -ms, -time.Millisecond},
		{"an hour forward", second, 3600 * second, time.Hour},
		{"an hour back", second, -3600 * second, -time.Hour},
		{"slewed forward at 500 ppm", second, second / 2000, 0},
		{"slewed back at 500 ppm", second, -second / 2000, 0},
		{"faster than slewing", second, second / 1900, time.Second / 1900},
		{"the grain of the clocks", 0, grain, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			var w wall
			if by := exact(&w, mono0, offset); by != 0 {
				t.Errorf("the first look finds a step of %v", by)
			}
			if by := exact(&w, mono0+test.after, offset+test.ahead); by != test.want {
				t.Errorf("found a step of %v, want %v", by, test.want)
			}
			if by := exact(&w, mono0+test.after+ms, offset+test.ahead); by != 0 {
				t.Errorf("found it again, as %v", by)
			}
		})
	}
}

func TestSlewingForHoursIsNoStep(t *testing.T) { // G8
	var w wall
	for now, ahead := mono0, offset; now < mono0+3*3600*second; now += second {
		if by := exact(&w, now, ahead); by != 0 {
			t.Fatalf("after %v: a step of %v", time.Duration(now-mono0), by)
		}
		if at, ok := w.instant(now+ahead, now); !ok || at < now-second/1000 || at > now {
			t.Fatalf("after %v: an arrival just now is %v off, sound %t", time.Duration(now-mono0), time.Duration(at-now), ok)
		}
		ahead += second / 2000
	}
}

// The thread loses its CPU between the clocks: that is no step, and spoils
// nothing of what is known.
func TestWallKeepsTheTightestBounds(t *testing.T) {
	var w wall
	w.look(mono0, mono0+offset+7*ms, mono0+8*ms) // 7 ms late, in the wide first look
	now := mono0 + 10*ms
	for _, late := range [][2]int64{{0, 80}, {0, 4 * ms}, {4 * ms, 4 * ms}} {
		if by := w.look(now, now+offset+late[0], now+late[1]); by != 0 {
			t.Errorf("interrupted by %d ns, found a step of %v", late, by)
		}
		if at, ok := w.instant(now+offset, now); !ok || at < now-100*grain || at > now+100*grain {
			t.Errorf("interrupted by %d ns: an arrival is %d ns off, sound %t", late, at-now, ok)
		}
		now += ms
	}
}

// A timestamp is converted by the clock that made it, or dropped.
func TestTimestampsFromBeforeAStepAreDropped(t *testing.T) { // G8
	type arrival struct {
		at, read int64 // after the step was noticed
		old      bool  // by the clock before it
		want     bool
	}
	for name, test := range map[string]struct {
		by       int64
		arrivals []arrival
	}{
		"an hour forward": {3600 * second, []arrival{
			{-ms, ms, true, false}, {-ms, ms, false, false}, {0, ms, false, true}, {ms, 2 * ms, false, true},
		}},
		"an hour back": {-3600 * second, []arrival{
			{-ms, ms, true, false}, {-ms, ms, false, false}, {0, ms, false, true}, {ms, 2 * ms, false, true},
			{-5 * second, 4 * second, true, false},
		}},
		"2 ms forward": {2 * ms, []arrival{
			{-ms, ms, true, false}, {-ms, 200 * ms, true, false}, {0, ms, false, true}, {ms, 2 * ms, false, true},
		}},
		// For as long as it went back nobody can tell the two clocks apart.
		"2 ms back": {-2 * ms, []arrival{
			{-ms, ms, true, false}, {-ms, 200 * ms, true, false}, {ms, 2 * ms, false, false}, {2 * ms, 3 * ms, false, true},
		}},
	} {
		for _, a := range test.arrivals {
			var w wall
			exact(&w, mono0, offset)
			noticed := mono0 + second
			if by := exact(&w, noticed, offset+test.by); by != time.Duration(test.by) {
				t.Fatalf("%s: found a step of %v", name, by)
			}
			stamp := noticed + a.at + offset
			if !a.old {
				stamp += test.by
			}
			at, ok := w.instant(stamp, noticed+a.read)
			if ok != a.want {
				t.Errorf("%s: arrived at %v, read at %v, by the old clock %t: kept %t",
					name, time.Duration(a.at), time.Duration(a.read), a.old, ok)
			}
			if ok && at != noticed+a.at {
				t.Errorf("%s: an arrival at %v is converted to %v", name, time.Duration(a.at), time.Duration(at-noticed))
			}
		}
	}
}

func TestSteppedTwiceAndBack(t *testing.T) { // G8
	for name, steps := range map[string][2]int64{
		"forward and back": {3600 * second, -3600 * second},
		"back and forward": {-3600 * second, 3600 * second},
		"back twice":       {-3600 * second, -3600 * second},
		"forward twice":    {3600 * second, 3600 * second},
	} {
		var w wall
		ahead := offset
		exact(&w, mono0, ahead)
		stamps := []int64{mono0 + ahead}
		now := mono0
		for _, by := range steps {
			now += 10 * ms
			ahead += by
			if got := exact(&w, now, ahead); got != time.Duration(by) {
				t.Errorf("%s: found %v, want %v", name, got, time.Duration(by))
			}
			stamps = append(stamps, now-ms+ahead)
		}
		for i, stamp := range stamps {
			if at, ok := w.instant(stamp, now+ms); ok {
				t.Errorf("%s: timestamp %d from before the last step is kept, as %v", name, i, time.Duration(at-now))
			}
		}
		if at, ok := w.instant(now+ms+ahead, now+2*ms); !ok || at != now+ms {
			t.Errorf("%s: what arrived since is converted to %v, kept %t", name, time.Duration(at-now), ok)
		}
	}
}

// Without a step there is no excuse for an arrival after the read.
func TestNegativeDelaysAreNotHidden(t *testing.T) { // G8
	for _, now := range []int64{second, mono0} { // also in a system's first moments
		var w wall
		exact(&w, now, offset)
		if at, ok := w.instant(now+offset+ms, now); !ok || at != now+ms {
			t.Errorf("an arrival 1 ms after the read is converted to %v, kept %t", time.Duration(at-now), ok)
		}
	}
	var w wall
	exact(&w, mono0, offset)
	exact(&w, mono0+ms, offset+second)
	late := mono0 + ms + memory
	if at, ok := w.instant(late+offset+second+ms, late); !ok || at != late+ms {
		t.Errorf("long after a step: converted to %v after the read, kept %t", time.Duration(at-late), ok)
	}
}
