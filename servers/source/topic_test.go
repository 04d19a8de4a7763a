package source_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"pushbench/servers/source"
	"pushbench/servers/wire"
)

// publish publishes the data on the topic and fails the test on an error.
func publish(t testing.TB, topic *source.Topic, data string) uint64 {
	t.Helper()
	n, err := topic.Publish(wire.Message{Data: []byte(data)})
	if err != nil {
		t.Fatalf("Publish(%.60s): %v", data, err)
	}
	return n
}

func numbers(r source.Reading) []uint64 {
	var ns []uint64
	for _, e := range r.Entries {
		ns = append(ns, e.N)
	}
	return ns
}

// gapOf is a gap notice of the epoch "local" in short form, for comparisons.
func gapOf(g *wire.Gap) string {
	if g == nil {
		return "no gap"
	}
	return fmt.Sprintf("%d to %d, then %v", g.From, g.To, g.Cursor)
}

func TestLogKeepsAsManyEventsAsItShould(t *testing.T) { // D7, P5
	tests := map[string]struct {
		opts      source.Options
		published int
		gap       string
		want      []uint64
	}{
		"none kept":                {source.Options{Keep: -1}, 3, "1 to 3, then local-3", nil},
		"one kept":                 {source.Options{Keep: 1}, 3, "1 to 2, then local-2", []uint64{3}},
		"not yet full":             {source.Options{Keep: 5}, 4, "no gap", []uint64{1, 2, 3, 4}},
		"just full":                {source.Options{Keep: 5}, 5, "no gap", []uint64{1, 2, 3, 4, 5}},
		"one over":                 {source.Options{Keep: 5}, 6, "1 to 1, then local-1", []uint64{2, 3, 4, 5, 6}},
		"round the ring's edge":    {source.Options{Keep: 5}, 13, "1 to 8, then local-8", []uint64{9, 10, 11, 12, 13}},
		"nothing published":        {source.Options{Keep: 5}, 0, "no gap", nil},
		"bytes bound to the last":  {source.Options{KeepBytes: 1}, 3, "1 to 2, then local-2", []uint64{3}},
		"bytes bound to some":      {source.Options{KeepBytes: 3 * 200}, 7, "1 to 4, then local-4", []uint64{5, 6, 7}},
		"the default keeps plenty": {source.Options{}, 9, "no gap", []uint64{1, 2, 3, 4, 5, 6, 7, 8, 9}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			topic := source.New(tt.opts, "t").Add("t")
			for range tt.published {
				// Envelopes of 140 to 200 bytes, whatever the digits of the clocks.
				publish(t, topic, `"`+strings.Repeat("x", 60)+`"`)
			}
			r := topic.Since(0, 100, nil)
			if got := gapOf(r.Gap); got != tt.gap {
				t.Errorf("gap is %s, want %s", got, tt.gap)
			}
			if got := numbers(r); fmt.Sprint(got) != fmt.Sprint(tt.want) {
				t.Errorf("kept are %v, want %v", got, tt.want)
			}
			if got, want := r.Cursor, uint64(tt.published); got != want || r.More {
				t.Errorf("cursor %d, more %v, want %d, false", got, r.More, want)
			}
		})
	}
}

func TestNumbersStayExactWhereFloatsDoNot(t *testing.T) { // D7
	for _, start := range []uint64{1<<53 - 3, 1<<63 - 3, math.MaxUint64 - 8} {
		topic := source.New(source.Options{Keep: 4, After: start}).Add("t")
		if got := topic.Head(); got != start {
			t.Errorf("the head of an empty log after %d is %d", start, got)
		}
		for i := range uint64(6) {
			if got, want := publish(t, topic, `1`), start+i+1; got != want {
				t.Fatalf("event %d after %d has number %d, want %d", i, start, got, want)
			}
		}
		r := topic.Since(start, 100, nil)
		want := []uint64{start + 3, start + 4, start + 5, start + 6}
		if got := numbers(r); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("kept are %v, want %v", got, want)
		}
		if got, want := gapOf(r.Gap), fmt.Sprintf("%d to %d, then local-%d", start+1, start+2, start+2); got != want {
			t.Errorf("gap is %s, want %s", got, want)
		}
		var e struct{ N string }
		if err := json.Unmarshal(r.Entries[0].Bytes, &e); err != nil || e.N != fmt.Sprint(start+3) {
			t.Errorf("JSON reads number %q, %v, want the string %d", e.N, err, start+3)
		}
	}
}

