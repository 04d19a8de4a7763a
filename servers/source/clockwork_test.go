package source

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pushbench/servers/wire"
)

func clockwork(seed uint64, start, end int64) Load {
	return Load{Schedule: Schedule{Kind: Constant, Rate: 1, Seed: seed}, Payload: Payload{Content: Clockwork, Raw: true}, Start: start, End: end}
}

func TestAMessageComesAfterOneToTenPings(t *testing.T) {
	load := clockwork(7, 0, int64(time.Hour))
	ticks := slices.Collect(load.Ticks(1))
	if !slices.Equal(ticks, slices.Collect(load.Ticks(1))) {
		t.Error("one seed gives two plans")
	}
	if slices.Equal(ticks, slices.Collect(clockwork(8, 0, int64(time.Hour)).Ticks(1))) {
		t.Error("another seed gives the same plan")
	}
	times := map[int]int{} // how often so many pings came before a message
	pings, all := 0, 0
	for i, tick := range ticks {
		if !tick.Aside {
			pings, all = pings+1, all+1
			continue
		}
		if tick.After != ticks[i-1].After {
			t.Fatalf("message %d is due %s after its ping", i, tick.After-ticks[i-1].After)
		}
		times[pings]++
		pings = 0
	}
	if all != 3600 {
		t.Errorf("%d pings in an hour, want one each second", all)
	}
	for n := 1; n <= 10; n++ {
		if times[n] < 30 { // of about 65
			t.Errorf("a message came %d times after %d pings: %v", times[n], n, times)
		}
		delete(times, n)
	}
	if len(times) > 0 {
		t.Errorf("messages after %v pings", times)
	}
}

func TestAPingTellsTheTimeAtWhichItIsDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(Options{Raw: true}, "t0")
		start := wire.Now() + int64(time.Second)
		first := time.Now().Add(time.Second)
		load := clockwork(3, start, start+int64(20*time.Second))
		want := len(slices.Collect(load.Ticks(1)))
		if n, err := s.Drive(t.Context(), load, Timer{}); n != want || err != nil {
			t.Fatalf("Drive = %d, %v; want %d events", n, err, want)
		}
		second, messages := 0, 0
		for _, e := range s.Topics()[0].Since(0, want, nil).Entries {
			if e.Type == "" {
				lines := strings.Split(string(e.Bytes), "\n")
				at, err := time.Parse(time.RFC3339, strings.TrimPrefix(lines[0], "This is a message at time "))
				if messages++; err != nil || len(lines) < 3 || !near(at, first.Add(time.Duration(second-1)*time.Second)) {
					t.Errorf("message %q after second %d", e.Bytes, second)
				}
				continue
			}
			var ping struct{ Time time.Time }
			if err := json.Unmarshal(e.Bytes, &ping); err != nil || e.Type != "ping" {
				t.Fatalf("event %q of type %q: %v", e.Bytes, e.Type, err)
			}
			if at := first.Add(time.Duration(second) * time.Second); !near(ping.Time, at) {
				t.Errorf("ping %d says %s, want %s", second, ping.Time, at)
			}
			second++
		}
		if second != 20 || messages != want-20 {
			t.Errorf("%d pings and %d messages, want 20 and %d", second, messages, want-20)
		}
	})
}

// near says whether two instants are the same but for the digits that are told.
func near(a, b time.Time) bool { return a.Sub(b).Abs() <= time.Millisecond }

func TestAClockMustBeRaw(t *testing.T) {
	if (Payload{Content: Clockwork}).Check() == nil || (Payload{Content: Clockwork, Raw: true}).Check() != nil {
		t.Error("the clock is bare text, and nothing else")
	}
}
