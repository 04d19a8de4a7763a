package source_test

import (
	"bytes"
	"fmt"
	"math"
	"testing"

	"pgregory.net/rapid"

	"pushbench/servers/source"
	"pushbench/servers/wire"
)

// A model is a log as a slice: slow, and too simple to be wrong.
type model struct {
	keep, keepBytes int
	start           uint64   // the number before the first event
	data            []string // of all events ever
	sizes           []int
	gone            int // how many of them have been dropped
}

func (m *model) publish(data string, size int) {
	m.data, m.sizes = append(m.data, data), append(m.sizes, size)
	bytes := 0
	for _, size := range m.sizes[m.gone:] {
		bytes += size
	}
	for len(m.data)-m.gone > m.keep || len(m.data)-m.gone > 1 && bytes > m.keepBytes {
		bytes -= m.sizes[m.gone]
		m.gone++
	}
}

func (m *model) head() uint64 { return m.start + uint64(len(m.data)) }

// since says in words what a reader whose cursor is after must be shown.
func (m *model) since(after uint64, limit int) (shown string, cursor uint64) {
	at := int(min(after, m.head()) - m.start)
	if at < m.gone {
		shown = fmt.Sprintf("gap %d-%d ", m.start+uint64(at)+1, m.start+uint64(m.gone))
		at = m.gone
	}
	for ; at < len(m.data) && limit > 0; limit-- {
		shown += fmt.Sprintf("%d:%s ", m.start+uint64(at)+1, m.data[at])
		at++
	}
	return fmt.Sprintf("%smore %v", shown, at < len(m.data)), m.start + uint64(at)
}

// told says in the same words what was shown.
func told(r source.Reading) (shown string) {
	if r.Gap != nil {
		shown = fmt.Sprintf("gap %d-%d ", r.Gap.From, r.Gap.To)
	}
	for _, e := range r.Entries {
		shown += fmt.Sprintf("%d:%s ", e.N, e.Data)
	}
	return fmt.Sprintf("%smore %v", shown, r.More)
}

func TestLogDoesWhatASliceWouldDo(t *testing.T) { // D7, D12
	rapid.Check(t, func(t *rapid.T) {
		m := &model{
			keep:      rapid.IntRange(0, 9).Draw(t, "keep"),
			keepBytes: rapid.SampledFrom([]int{1, 300, 1000, 1 << 20}).Draw(t, "keep bytes"),
			start:     rapid.SampledFrom([]uint64{0, 1, 1<<53 - 5, 1<<63 - 5, math.MaxUint64 - 10_000}).Draw(t, "start"),
		}
		opts := source.Options{Epoch: "e", Keep: m.keep, KeepBytes: m.keepBytes, After: m.start, Rotate: rapid.Bool().Draw(t, "rotate")}
		if m.keep == 0 {
			opts.Keep = -1
		}
		topic := source.New(opts).Add("t")
		sub, have := topic.Subscribe(m.start), m.start
		cursor := func(t *rapid.T) uint64 {
			return m.start + uint64(rapid.IntRange(0, len(m.data)).Draw(t, "cursor"))
		}
		t.Repeat(map[string]func(*rapid.T){
			"publish": func(t *rapid.T) {
				size := rapid.SampledFrom([]int{1, 50, 250, 900}).Draw(t, "size")
				data := fmt.Sprintf(`"%d%s"`, len(m.data), bytes.Repeat([]byte("x"), size))
				n, err := topic.Publish(wire.Message{Due: 1, Data: []byte(data)})
				if err != nil || n != m.head()+1 {
					t.Fatalf("Publish = %d, %v, want %d", n, err, m.head()+1)
				}
				// The clocks in the envelope make its size the log's secret until it
				// is shown; a log that keeps nothing shows nothing.
				encoded := 0
				if r := topic.Since(n-1, 1, nil); len(r.Entries) == 1 {
					encoded = len(r.Entries[0].Bytes)
				}
				m.publish(data, encoded)
			},
			"since": func(t *rapid.T) {
				after, limit := cursor(t), rapid.IntRange(0, 12).Draw(t, "limit")
				r := topic.Since(after, limit, nil)
				if shown, upto := m.since(after, limit); told(r) != shown || r.Cursor != upto {
					t.Fatalf("Since(%d, %d) shows %s up to %d, want %s up to %d", after, limit, told(r), r.Cursor, shown, upto)
				}
				if r.Gap != nil && (r.Gap.Epoch != "" || r.Gap.Cursor != topic.Cursor(r.Gap.To)) {
					t.Fatalf("the gap is %+v, want its cursor at its end", *r.Gap)
				}
			},
			"next": func(t *rapid.T) {
				limit := rapid.IntRange(0, 12).Draw(t, "limit")
				r := sub.Next(limit, nil)
				shown, upto := m.since(have, limit)
				if told(r) != shown || sub.Cursor() != upto {
					t.Fatalf("Next(%d) shows %s up to %d, want %s up to %d", limit, told(r), sub.Cursor(), shown, upto)
				}
				have = upto
			},
			// Its connection breaks, and the client comes back with what has arrived: all that
			// it was shown, or less.
			"break": func(t *rapid.T) {
				sub.Close()
				have = m.start + uint64(rapid.IntRange(0, int(have-m.start)).Draw(t, "arrived"))
				after, gap := topic.Resume(topic.Cursor(have))
				if after != have || gap != nil {
					t.Fatalf("Resume(%d) = %d, %+v, want to continue: what is gone is told by the next reading", have, after, gap)
				}
				sub = topic.Subscribe(after)
			},
			"connect": func(t *rapid.T) {
				sub.Close()
				if sub, have = topic.SubscribeHead(); have != m.head() {
					t.Fatalf("a new subscription begins at %d, want the head, %d", have, m.head())
				}
			},
			"resume": func(t *rapid.T) {
				n := cursor(t)
				if after, gap := topic.Resume(wire.Cursor{Epoch: "e", N: n}); after != n || gap != nil {
					t.Fatalf("Resume(%d) = %d, %+v, want to continue", n, after, gap)
				}
				oldest := m.start + uint64(m.gone)
				for _, c := range []wire.Cursor{{Epoch: "f", N: n}, {Epoch: "e", N: m.head() + 1}} {
					after, gap := topic.Resume(c)
					want := wire.Gap{From: m.start + 1, To: oldest, Cursor: topic.Cursor(oldest), Epoch: c.Epoch}
					if after != oldest || gap == nil || *gap != want {
						t.Fatalf("Resume(%v) = %d, %+v, want %d, %+v", c, after, gap, oldest, want)
					}
				}
			},
			"": func(t *rapid.T) {
				if got, want := topic.Head(), m.head(); got != want {
					t.Fatalf("Head() = %d, want %d", got, want)
				}
			},
		})
	})
}
