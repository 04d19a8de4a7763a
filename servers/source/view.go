package source

// A View is what readers are shown in place of what the logs have.
type View struct {
	// Show decides what a reader is shown of the entries that follow its cursor,
	// one at least, and the cursor it has then: the number of the last of them or
	// the one of next, the entry behind them, which is nil when there is none yet.
	// It must not keep or change fresh.
	Show func(fresh []*Entry, next *Entry) (shown []*Entry, upto uint64)
	// Holds says whether nobody is told of event n before there is another one,
	// or the load that publishes it has ended. Nil holds back none.
	Holds func(n uint64) bool
}

// holds says whether the view holds back event n.
func (s *Source) holds(n uint64) bool {
	view := s.opts.View
	return view != nil && view.Holds != nil && !s.told.Load() && view.Holds(n)
}

// tell lets readers know of what a view has held back, and of everything from
// now on, so that nobody waits for an event behind the last one.
func (s *Source) tell() {
	s.told.Store(true)
	for _, t := range s.Topics() {
		t.mu.Lock()
		var waiting waiters
		var watching []Watcher
		if t.held {
			waiting, t.wait, t.held = t.wait, waiters{}, false
			watching = t.watchers
			t.shown.Store(t.head)
		}
		n := t.head
		t.mu.Unlock()
		waiting.wake(n)
		tellAll(watching)
	}
}

// tip is the number of the newest event that readers may be shown. Caller holds
// mu.
func (t *Topic) tip() uint64 {
	if t.held {
		return t.head - 1
	}
	return t.head
}
