package hdr

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"sync"
	"time"

	hdrhistogram "github.com/HdrHistogram/hdrhistogram-go"
)

// A Text is a histogram as a file has it, not looked into yet: to inflate one takes
// longer than to read what stands around it, and most who read a run want few of its
// histograms.
type Text struct {
	Counts   string        `json:"hdr"` // compressed HDR V2 in base64, as other HDR tools read it; ns
	Min      time.Duration `json:"min_ns"`
	Max      time.Duration `json:"max_ns"`
	Negative int64         `json:"negative,omitempty"`
	Over     int64         `json:"over,omitempty"`
}

// ErrFormat says that bytes are not a histogram that MarshalJSON has written.
var ErrFormat = errors.New("not a histogram")

// MarshalJSON writes the histogram as one object: the values within the range
// in the compressed V2 encoding that HDR tools share, and beside them what that
// cannot carry.
func (h *Histogram) MarshalJSON() ([]byte, error) {
	if h == nil {
		return []byte("null"), nil
	}
	if h.text != nil {
		return h.text, nil
	}
	var counts []byte
	var err error
	if h.sparse != nil {
		counts, err = h.sparse.Encode()
	} else {
		h.thaw()
		counts, err = h.dense.Encode(hdrhistogram.V2CompressedEncodingCookieBase)
	}
	if err != nil {
		return nil, fmt.Errorf("encode histogram: %w", err)
	}
	text, err := json.Marshal(Text{string(counts), h.min, h.max, h.negative, h.over})
	if h.sparse != nil {
		h.text = text
	}
	return text, err
}

// UnmarshalJSON reads what MarshalJSON wrote, as Text.Histogram does.
func (h *Histogram) UnmarshalJSON(b []byte) error {
	var t Text
	if err := json.Unmarshal(b, &t); err != nil {
		return fmt.Errorf("%w: %w", ErrFormat, err)
	}
	read, err := t.Histogram()
	if err != nil {
		return err
	}
	*h = *read
	return nil
}

// Histogram looks into the text, which it leaves as it is. Its error is of
// ErrFormat. From a hostile text it allocates at most about a megabyte beside the
// text's own size.
func (t *Text) Histogram() (*Histogram, error) {
	if err := checkGeometry(t.Counts); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	sparse, err := hdrhistogram.DecodePacked([]byte(t.Counts))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	read := &Histogram{sparse: sparse, negative: t.Negative, over: t.Over, min: t.Min, max: t.Max}
	if err := read.check(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	return read, nil
}

// checkGeometry looks at the range of encoded counts before they are decoded:
// with more figures a hundred bytes would decode to a hundred megabytes.
func checkGeometry(counts string) error {
	packed, err := base64.StdEncoding.DecodeString(counts)
	if err != nil {
		return err
	}
	const head = 8 // cookie and length, before the compressed part
	if len(packed) < head {
		return io.ErrUnexpectedEOF
	}
	inflated, err := inflate(packed[head:])
	if err != nil {
		return err
	}
	defer inflaters.Put(inflated)
	var header [hdrhistogram.ENCODING_HEADER_SIZE]byte
	if _, err := io.ReadFull(inflated, header[:]); err != nil {
		return err
	}
	figures := int32(binary.BigEndian.Uint32(header[12:]))
	low, high := int64(binary.BigEndian.Uint64(header[16:])), int64(binary.BigEndian.Uint64(header[24:]))
	if figures != digits || low != int64(lowest) || high != int64(Highest) {
		return fmt.Errorf("%d figures from %d to %d ns", figures, low, high)
	}
	return nil
}

// inflaters are kept, since each has some 70 KiB of its own and a run has thousands
// of histograms.
var inflaters sync.Pool

func inflate(packed []byte) (io.ReadCloser, error) {
	if used, ok := inflaters.Get().(io.ReadCloser); ok {
		return used, used.(zlib.Resetter).Reset(bytes.NewReader(packed), nil)
	}
	return zlib.NewReader(bytes.NewReader(packed))
}

// check says what is impossible about the counters of a histogram.
func (h *Histogram) check() error {
	within := h.sparse.TotalCount()
	switch {
	case h.negative < 0 || h.over < 0 || h.negative > math.MaxInt64-h.over || h.negative+h.over > math.MaxInt64-within:
		return errors.New("impossible counts")
	case h.Count() == 0 && (h.min != 0 || h.max != 0):
		return errors.New("a smallest and a largest of no values")
	case h.min > h.max, (h.negative > 0) != (h.min < 0), (h.over > 0) != (h.max > Highest):
		return fmt.Errorf("impossible range from %v to %v", h.min, h.max)
	}
	return nil
}
