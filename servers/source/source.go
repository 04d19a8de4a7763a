// Package source is what every server reads: a bounded log of events per topic.
// A topic is a log and a subscriber is a cursor in it, so no transport has a
// queue of its own and every loss is one that a log can name.
package source

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
	"sync/atomic"

	"pushbench/servers/wire"
)

// Errors of publishing and subscribing, to be told apart by errors.Is.
var (
	ErrTopic   = errors.New("no such topic")
	ErrPayload = errors.New("payload cannot be published")
)

// Options describe a source. The zero value is useful.
type Options struct {
	// Epoch names this life of the logs and goes into every cursor. Empty means
	// "local", which is right only where no client outlives the source.
	Epoch string
	// Keep is how many events a topic keeps. Zero means 1024; negative means
	// none, so that subscribers are told of gaps and of nothing else.
	Keep int
	// KeepBytes bounds the encoded events that a topic keeps. Zero means 16 MiB.
	// The newest event is kept whatever its size.
	KeepBytes int
	// After is the number before every topic's first event, for a source that
	// continues where another ended.
	After uint64
	// Raw publishes the bare payload instead of the envelope with number and
	// instants: such events are counted by clients, but not timed.
	Raw bool
	// Rotate lets another one of those who wait for a topic be woken first with
	// each event. Else it is always the one that has waited longest, which is most
	// often the one that was served first the last time.
	Rotate bool
	// Absorb keeps what clients say from everyone: the source takes it, and it is
	// no event.
	Absorb bool
	// Journal, when set, remembers the instants of everything published.
	Journal *Journal
	// Found, when set, is told which subscribers were found too slow.
	Found *Findings
	// View, when set, stands between the logs and every reader. It is how a
	// server is made to misbehave on purpose; nil shows the logs as they are.
	View *View
}

// A Source holds the logs. All methods are safe for concurrent use.
type Source struct {
	opts   Options
	frames atomic.Int32 // how many framings Once has handed out

	mu     sync.RWMutex
	topics map[string]*Topic
	order  []*Topic // by creation: the index that schedules and journals use

	told   atomic.Bool   // a load has ended, or waits for its readers: no view holds back anything
	pacing atomic.Bool   // saturate: publish when every cursor has the last
	behind atomic.Int64  // cursors that lack their topic's last event, while pacing
	caught chan struct{} // behind has reached zero
	asks   asks          // what clients have said to a load that answers
}

// New makes a source with the named topics. It panics on an impossible epoch.
func New(o Options, topics ...string) *Source {
	if o.Epoch == "" {
		o.Epoch = "local"
	}
	if err := wire.CheckEpoch(o.Epoch); err != nil {
		panic("source: " + err.Error())
	}
	if o.Keep == 0 {
		o.Keep = 1024
	}
	o.Keep = max(o.Keep, 0)
	if o.KeepBytes == 0 {
		o.KeepBytes = 16 << 20
	}
	s := &Source{opts: o, topics: make(map[string]*Topic), caught: make(chan struct{}, 1)}
	for _, name := range topics {
		s.Add(name)
	}
	return s
}

// TopicNames are the names of n topics: "t0", "t1" and so on. Client i of a
// load subscribes to number i modulo n.
func TopicNames(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("t%d", i)
	}
	return names
}

// Epoch is the name of this life of the logs.
func (s *Source) Epoch() string { return s.opts.Epoch }

// Raw says whether events are published without their envelope.
func (s *Source) Raw() bool { return s.opts.Raw }

// Add returns the topic of that name and makes it if it is new. Subscribers
// cannot make topics: they would be a way to fill the memory.
func (s *Source) Add(name string) *Topic {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t, ok := s.topics[name]; ok {
		return t
	}
	t := &Topic{source: s, name: name, index: len(s.order), head: s.opts.After, first: s.opts.After + 1}
	t.shown.Store(t.head)
	s.topics[name] = t
	s.order = append(s.order, t)
	return t
}

// Topic returns the topic of that name, or an ErrTopic.
func (s *Source) Topic(name string) (*Topic, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if t, ok := s.topics[name]; ok {
		return t, nil
	}
	return nil, fmt.Errorf("topic %q: %w", name, ErrTopic)
}

// Topics are all topics in the order in which they were added.
func (s *Source) Topics() []*Topic {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.Clone(s.order)
}

// Publish is Topic.Publish on the topic of that name.
func (s *Source) Publish(topic string, m wire.Message) (uint64, error) {
	t, err := s.Topic(topic)
	if err != nil {
		return 0, err
	}
	return t.Publish(m)
}

// Subscribers is the number of live subscriptions to all topics.
func (s *Source) Subscribers() int {
	n := 0
	for _, t := range s.Topics() {
		n += t.Subscribers()
	}
	return n
}

// Once turns an encoding of an entry into one that runs once per entry, however
// many subscribers get it. A racing second run is possible and harmless. A
// source has room for MaxFramings of them; each server of a source uses one.
func Once[T any](s *Source, encode func(*Entry) *T) func(*Entry) *T {
	slot := s.frames.Add(1) - 1
	if slot >= MaxFramings {
		panic("source: more than MaxFramings encodings of one source")
	}
	return func(e *Entry) *T {
		if made := e.frames[slot].Load(); made != nil {
			return (*made).(*T)
		}
		made := encode(e)
		var boxed any = made
		e.frames[slot].Store(&boxed)
		return made
	}
}

// MaxFramings is how many different encodings of one source's entries there can be.
const MaxFramings = 8

// caughtUp notes that one cursor fewer lacks its topic's last event.
func (s *Source) caughtUp(n int64) {
	if s.behind.Add(-n) == 0 {
		select {
		case s.caught <- struct{}{}:
		default:
		}
	}
}

// lastNumber is the largest number that an event can have.
const lastNumber = math.MaxUint64 - 1
