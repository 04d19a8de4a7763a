package source_test

import (
	"sync"
	"testing"

	"pushbench/servers/source"
	"pushbench/servers/wire"
)

// benchmarkWaiters measures a round: one event on each topic wakes waiters that
// are spread evenly over them, and each reads its event. The two spreads show
// what it costs to share a topic or to have one each.
func benchmarkWaiters(b *testing.B, topics, waiters int, rotate bool) {
	src := source.New(source.Options{Keep: 4, Rotate: rotate}, source.TopicNames(topics)...)
	all := src.Topics()
	var read, left sync.WaitGroup
	for i := range waiters {
		left.Go(func() {
			topic, after := all[i%topics], uint64(0)
			for {
				if topic.Wait(b.Context(), after) != nil {
					return
				}
				after = topic.Since(after, 16, nil).Cursor
				read.Done()
			}
		})
	}
	b.Cleanup(left.Wait) // the benchmark's context has ended by then
	for b.Loop() {
		read.Add(waiters)
		for _, topic := range all {
			if _, err := topic.Publish(wire.Message{Data: []byte(`1`)}); err != nil {
				b.Fatal(err)
			}
		}
		read.Wait()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*waiters), "ns/waiter")
}

func BenchmarkOneTopicManyWaiters(b *testing.B) { benchmarkWaiters(b, 1, 10_000, false) }      // L8
func BenchmarkManyTopicsOneWaiter(b *testing.B) { benchmarkWaiters(b, 10_000, 10_000, false) } // L8

// Rotation costs a topic a channel for each group and event.
func BenchmarkOneTopicManyWaitersInRotation(b *testing.B) { benchmarkWaiters(b, 1, 10_000, true) }

func BenchmarkPublish(b *testing.B) {
	topic := source.New(source.Options{}).Add("t")
	data := []byte(`"the price of one share rose by a little"`)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := topic.Publish(wire.Message{Data: data}); err != nil {
			b.Fatal(err)
		}
	}
}
