package host

import (
	"encoding/json"
	"math"
	"runtime"
	"runtime/metrics"
	"slices"
	"testing"
	"time"
)

const ms = time.Millisecond

func TestDelaysOfTwoHistogramsAddUpByClass(t *testing.T) {
	bounds := []float64{math.Inf(-1), 0, 0.001, 0.002, math.Inf(1)}
	first := &metrics.Float64Histogram{Buckets: bounds, Counts: []uint64{0, 3, 0, 1}}
	second := &metrics.Float64Histogram{Buckets: bounds, Counts: []uint64{0, 2, 0, 0}}
	// What is beyond every class is told by the class's lower end: it has no other.
	if got, want := delays(first, second), (Delays{{ms, 5}, {2 * ms, 1}}); !slices.Equal(got, want) {
		t.Errorf("sum %v, want %v", got, want)
	}
}

func TestOnlyWhatWasAddedCounts(t *testing.T) { // G5
	before := Delays{{1 * ms, 10}, {4 * ms, 2}}
	after := Delays{{1 * ms, 108}, {2 * ms, 1}, {4 * ms, 2}, {8 * ms, 1}}
	added := after.Since(before)
	if want := (Delays{{1 * ms, 98}, {2 * ms, 1}, {8 * ms, 1}}); !slices.Equal(added, want) {
		t.Fatalf("added %v, want %v", added, want)
	}
	for q, want := range map[float64]time.Duration{0: 1 * ms, 0.98: 1 * ms, 0.99: 2 * ms, 0.991: 8 * ms, 1: 8 * ms} {
		if got := added.Quantile(q); got != want {
			t.Errorf("quantile %v is %v, want %v", q, got, want)
		}
	}
	if got, want := added.Total(), 108*ms; got != want {
		t.Errorf("total %v, want %v", got, want)
	}
	if none := after.Since(after); len(none) != 0 || none.Quantile(0.99) != 0 || none.Total() != 0 {
		t.Errorf("since itself: %v", none)
	}
}

func TestARuntimeIsReadAsItIs(t *testing.T) {
	before := ReadRuntime()
	runtime.GC()
	after := ReadRuntime()
	if after.Collections <= before.Collections {
		t.Errorf("%d collections after %d and another one", after.Collections, before.Collections)
	}
	pauses := after.Pauses.Since(before.Pauses)
	if longest := pauses.Quantile(1); longest <= 0 || longest > time.Minute {
		t.Errorf("the longest pause of a collection is %v", longest)
	}
	line, err := json.Marshal(after)
	if err != nil {
		t.Fatal(err)
	}
	var read Runtime
	if err := json.Unmarshal(line, &read); err != nil {
		t.Fatal(err)
	}
	if len(read.Pauses.Since(after.Pauses)) != 0 || !slices.Equal(read.Waits, after.Waits) {
		t.Errorf("as JSON %v is %v", after, read)
	}
}
