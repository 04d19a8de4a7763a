package hdr_test

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"pushbench/results/hdr"
)

// durations draws values of every magnitude, beyond the range on either side too.
func durations(t *rapid.T, label string) []time.Duration {
	one := rapid.Custom(func(t *rapid.T) time.Duration {
		magnitude := rapid.IntRange(0, 43).Draw(t, "magnitude")
		return time.Duration(rapid.Int64Range(-2, 1<<magnitude).Draw(t, "ns"))
	})
	return rapid.SliceOfN(one, 0, 200).Draw(t, label)
}

func filled(values []time.Duration) *hdr.Histogram {
	h := hdr.New()
	for _, v := range values {
		h.Record(v)
	}
	return h
}

func encoded(t rapid.TB, h *hdr.Histogram) []byte {
	t.Helper()
	b, err := json.Marshal(h)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestQuantileIsThatOfTheSortedValuesToThreeFigures(t *testing.T) { // G13
	rapid.Check(t, func(t *rapid.T) {
		values := durations(t, "values")
		h := filled(values)
		sorted := slices.Sorted(slices.Values(values))
		q := rapid.Float64Range(0, 1).Draw(t, "q")
		got := h.Quantile(q)
		if len(sorted) == 0 {
			if got != 0 {
				t.Fatalf("Quantile(%v) of nothing = %v", q, got)
			}
			return
		}
		rank := 1
		for rank < len(sorted) && float64(rank) < q*float64(len(sorted))*(1-1e-12) {
			rank++
		}
		want := sorted[rank-1]
		if want < 0 {
			want = sorted[0]
		} else if want > hdr.Highest {
			want = sorted[len(sorted)-1]
		}
		if got < want || float64(got-want) > float64(want)/1000+1 {
			t.Fatalf("Quantile(%v) = %d ns, want %d ns to three figures, of %d values", q, got, want, len(values))
		}
	})
}

func TestQuantileReachesEveryRank(t *testing.T) {
	for n := 1; n <= 300; n++ {
		h := hdr.New()
		for v := range n {
			h.Record(time.Duration(v))
		}
		for rank := 1; rank <= n; rank++ {
			if got, want := h.Quantile(float64(rank)/float64(n)), time.Duration(rank-1); got != want {
				t.Fatalf("Quantile(%d/%d) = %d, want %d", rank, n, got, want)
			}
		}
	}
}

func TestExtremesAreExactAndNothingIsDropped(t *testing.T) { // G10
	rapid.Check(t, func(t *rapid.T) {
		values := durations(t, "values")
		h := filled(values)
		var negative, over int64
		for _, v := range values {
			if v < 0 {
				negative++
			}
			if v > hdr.Highest {
				over++
			}
		}
		if h.Count() != int64(len(values)) || h.Negative() != negative || h.Over() != over {
			t.Fatalf("count %d, negative %d, over %d; want %d, %d, %d", h.Count(), h.Negative(), h.Over(), len(values), negative, over)
		}
		if len(values) > 0 && (h.Min() != slices.Min(values) || h.Max() != slices.Max(values)) {
			t.Fatalf("from %v to %v, want from %v to %v", h.Min(), h.Max(), slices.Min(values), slices.Max(values))
		}
	})
}

func TestAValueBeyondTheRangeIsCountedAndShown(t *testing.T) { // G10
	h := filled([]time.Duration{time.Second, hdr.Highest, 3 * hdr.Highest, -time.Millisecond})
	if h.Over() != 1 || h.Negative() != 1 || h.Count() != 4 {
		t.Errorf("over %d, negative %d, count %d; want 1, 1, 4", h.Over(), h.Negative(), h.Count())
	}
	if got, want := h.Quantile(1), 3*hdr.Highest; got != want {
		t.Errorf("Quantile(1) = %v, want %v", got, want)
	}
	if got, want := h.Quantile(0), -time.Millisecond; got != want {
		t.Errorf("Quantile(0) = %v, want %v", got, want)
	}
}

func TestMergeOfTenThousandHasTheSumOfTheirCounts(t *testing.T) { // G11
	r := rand.New(rand.NewPCG(1, 2))
	all, one, merged := hdr.New(), hdr.New(), hdr.New()
	histograms := 10_000
	if testing.Short() {
		histograms = 300 // the race detector needs 3 ms for each
	}
	for range histograms {
		one.Reset()
		for range r.IntN(5) {
			d := time.Duration(r.Int64N(int64(time.Millisecond)))
			if d%1000 == 0 {
				d = 2 * hdr.Highest
			}
			one.Record(d)
			all.Record(d)
		}
		if err := merged.Merge(one); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(encoded(t, merged), encoded(t, all)) {
		t.Errorf("merged %d values, recorded %d: they do not encode to the same bytes", merged.Count(), all.Count())
	}
}

func TestMergeIsRecordingBoth(t *testing.T) { // G11
	rapid.Check(t, func(t *rapid.T) {
		a, b := durations(t, "a"), durations(t, "b")
		got, other := filled(a), filled(b)
		if rapid.Bool().Draw(t, "from a file") {
			read := new(hdr.Histogram)
			if text, err := json.Marshal(other); err != nil || json.Unmarshal(text, read) != nil {
				t.Fatalf("round trip of %v: %v", b, err)
			}
			other = read
		}
		if err := got.Merge(other); err != nil {
			t.Fatal(err)
		}
		x, _ := json.Marshal(got)
		y, _ := json.Marshal(filled(append(a, b...)))
		if !bytes.Equal(x, y) {
			t.Fatalf("merged %s\nwant   %s", x, y)
		}
	})
}

func TestRecordingNAtOnceIsRecordingNTimes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		once, times := hdr.New(), hdr.New()
		for _, d := range durations(t, "values") {
			n := rapid.IntRange(-1, 5).Draw(t, "n")
			once.RecordN(d, int64(n))
			for range n {
				times.Record(d)
			}
		}
		x, _ := json.Marshal(once)
		y, _ := json.Marshal(times)
		if !bytes.Equal(x, y) {
			t.Fatalf("at once %s\none by one %s", x, y)
		}
	})
}

