package campaign

import (
	"slices"
	"testing"
	"time"

	"pushbench/results"
)

func TestBoundariesLieBetweenSlices(t *testing.T) {
	const from, s = int64(7e9), int64(time.Second)
	want := []int64{from}
	for i := range int64(10) {
		want = append(want, from+(i+1)*s/10)
	}
	if got := boundaries(from, from+s); !slices.Equal(got, want) {
		t.Errorf("boundaries %v, want %v", got, want)
	}
	odd := boundaries(from, from+s+7)
	if last := odd[len(odd)-1]; last != from+s+7 || len(odd) != 11 {
		t.Errorf("a phase of odd length has the boundaries %v, and must end with its last one", odd)
	}
}

func TestEachSliceIsChargedForItsOwnCPUTime(t *testing.T) {
	const every = 100 * time.Millisecond
	const from, late = int64(1e9), int64(11 * time.Millisecond)
	beatAt := func(i int, by, server, generator int64) beat {
		return beat{at: from + int64(i)*int64(every) + by, server: server, generator: generator}
	}
	type cpu struct{ server, generator time.Duration }
	for name, c := range map[string]struct {
		beats []beat
		want  []cpu
	}{
		"all in time": {
			[]beat{beatAt(0, 1, 100, 10), beatAt(1, 2, 130, 11), beatAt(2, 0, 150, 16), beatAt(3, 9, 190, 17)},
			[]cpu{{30, 1}, {20, 5}, {40, 1}},
		},
		"one late": {
			[]beat{beatAt(0, 1, 100, 10), beatAt(1, late, 130, 11), beatAt(2, 0, 150, 16), beatAt(3, 9, 190, 17)},
			[]cpu{{}, {}, {40, 1}},
		},
		"ended early": {
			[]beat{beatAt(0, 1, 100, 10), beatAt(1, 2, 130, 11)},
			[]cpu{{30, 1}, {}, {}},
		},
		"a server that is gone": {
			[]beat{beatAt(0, 1, 100, 10), beatAt(1, 2, 0, 11), beatAt(2, 2, 0, 12)},
			[]cpu{{}, {}, {}},
		},
		"no beat": {nil, []cpu{{}, {}, {}}},
	} {
		slices := make([]results.Slice, 3)
		charge(slices, every, from, c.beats)
		for i, s := range slices {
			if got := (cpu{s.ServerCPU, s.GeneratorCPU}); got != c.want[i] {
				t.Errorf("%s: slice %d is charged %v, want %v", name, i, got, c.want[i])
			}
		}
	}
}
