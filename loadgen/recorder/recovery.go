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
	over     int64 // since when there is a server again; zero before
	cut      int64
	restored int64
	refused  int64
	vain     map[string]int64 // of the refused, those that began while it lasted
	ended    map[string]int64
	again    map[string]int64 // of the ended, those of clients that it had cut and that had come back
	attempts []int32          // to connect again, in windows of results.ReconnectWindow from then on
	back     *hdr.Histogram   // of the restored: how long after the fault
}

// maxWindows bounds the windows of a strike: an hour of them. What comes later
// counts in the last.
const maxWindows = int(time.Hour / results.ReconnectWindow)

// Struck says that a fault happens now. What clients go through from then on is
// its doing, until the next one, of which there are 255 at most.
func (r *Recorder) Struck(now int64) {
	r.each(func(s *Shard) {
		s.strikes = append(s.strikes, strike{
			at: now, vain: map[string]int64{}, ended: map[string]int64{}, again: map[string]int64{}, back: hdr.New(),
		})
	})
}

// Over says that the last fault has come to its end: whoever knocks from now on
// finds a server.
func (r *Recorder) Over(now int64) {
	r.each(func(s *Shard) { s.strikes[len(s.strikes)-1].over = now })
}

// Cut records that a client has lost its connection, for the first time since it
// was whole and for that reason, and returns the number of the fault that has done
// it; zero when there was none yet. Before is the fault that the client has come back
// from, zero if from none: one cuts nobody twice.
func (s *Shard) Cut(reason string, before uint8) (fault uint8) {
	last := len(s.strikes)
	if last > 0 {
		by := &s.strikes[last-1]
		by.cut++
		if int(before) == last {
			by.again[reason]++
		}
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

// Away counts the clients that a fault has cut and that have not come back.
func (r *Recorder) Away() (n int64) {
	r.each(func(s *Shard) {
		for i := range s.strikes {
			n += s.strikes[i].cut - s.strikes[i].restored
		}
	})
	return n
}

// recovery merges the shards' strikes into the faults that they are of.
func (r *Recorder) recovery(to *results.Recovery) error {
	if to == nil {
		return nil
	}
	for i := range to.Faults {
		f := &to.Faults[i]
		f.Back, f.Ended, f.Vain, f.Again = hdr.New(), map[string]int64{}, map[string]int64{}, map[string]int64{}
		for _, s := range r.shards {
			if i >= len(s.strikes) {
				continue // it never came to that
			}
			share := &s.strikes[i]
			f.Cut += share.cut
			f.Restored += share.restored
			f.Refused += share.refused
			add(f.Vain, share.vain)
			add(f.Ended, share.ended)
			add(f.Again, share.again)
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

func add(to, more map[string]int64) {
	for reason, n := range more {
		to[reason] += n
	}
}