func TestPackingKeepsEverythingAndIsACopy(t *testing.T) { // G10, G11
	rapid.Check(t, func(t *rapid.T) {
		values := durations(t, "values")
		h := filled(values)
		packed := h.Packed()
		if rapid.Bool().Draw(t, "twice") {
			packed = packed.Packed()
		}
		h.Reset()
		h.Record(time.Hour)
		x, _ := json.Marshal(packed)
		y, _ := json.Marshal(filled(values))
		if !bytes.Equal(x, y) {
			t.Fatalf("packed %s\nwant   %s", x, y)
		}
		for _, q := range []float64{0, 0.5, 0.99, 1} {
			if got, want := packed.Quantile(q), filled(values).Quantile(q); got != want {
				t.Fatalf("Quantile(%v) = %v packed, want %v", q, got, want)
			}
		}
		more := durations(t, "more")
		for _, v := range more {
			packed.Record(v)
		}
		x, _ = json.Marshal(packed)
		y, _ = json.Marshal(filled(append(values, more...)))
		if !bytes.Equal(x, y) {
			t.Fatalf("packed and recorded into %s\nwant %s", x, y)
		}
	})
	var none *hdr.Histogram
	if none.Packed() != nil {
		t.Error("nothing is packed to something")
	}
}

func TestASparseHistogramIsTheSame(t *testing.T) { // G10, G11
	rapid.Check(t, func(t *rapid.T) {
		values := durations(t, "values")
		sparse, dense := hdr.NewSparse(), filled(values)
		for _, v := range values {
			sparse.Record(v)
			if b, err := json.Marshal(sparse); err != nil || len(b) == 0 { // keeps what it made, until the next
				t.Fatal(err)
			}
		}
		x, _ := json.Marshal(sparse)
		y, _ := json.Marshal(dense)
		if !bytes.Equal(x, y) {
			t.Fatalf("%s\nwant\n%s", x, y)
		}
		for _, q := range []float64{0, 0.5, 0.99, 1} {
			if got, want := sparse.Quantile(q), dense.Quantile(q); got != want {
				t.Fatalf("Quantile(%v) = %v, want %v", q, got, want)
			}
		}
		sparse.Reset()
		if sparse.Count() != 0 || sparse.Max() != 0 {
			t.Fatalf("%d values up to %v after Reset", sparse.Count(), sparse.Max())
		}
		if err := sparse.Merge(dense); err != nil || sparse.Count() != dense.Count() {
			t.Fatalf("%v; %d values, want %d", err, sparse.Count(), dense.Count())
		}
	})
}

func TestANilAndAZeroHistogramAreEmpty(t *testing.T) {
	for _, h := range []*hdr.Histogram{nil, {}, hdr.New()} {
		if h.Count() != 0 || h.Quantile(0.5) != 0 || h.Min() != 0 || h.Max() != 0 || h.Mean() != 0 || h.Over() != 0 || h.Negative() != 0 {
			t.Errorf("%+v is not empty", h)
		}
	}
	h := hdr.New()
	if err := h.Merge(nil); err != nil || h.Count() != 0 {
		t.Errorf("merging nothing = %v and %d values", err, h.Count())
	}
	var zero hdr.Histogram
	if zero.Record(time.Second); zero.Count() != 1 {
		t.Errorf("the zero value has recorded %d values of 1", zero.Count())
	}
}

func TestMeanIsThatOfTheValuesToThreeFigures(t *testing.T) {
	h := filled([]time.Duration{time.Millisecond, 3 * time.Millisecond})
	if got := h.Mean(); got < 1998*time.Microsecond || got > 2002*time.Microsecond {
		t.Errorf("Mean of 1 ms and 3 ms = %v", got)
	}
}

func TestDeviationIsThatOfTheValues(t *testing.T) {
	h := filled([]time.Duration{time.Millisecond, 3 * time.Millisecond})
	for _, h := range []*hdr.Histogram{h, h.Packed()} {
		if got := h.Deviation(); got < 998*time.Microsecond || got > 1002*time.Microsecond {
			t.Errorf("Deviation of 1 ms and 3 ms = %v", got)
		}
	}
	if got := new(hdr.Histogram).Deviation(); got != 0 {
		t.Errorf("Deviation of nothing = %v", got)
	}
}

func TestRecordDoesNotAllocate(t *testing.T) { // G14
	h := hdr.New()
	if n := testing.AllocsPerRun(1000, func() { h.Record(123456) }); n != 0 {
		t.Errorf("Record allocates %v times", n)
	}
}

func BenchmarkRecord(b *testing.B) { // G14
	h := hdr.New()
	b.ReportAllocs()
	d := time.Duration(1)
	for b.Loop() {
		h.Record(d)
		d = d*5%(1<<30) + 1
	}
}

func BenchmarkPacked(b *testing.B) {
	h := hdr.New()
	for i := range 20_000 {
		h.Record(time.Duration(i*i) * time.Microsecond / 100)
	}
	b.ReportAllocs()
	for b.Loop() {
		h.Packed()
	}
}

func BenchmarkRead(b *testing.B) {
	h := hdr.New()
	for i := range 20_000 {
		h.Record(time.Duration(i*i) * time.Microsecond / 100)
	}
	text := encoded(b, h)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		var read hdr.Histogram
		if err := json.Unmarshal(text, &read); err != nil {
			b.Fatal(err)
		}
	}
}
