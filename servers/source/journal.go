package source

import "sync"

// A Journal remembers when every event of a source was due and published, so
// that whoever accounts for deliveries knows what was owed. It grows by 16
// bytes an event and is safe for concurrent use.
type Journal struct {
	mu     sync.Mutex
	topics []Stamps
}

// Stamps are the instants of one topic's events in the order of their numbers,
// in nanoseconds of wire.Now.
type Stamps struct {
	First uint64  `json:"first,string"` // number of the first one
	Due   []int64 `json:"due"`
	Pub   []int64 `json:"pub"`
}

func (j *Journal) add(topic int, n uint64, due, pub int64) {
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
}

// Topics returns what is remembered, by the topics' order in their source. The
// slices are shared and must not be changed.
func (j *Journal) Topics() []Stamps {
	j.mu.Lock()
	defer j.mu.Unlock()
	return append([]Stamps(nil), j.topics...)
}