func TestNumbersDoNotStartAgainWhenTheyAreUsedUp(t *testing.T) { // D7
	topic := source.New(source.Options{After: math.MaxUint64 - 2}).Add("t")
	if got, want := publish(t, topic, `1`), uint64(math.MaxUint64-1); got != want {
		t.Errorf("the last event has number %d, want %d", got, want)
	}
	if _, err := topic.Publish(wire.Message{Data: []byte(`2`)}); !errors.Is(err, source.ErrPayload) {
		t.Errorf("Publish after the last number = %v, want %v", err, source.ErrPayload)
	}
}

func TestGapAfterADisconnectLongerThanTheLogNamesTheFirstEventLeft(t *testing.T) { // D4
	topic := source.New(source.Options{Keep: 3}).Add("t")
	publish(t, topic, `1`)
	cursor := topic.Cursor(1)
	for range 10 {
		publish(t, topic, `1`)
	}
	after, gap := topic.Resume(cursor)
	if gap != nil {
		t.Errorf("Resume of a cursor of this log says %s", gapOf(gap))
	}
	r := topic.Since(after, 1, nil)
	if got, want := gapOf(r.Gap), "2 to 8, then local-8"; got != want {
		t.Errorf("gap is %s, want %s", got, want)
	}
	if got := numbers(r); len(got) != 1 || got[0] != r.Gap.To+1 || !r.More {
		t.Errorf("after the gap come %v, more %v, want event %d and more", got, r.More, r.Gap.To+1)
	}
}

func TestCursorOfNoLifeOfTheLogGetsANotice(t *testing.T) { // L6, V10
	topic := source.New(source.Options{Epoch: "now", Keep: 3, After: 100}).Add("t")
	for range 5 {
		publish(t, topic, `1`)
	}
	for name, c := range map[string]wire.Cursor{
		"another epoch":    {Epoch: "before", N: 103},
		"from the future":  {Epoch: "now", N: 106},
		"before the start": {Epoch: "now", N: 99},
	} {
		after, gap := topic.Resume(c)
		want := wire.Gap{From: 101, To: 102, Cursor: wire.Cursor{Epoch: "now", N: 102}, Epoch: c.Epoch}
		if gap == nil || *gap != want || after != 102 {
			t.Errorf("Resume(%s) = %d, %+v, want 102, %+v", name, after, gap, want)
		}
		if r := topic.Since(after, 10, nil); r.Gap != nil || len(r.Entries) != 3 {
			t.Errorf("after the notice for %s: %s and %v, want all that is kept", name, gapOf(r.Gap), numbers(r))
		}
	}
	for _, n := range []uint64{100, 102, 105} {
		if after, gap := topic.Resume(topic.Cursor(n)); gap != nil || after != n {
			t.Errorf("Resume of event %d = %d, %s, want to continue there", n, after, gapOf(gap))
		}
	}
}

func TestPublishRefusesWhatTheWireCannotCarry(t *testing.T) { // V5
	json := source.New(source.Options{}, "t").Add("t")
	raw := source.New(source.Options{Raw: true}, "t").Add("t")
	tests := []struct {
		topic *source.Topic
		m     wire.Message
		ok    bool
	}{
		{json, wire.Message{Data: []byte(`{"a":1}`)}, true},
		{json, wire.Message{Data: []byte(`{"a":1`)}, false},
		{json, wire.Message{Data: nil}, false},
		{json, wire.Message{Data: []byte("\"\xff\"")}, false},
		{json, wire.Message{Data: []byte(`1`), Type: "a\nid: 7"}, false},
		{json, wire.Message{Data: []byte(`1`), Type: "a\x00"}, false},
		{json, wire.Message{Data: []byte(`1`), Type: "tick"}, true},
		{raw, wire.Message{Data: []byte("a\r\n\nid: 7\n\nb")}, true},
		{raw, wire.Message{Data: nil}, true},
		{raw, wire.Message{Data: []byte("\xff")}, false},
	}
	for _, tt := range tests {
		before := tt.topic.Head()
		_, err := tt.topic.Publish(tt.m)
		if (err == nil) != tt.ok || err != nil && !errors.Is(err, source.ErrPayload) {
			t.Errorf("Publish(%q, type %q) = %v, want ok %v", tt.m.Data, tt.m.Type, err, tt.ok)
		}
		if took := tt.topic.Head() > before; took != tt.ok {
			t.Errorf("Publish(%q, type %q) moved the head: %v", tt.m.Data, tt.m.Type, took)
		}
	}
}

