package hdr_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	hdrhistogram "github.com/HdrHistogram/hdrhistogram-go"
	"pgregory.net/rapid"

	"pushbench/results/hdr"
)

func TestAHistogramReadsBackAsItself(t *testing.T) { // G12
	rapid.Check(t, func(t *rapid.T) {
		h := filled(durations(t, "values"))
		text, err := json.Marshal(h)
		if err != nil {
			t.Fatal(err)
		}
		var read hdr.Histogram
		if err := json.Unmarshal(text, &read); err != nil {
			t.Fatalf("read %s: %v", text, err)
		}
		q := rapid.Float64Range(0, 1).Draw(t, "q")
		if got, want := read.Quantile(q), h.Quantile(q); got != want {
			t.Fatalf("Quantile(%v) = %v after a round trip, %v before", q, got, want)
		}
		if read.Mean() != h.Mean() || read.Count() != h.Count() || read.Min() != h.Min() || read.Max() != h.Max() {
			t.Fatalf("read %v/%d/%v/%v, wrote %v/%d/%v/%v", read.Mean(), read.Count(), read.Min(), read.Max(), h.Mean(), h.Count(), h.Min(), h.Max())
		}
		again, err := json.Marshal(&read)
		if err != nil || !bytes.Equal(again, text) {
			t.Fatalf("wrote %s, then %s (%v)", text, again, err)
		}
		read.Record(time.Second)
		if read.Count() != h.Count()+1 {
			t.Fatalf("a histogram that was read counts %d after one more, want %d", read.Count(), h.Count()+1)
		}
	})
}

// What was written once is kept, and is not what is written once more has come.
func TestAHistogramIsWrittenAsWhatItHasBecome(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := durations(t, "values")
		h := filled(all).Packed()
		for range rapid.IntRange(1, 5).Draw(t, "changes") {
			if text, again := encoded(t, h), encoded(t, h); !bytes.Equal(text, again) {
				t.Fatalf("wrote %s, then %s", text, again)
			}
			more := durations(t, "more")
			switch rapid.IntRange(0, 3).Draw(t, "change") {
			case 0:
				for _, d := range more {
					h.Record(d)
				}
			case 1:
				if err := h.Merge(filled(more)); err != nil {
					t.Fatal(err)
				}
			case 2:
				if err := h.Merge(filled(more).Packed()); err != nil {
					t.Fatal(err)
				}
			case 3:
				h.Reset()
				all = nil
				for _, d := range more {
					h.Record(d)
				}
			}
			all = append(all, more...)
			if got, want := encoded(t, h), encoded(t, filled(all)); !bytes.Equal(got, want) {
				t.Fatalf("wrote %s, want %s", got, want)
			}
			if rapid.Bool().Draw(t, "packed again") {
				h = h.Packed()
			}
		}
	})
}

// A run is saved after each trial, with all those before: what has not changed is
// not encoded again, which takes about a megabyte each time.
func TestAPackedHistogramIsEncodedOnce(t *testing.T) {
	h := filled([]time.Duration{5, 7, time.Second}).Packed()
	encoded(t, h)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range 100 {
		encoded(t, h)
	}
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; used > 1<<20 {
		t.Errorf("writing 100 times what is written takes %d bytes", used)
	}
}

func TestTheEncodingIsWhatOtherToolsRead(t *testing.T) { // G12
	h := filled([]time.Duration{1000, 2000, 2000, 1e9})
	var file struct{ HDR string }
	if err := json.Unmarshal(encoded(t, h), &file); err != nil {
		t.Fatal(err)
	}
	other, err := hdrhistogram.Decode([]byte(file.HDR))
	if err != nil {
		t.Fatal(err)
	}
	if got := other.ValueAtPercentile(75); other.TotalCount() != 4 || got != 2000 {
		t.Errorf("the library reads %d values with p75 %d, want 4 and 2000", other.TotalCount(), got)
	}
}

// wide is an encoded histogram of another geometry.
func wide(highest int64, figures int) string {
	h := hdrhistogram.New(1, highest, figures)
	text, _ := h.Encode(hdrhistogram.V2CompressedEncodingCookieBase)
	return string(text)
}

func TestAnotherGeometryIsRefusedBeforeItCostsMemory(t *testing.T) { // R11
	text := fmt.Appendf(nil, `{"hdr":%q,"min_ns":0,"max_ns":0}`, wide(1<<62, 5))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	var h hdr.Histogram
	err := json.Unmarshal(text, &h)
	runtime.ReadMemStats(&after)
	if !errors.Is(err, hdr.ErrFormat) {
		t.Errorf("a histogram of five figures is read: %v", err)
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > 1<<20 {
		t.Errorf("refusing %d bytes took %d", len(text), used)
	}
}

func TestWhatIsNoHistogramIsRefused(t *testing.T) { // R11
	good := string(encoded(t, filled([]time.Duration{5, -5, 2 * hdr.Highest})))
	for _, change := range [][2]string{
		{`"min_ns":-5`, `"min_ns":5`}, {`"max_ns":72`, `"max_ns":2`}, {`"negative":1`, `"negative":-1`},
		{`"over":1`, `"over":0`}, {`"over":1`, `"over":9223372036854775807`}, {`"hdr":"H`, `"hdr":"I`}, {`"hdr"`, `"hd"`}, {`:1`, `:1.5`},
	} {
		bad := strings.Replace(good, change[0], change[1], 1)
		if bad == good {
			t.Errorf("%q is not in %s", change[0], good)
		}
		h := filled([]time.Duration{7})
		if err := json.Unmarshal([]byte(bad), h); err == nil {
			t.Errorf("%s is read", bad)
		}
		if h.Count() != 1 {
			t.Errorf("after a failure there are %d values, want those from before", h.Count())
		}
	}
}

func TestASmallestAboveTheLargestIsRefused(t *testing.T) { // R11
	text := bytes.Replace(encoded(t, filled([]time.Duration{5, 9})), []byte(`"min_ns":5`), []byte(`"min_ns":50`), 1)
	if err := json.Unmarshal(text, new(hdr.Histogram)); !errors.Is(err, hdr.ErrFormat) {
		t.Errorf("%s: %v", text, err)
	}
}

func FuzzUnmarshal(f *testing.F) { // R11
	f.Add(encoded(f, filled(nil)))
	f.Add(encoded(f, filled([]time.Duration{1, 2, 3, time.Second, -1, 2 * hdr.Highest})))
	f.Add([]byte(`{"hdr":"` + wide(1<<62, 5) + `"}`))
	f.Add([]byte(`{"hdr":"` + wide(int64(hdr.Highest), 3) + `"}`))
	f.Add([]byte(`{"hdr":"` + base64.StdEncoding.EncodeToString([]byte("\x1c\x84\x93\x14\xff\xff\xff\xffx")) + `"}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var h hdr.Histogram
		if h.UnmarshalJSON(text) != nil {
			return
		}
		if low, high := h.Quantile(0), h.Quantile(1); low > high || low < h.Min() || high > h.Max() {
			t.Errorf("quantiles from %v to %v, values from %v to %v", low, high, h.Min(), h.Max())
		}
		var again hdr.Histogram
		if err := again.UnmarshalJSON(encoded(t, &h)); err != nil {
			t.Errorf("what was read is not read again: %v", err)
		}
		if again.Count() != h.Count() || again.Quantile(0.5) != h.Quantile(0.5) {
			t.Errorf("%d values with median %v, again %d with %v", h.Count(), h.Quantile(0.5), again.Count(), again.Quantile(0.5))
		}
	})
}
