package hdr_test

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"

	hdrhistogram "github.com/HdrHistogram/hdrhistogram-go"
	"pgregory.net/rapid"

	"pushbench/results/hdr"
)

var begin = time.Date(2026, 11, 21, 10, 20, 30, 987e6, time.UTC)

func TestALogReadsBackAsItWasWritten(t *testing.T) { // G12
	rapid.Check(t, func(t *rapid.T) {
		values := durations(t, "values")
		h := filled(values)
		began := begin.Add(time.Duration(rapid.Int64Range(0, 1e6).Draw(t, "began")) * time.Millisecond)
		length := time.Duration(rapid.Int64Range(0, 1e6).Draw(t, "length")) * time.Millisecond
		var b bytes.Buffer
		log, err := hdr.NewLog(&b, begin, "what it is of")
		if err == nil {
			err = log.Interval("sse-clients=10", began, length, h)
		}
		if err == nil {
			err = log.Interval("ws", began.Add(length), 0, hdr.New())
		}
		if err != nil {
			t.Fatal(err)
		}

		in := hdrhistogram.NewHistogramLogReader(bytes.NewReader(b.Bytes()))
		got, err := in.NextIntervalHistogram()
		if err != nil || got == nil {
			t.Fatalf("%v, %v from\n%s", got, err, b.String())
		}
		// The reader adds seconds as floating-point numbers and cuts them off.
		near := func(ms int64, want time.Time) bool { return want.UnixMilli()-ms <= 1 && ms-want.UnixMilli() <= 1 }
		if got.Tag() != "sse-clients=10" || !near(got.StartTimeMs(), began) || !near(got.EndTimeMs(), began.Add(length)) {
			t.Fatalf("tag %q from %d to %d, want from %d for %v", got.Tag(), got.StartTimeMs(), got.EndTimeMs(), began.UnixMilli(), length)
		}
		want := hdrhistogram.New(1, int64(hdr.Highest), 3)
		for _, v := range values {
			if v >= 0 && v <= hdr.Highest {
				want.RecordValue(int64(v))
			}
		}
		if !got.Equals(want) {
			t.Fatalf("%v, want %v", got.Distribution(), want.Distribution())
		}
		if empty, err := in.NextIntervalHistogram(); err != nil || empty.Tag() != "ws" || empty.TotalCount() != 0 {
			t.Fatalf("%v, %v for an interval without values", empty, err)
		}
		if h.Count() != int64(len(values)) {
			t.Fatal("writing changed the histogram")
		}
	})
}

// Counts are stored from the first bucket on. An offset in their header moves
// every value in some readers, and the library once wrote one.
func TestALogIsWhatItsFormatSays(t *testing.T) { // G12
	h := hdr.New()
	h.RecordN(1500*time.Microsecond, 7)
	var b bytes.Buffer
	log, err := hdr.NewLog(&b, begin, "first", "second")
	if err == nil {
		err = log.Interval("poll", begin.Add(1250*time.Millisecond), 2*time.Second, h)
	}
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(b.String(), "\n")
	head := []string{
		"#first",
		"#second",
		"#[Histogram log format version 1.3]",
		"#[BaseTime: 1795256430.987 (seconds since epoch)]",
		"#[StartTime: 1795256430.987 (seconds since epoch), 2026-11-21T10:20:30Z]",
		`"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"`,
	}
	if len(lines) != 8 || !slices.Equal(lines[:6], head) {
		t.Fatalf("%q", lines)
	}
	fields := strings.Split(lines[6], ",")
	if len(fields) != 5 || fields[0] != "Tag=poll" {
		t.Fatalf("%q", fields)
	}
	for i, want := range []float64{1.25, 2, 1.5} { // the largest value in ms
		if got, err := strconv.ParseFloat(fields[i+1], 64); err != nil || got < want || got > want*1.001 {
			t.Errorf("field %d is %q, want %v", i+1, fields[i+1], want)
		}
	}
	packed, err := base64.StdEncoding.DecodeString(fields[4])
	if err != nil || binary.BigEndian.Uint32(packed) != 0x1c849314 {
		t.Fatalf("no compressed V2 encoding: %x, %v", packed, err)
	}
	z, err := zlib.NewReader(bytes.NewReader(packed[8:]))
	if err != nil {
		t.Fatal(err)
	}
	counts, err := io.ReadAll(z)
	if err != nil || binary.BigEndian.Uint32(counts) != 0x1c849313 {
		t.Fatalf("no V2 encoding: %x, %v", counts, err)
	}
	if offset := binary.BigEndian.Uint32(counts[8:]); offset != 0 {
		t.Errorf("counts are shifted by %d", int32(offset))
	}
}

