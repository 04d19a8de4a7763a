package source

import (
	"bytes"
	"sync"
)

// A Journal remembers when every event of a source was due and published, so
// that whoever accounts for deliveries knows what was owed. It grows by 16
// bytes an event and is safe for concurrent use.
type Journal struct {
	mu     sync.Mutex
	topics []Stamps
	taken  Taken
}

// Stamps are the instants of one topic's events in the order of their numbers,
// in nanoseconds of wire.Now.
type Stamps struct {
	First uint64  `json:"first,string"` // number of the first one
	Due   []int64 `json:"due"`
	Pub   []int64 `json:"pub"`
	// Said has a bit for each event, the lowest of a byte first, that says whether
	// a client sent it; it ends with the last that is set.
	Said []byte `json:"said,omitempty"`
}

// Taken are the instants of the messages that a source has absorbed: when their
// senders should have sent them, and when the source had them.
type Taken struct {
	Due []int64 `json:"due"`
	Pub []int64 `json:"pub"`
}

// FromClient says whether event i of the stamps is one that a client sent: what
// lies between its instants is its way up, and no lag of the source's.
func (s Stamps) FromClient(i int) bool { return i/8 < len(s.Said) && s.Said[i/8]>>(i%8)&1 != 0 }

func (j *Journal) add(topic int, n uint64, due, pub int64, said bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for len(j.topics) <= topic {
		j.topics = append(j.topics, Stamps{})
	}
	s := &j.topics[topic]
	if len(s.Due) == 0 {
		s.First = n
	}
	s.Due = append(s.Due, due)
	s.Pub = append(s.Pub, pub)
	if i := len(s.Due) - 1; said {
		for len(s.Said) <= i/8 {
			s.Said = append(s.Said, 0)
		}
		s.Said[i/8] |= 1 << (i % 8)
	}
}

// take notes a message that is no event.
func (j *Journal) take(due, pub int64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if due == 0 {
		due = pub
	}
	j.taken.Due, j.taken.Pub = append(j.taken.Due, due), append(j.taken.Pub, pub)
}

// Taken returns what is remembered of messages that were absorbed. The slices
// are shared and must not be changed.
func (j *Journal) Taken() Taken {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.taken
}

// Topics returns what is remembered, by the topics' order in their source. The
// slices are shared and must not be changed.
func (j *Journal) Topics() []Stamps {
	j.mu.Lock()
	defer j.mu.Unlock()
	topics := append([]Stamps(nil), j.topics...)
	for i := range topics {
		topics[i].Said = bytes.Clone(topics[i].Said) // its last byte still changes
	}
	return topics
}
