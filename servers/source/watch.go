package source

// A Watcher is told that a topic has news for its readers: by whoever publishes,
// so it must not wait, and outside of the topic's lock. Several events may be one
// piece of news to it, and news may turn out to be known already.
//
// Note: a channel, as Changed has it, costs one goroutine a subscriber. An event
// loop has thousands of subscribers and needs to be woken once.
type Watcher interface{ News() }

// Watch has w told from now on, for good. Who looks into the log after that
// cannot miss anything: what is not there yet will be told.
func (t *Topic) Watch(w Watcher) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.watchers = append(t.watchers, w)
}

// Rotate says whether another one of those who wait is to be served first with
// each event; see Options.
func (s *Source) Rotate() bool { return s.opts.Rotate }

// Pacing says whether the source publishes when every cursor has the last event:
// only then must it know polling clients by their address.
func (s *Source) Pacing() bool { return s.pacing.Load() }

// Find is Topic for a name that is in a buffer.
func (s *Source) Find(name []byte) (*Topic, error) {
	s.mu.RLock()
	t, ok := s.topics[string(name)]
	s.mu.RUnlock()
	if !ok {
		return s.Topic(string(name))
	}
	return t, nil
}

// tellAll tells the watchers, which may have become more meanwhile.
func tellAll(watchers []Watcher) {
	for _, w := range watchers {
		w.News()
	}
}