func TestADistributionHasItsQuantiles(t *testing.T) { // G12
	h := hdr.New()
	for i := range 1000 {
		h.Record(time.Duration(i+1) * time.Millisecond)
	}
	h.Record(-time.Second)
	h.Record(2 * time.Hour)
	h = h.Packed() // as from a file
	var b bytes.Buffer
	if err := h.WriteDistribution(&b); err != nil {
		t.Fatal(err)
	}
	points := 0
	for line := range strings.Lines(b.String()) {
		fields := strings.Fields(line)
		if len(fields) != 4 || fields[0] == "Value" || strings.HasPrefix(line, "#") {
			continue
		}
		points++
		value, _ := strconv.ParseFloat(fields[0], 64)
		quantile, _ := strconv.ParseFloat(fields[1], 64)
		count, _ := strconv.ParseFloat(fields[2], 64)
		if rank := max(1, 1000*quantile); value < rank || value > (rank+1)*1.001 || count < rank {
			t.Errorf("%g ms at %g, with %g values", value, quantile, count)
		}
	}
	if points < 30 || !strings.Contains(b.String(), "Total count    =         1000]") {
		t.Errorf("%d points:\n%s", points, b.String())
	}
}

// A disk that is full at one of its writes.
type filling struct{ left int }

var errFull = errors.New("no space left")

func (f *filling) Write(b []byte) (int, error) {
	if f.left--; f.left == -1 {
		return 0, errFull
	}
	return len(b), nil
}

func TestALogSaysWhenItCannotBeWritten(t *testing.T) { // R3
	h := filled([]time.Duration{1, 2, 3})
	for room := range 6 { // comment, version, two times, legend, interval
		disk := &filling{room}
		log, err := hdr.NewLog(disk, begin, "comment")
		if err == nil {
			err = log.Interval("ws", begin, time.Second, h)
		}
		if !errors.Is(err, errFull) || disk.left != -1 {
			t.Errorf("room for %d writes: %v, with %d to go", room, err, disk.left)
		}
	}
	if err := h.WriteDistribution(&filling{}); !errors.Is(err, errFull) {
		t.Errorf("a distribution on a full disk: %v", err)
	}
}

// There is no reader of logs here but the library's, which reads back whatever is
// written.
func FuzzLog(f *testing.F) { // R11
	f.Add("sse-clients=10", int64(0), int64(1e9), int64(5), int64(3))
	f.Add("", int64(-1), int64(-1), int64(-1), int64(0))
	f.Add("a%20b", int64(1)<<62, int64(1)<<40, int64(1)<<62, int64(1)<<62)
	f.Fuzz(func(t *testing.T, tag string, began, length, value, count int64) {
		if strings.ContainsFunc(tag, func(r rune) bool { return r == ',' || unicode.IsSpace(r) || unicode.IsControl(r) }) {
			return // no tag
		}
		h := hdr.New()
		h.RecordN(time.Duration(value), count)
		began, length = began%1e17, length%1e17
		var b bytes.Buffer
		log, err := hdr.NewLog(&b, begin, "fuzzed")
		if err == nil {
			err = log.Interval(tag, begin.Add(time.Duration(began)), time.Duration(length), h)
		}
		if (err != nil) != (began < 0 || length < 0) {
			t.Fatal(err)
		}
		if err != nil {
			return
		}
		got, err := hdrhistogram.NewHistogramLogReader(&b).NextIntervalHistogram()
		if err != nil || got == nil {
			t.Fatalf("%v, %v", got, err)
		}
		want := h.Count() - h.Negative() - h.Over()
		if got.TotalCount() != want || got.Tag() != tag {
			t.Errorf("%d values under %q, want %d under %q", got.TotalCount(), got.Tag(), want, tag)
		}
	})
}
