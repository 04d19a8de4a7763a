package recorder

import (
	"time"

	"pushbench/results"
	"pushbench/results/hdr"
)

// A strike is a shard's share of what a fault did to its clients, and of how they
// came back.
type strike struct {
	at       int64 // when it happened
	cut      int64
	restored int64
	refused  int64
	ended    map[string]int64
	attempts []int32        // to connect again, in windows of results.ReconnectWindow from then on
	back     *hdr.Histogram // of the restored: how long after the fault
}

// maxWindows bounds the windows of a strike: an hour of them. What comes later
// counts in the last.
const maxWindows = int(time.Hour / results.ReconnectWindow)

// Struck says that a fault happens now. What clients go through from then on is
// its doing, until the next one, of which there are 255 at most.
func (r *Recorder) Struck(now int64) {
	r.each(func(s *Shard) {
		s.strikes = append(s.strikes, strike{at: now, ended: map[string]int64{}, back: hdr.New()})
	})
}

// Cut records that a client has lost its connection, for the first time since it
// was whole, and returns the number of the fault that has done it; zero when there
// was none yet.
func (s *Shard) Cut(now int64) (fault uint8) {
	last := len(s.strikes)
	if last > 0 {
		s.strikes[last-1].cut++
	}
	return uint8(last)
}

// Tried records that a client that had a connection tries to get another one.
func (s *Shard) Tried(now int64) {
	if len(s.strikes) == 0 {
		return
	}
	last := &s.strikes[len(s.strikes)-1]
	window := min(int(max(0, now-last.at)/int64(results.ReconnectWindow)), maxWindows-1)
	if missing := window + 1 - len(last.attempts); missing > 0 {
		last.attempts = append(last.attempts, make([]int32, missing)...)
	}
	last.attempts[window]++
}

// Restored records that the client has heard from the server again, after the
// fault that Cut has named.
func (s *Shard) Restored(fault uint8, now int64) {
	by := &s.strikes[fault-1]
	by.restored++
	by.back.Record(time.Duration(now - by.at))
}

// recovery merges the shards' strikes into the faults that they are of.
func (r *Recorder) recovery(to *results.Recovery) error {
	if to == nil {
		return nil
	}
	for i := range to.Faults {
		f := &to.Faults[i]
		f.Back, f.Ended = hdr.New(), map[string]int64{}
		for _, s := range r.shards {
			if i >= len(s.strikes) {
				continue // it never came to that
			}
			share := &s.strikes[i]
			f.Cut += share.cut
			f.Restored += share.restored
			f.Refused += share.refused
			for reason, n := range share.ended {
				f.Ended[reason] += n
			}
			if err := f.Back.Merge(share.back); err != nil {
				return err
			}
			for window, n := range share.attempts {
				if window == len(f.Attempts) {
					f.Attempts = append(f.Attempts, 0)
				}
				f.Attempts[window] += int64(n)
			}
		}
		f.Back = f.Back.Packed()
	}
	return nil
}
