package lean

import (
	"slices"
	"testing"

	"pushbench/servers/alarm"
	"pushbench/servers/source"
	"pushbench/servers/wire"
)

// A board is a clock on which nothing fires, and a herald that notes its news.
type board struct {
	posted []func(now int64)
	news   []string
	then   func()
}

func (b *board) At(*alarm.Timer, int64, alarm.Alarmer) {}
func (b *board) Post(f func(now int64))                { b.posted = append(b.posted, f) }

func (b *board) News(_ int64, t *source.Topic) {
	b.news = append(b.news, t.Name())
	if b.then != nil {
		b.then()
	}
}

// run does what was posted and returns the news that it was.
func (b *board) run() (news []string) {
	posted := b.posted
	b.posted, b.news = nil, nil
	for _, f := range posted {
		f(0)
	}
	return b.news
}

func TestATopicIsToldOnceHoweverManyEventsItHad(t *testing.T) {
	src := source.New(source.Options{}, "a", "b", "c")
	var clock board
	var b bulletin
	b.open(&clock)
	topics := src.Topics()
	b.watch(topics[0], &clock)
	b.watch(topics[1], &clock)
	say := func(topic int) {
		if _, err := topics[topic].Publish(wire.Message{Data: []byte("1")}); err != nil {
			t.Fatal(err)
		}
	}
	for _, topic := range []int{2, 1, 0, 1, 1} {
		say(topic)
	}
	if len(clock.posted) != 1 {
		t.Errorf("woken %d times, want once", len(clock.posted))
	}
	if got := clock.run(); !slices.Equal(got, []string{"b", "a"}) {
		t.Errorf("told of %q, want b and a", got)
	}
	if len(clock.posted) != 0 {
		t.Error("woken for nothing")
	}
	// What is published while news is passed on is told again.
	clock.then = func() { clock.then = nil; say(0) }
	say(0)
	if got := append(clock.run(), clock.run()...); !slices.Equal(got, []string{"a", "a"}) {
		t.Errorf("told of %q, want a twice", got)
	}
}
