package recorder

import (
	"testing"
	"time"
	"unsafe"

	"pushbench/servers/wire"
)

// A broadcast gives one event after the other to each of a thousand clients, a
// microsecond apart, as a read brings them.
type broadcast struct {
	record *Recorder
	event  wire.Event
	client int
}

const (
	listeners = 1000
	apart     = int64(time.Millisecond) // from event to event
)

func newBroadcast() *broadcast {
	b := &broadcast{record: New(Options{Clients: listeners, Topics: 1, Shards: 1})}
	b.record.Measure(0, int64(time.Hour))
	s := b.record.Shard(0)
	for i := range listeners {
		s.Hello(b.record.Client(i), 0, 0, 0)
	}
	b.event = wire.Event{N: 1, Data: []byte("0123456789")}
	return b
}

// deliver gives the next client the event, and after the last goes on to the
// next one.
func (b *broadcast) deliver() {
	s := b.record.Shard(0)
	s.Lock()
	s.Event(b.record.Client(b.client), &b.event, b.event.Due+int64(b.client)*1000)
	s.Unlock()
	if b.client++; b.client == listeners {
		b.client = 0
		b.event.N++
		b.event.Due += apart
		b.event.Pub = b.event.Due
	}
}

func TestAClientIsALineOfTheCache(t *testing.T) { // G20
	if got := unsafe.Sizeof(Client{}); got > 64 {
		t.Errorf("a client has %d bytes", got)
	}
}

func TestADeliveryAllocatesNothing(t *testing.T) { // G14
	b := newBroadcast()
	b.deliver()
	// Less than a slice: what a turnover allocates is paid by a million deliveries.
	if n := testing.AllocsPerRun(100*listeners, b.deliver); n != 0 {
		t.Errorf("a delivery allocates %v times, want never", n)
	}
}

// The cost of a delivery, turnovers included: one in a million.
func BenchmarkEvent(b *testing.B) { // G14
	cast := newBroadcast()
	b.ReportAllocs()
	for b.Loop() {
		cast.deliver()
	}
}