func TestEverythingPublishedCanBeReadFromTheWire(t *testing.T) { // S30
	topic := source.New(source.Options{}).Add("t")
	for _, data := range []string{" 1\n", "\t{\"a\": [ ]}\r\n", ` "x" `, "[1,\n2]", `"\"}"`} {
		publish(t, topic, data)
	}
	for _, e := range topic.Since(0, 100, nil).Entries {
		var got wire.Event
		if err := wire.ParseEvent(&got, e.Bytes); err != nil || got.N != e.N || !bytes.Equal(got.Data, e.Data) {
			t.Errorf("ParseEvent(%q) = %+v, %v", e.Bytes, got, err)
		}
	}
}

func TestEventWithoutADueInstantIsDueWhenPublished(t *testing.T) {
	journal := new(source.Journal)
	topic := source.New(source.Options{Journal: journal, After: 6}).Add("t")
	publish(t, topic, `1`)
	if _, err := topic.Publish(wire.Message{Due: 42, Data: []byte(`2`)}); err != nil {
		t.Fatal(err)
	}
	entries := topic.Since(6, 10, nil).Entries
	if e := entries[0]; e.Due != e.Pub || e.Pub == 0 || e.Wall == 0 {
		t.Errorf("due %d, published %d, wall %d: want the first two equal and none 0", e.Due, e.Pub, e.Wall)
	}
	if got := entries[1].Due; got != 42 {
		t.Errorf("due is %d, want the sender's own, 42", got)
	}
	stamps := journal.Topics()[0]
	if stamps.First != 7 || len(stamps.Due) != 2 || stamps.Due[1] != 42 || stamps.Pub[0] != entries[0].Pub {
		t.Errorf("the journal has %+v, want both events from number 7 on", stamps)
	}
}

func TestEntryIsEncodedOncePerFraming(t *testing.T) {
	src := source.New(source.Options{}, "t")
	topic := src.Add("t")
	publish(t, topic, `1`)
	entry := topic.Since(0, 1, nil).Entries[0]
	for i := range 2 {
		runs := 0
		frame := source.Once(src, func(e *source.Entry) *string {
			runs++
			s := fmt.Sprintf("framing %d of event %d", i, e.N)
			return &s
		})
		first, second := frame(entry), frame(entry)
		if runs != 1 || first != second || *first != fmt.Sprintf("framing %d of event 1", i) {
			t.Errorf("framing %d ran %d times and gave %q, want once", i, runs, *first)
		}
	}
}

func TestSubscribersCannotMakeTopics(t *testing.T) {
	src := source.New(source.Options{}, source.TopicNames(2)...)
	if _, err := src.Topic("t2"); !errors.Is(err, source.ErrTopic) {
		t.Errorf("Topic of a new name = %v, want %v", err, source.ErrTopic)
	}
	if _, err := src.Publish("t2", wire.Message{Data: []byte(`1`)}); !errors.Is(err, source.ErrTopic) {
		t.Errorf("Publish on a new name = %v, want %v", err, source.ErrTopic)
	}
	if n, err := src.Publish("t1", wire.Message{Data: []byte(`1`)}); n != 1 || err != nil {
		t.Errorf("Publish on t1 = %d, %v", n, err)
	}
	if got := len(src.Topics()); got != 2 {
		t.Errorf("there are %d topics, want 2", got)
	}
}
