package selftest

import (
	"testing"
	"time"

	"pushbench/servers/faults"
	"pushbench/servers/source"
)

// each calls f for every load that any experiment offers.
func each(t *testing.T, f func(t *testing.T, x Experiment, m manner, l load)) {
	for _, x := range experiments {
		for _, m := range []manner{streaming, asking, scheduled} {
			for _, thorough := range []bool{false, true} {
				f(t, x, m, x.load(m, thorough))
			}
		}
	}
}

// What the arithmetic takes for certain is what the schedule will do.
func TestTheScheduleHasTheEventsThatTheArithmeticSays(t *testing.T) { // G15
	each(t, func(t *testing.T, x Experiment, m manner, l load) {
		s := l.scenario()
		schedule := source.Schedule{Kind: source.Kind(s.Schedule.Kind), Rate: float64(s.Schedule.Rate), Seed: s.Seed}
		from, to := time.Duration(s.Warmup), time.Duration(s.Warmup+s.Duration)
		before, events := 0, 0
		for tick := range schedule.Ticks(s.TopicCount(), to) {
			if tick.After < from {
				before++
			} else {
				events++
			}
		}
		if before != l.before || events != l.events {
			t.Errorf("%s: the schedule has %d events before the phase and %d in it, want %d and %d", x.Name, before, events, l.before, l.events)
		}
	})
}

func TestEveryLoadIsAScenario(t *testing.T) {
	each(t, func(t *testing.T, x Experiment, m manner, l load) {
		if err := l.scenario().Validate(); err != nil {
			t.Errorf("%s: %v", x.Name, err)
		}
		if m == scheduled && l.lead() < l.interval {
			t.Errorf("%s: a warm-up of %s would be stretched to the interval, %s", x.Name, l.lead(), l.interval)
		}
	})
}

func TestEveryFaultIsOneThatServersHave(t *testing.T) {
	each(t, func(t *testing.T, x Experiment, _ manner, l load) {
		if x.fault == nil {
			return
		}
		if _, err := faults.Parse(x.fault(l)); err != nil {
			t.Errorf("%s: %v", x.Name, err)
		}
	})
}

func TestFaultsOfEveryHundredthAreAllInThePhaseAndNoneIsLast(t *testing.T) {
	for _, x := range []Experiment{drop, duplicate, reorder, corrupt} {
		l := x.load(streaming, false)
		last := l.before + l.events
		if l.before >= nth || last%nth < 2 {
			t.Errorf("%s: %d events before the phase, the last is %d", x.Name, l.before, last)
		}
		if got := l.every(nth); got != 3 {
			t.Errorf("%s: %d events of the phase are wrong, want 100, 200 and 300", x.Name, got)
		}
	}
	if got := (load{before: 150, events: 300}).every(nth); got != 3 {
		t.Errorf("of events 151 to 450, %d are wrong, want 200, 300 and 400", got)
	}
}

func TestExperimentsAreFoundByNameAndByWhatItBeginsWith(t *testing.T) {
	for _, tt := range []struct {
		names   []string
		want    int
		unknown string
	}{
		{nil, len(experiments), ""},
		{[]string{"drop"}, 1, ""},
		{[]string{"delay", "drop", "delay-constant"}, 4, ""},
		{[]string{"framing"}, 5, ""},
		{[]string{"framing-12"}, 0, "framing-12"},
		{[]string{"drop", "dorp"}, 0, "dorp"},
	} {
		picked, unknown, ok := pick(tt.names)
		if len(picked) != tt.want || unknown != tt.unknown || ok != (tt.unknown == "") {
			t.Errorf("%v picks %d, unknown %q, %v; want %d, %q", tt.names, len(picked), unknown, ok, tt.want, tt.unknown)
		}
	}
	if got := withWays([]Experiment{delay("constant", "20ms")}); len(got) != 2 || got[0].Name != "own" {
		t.Errorf("a delay alone is %d experiments, want its way first", len(got))
	}
}
