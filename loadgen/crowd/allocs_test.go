//go:build !race

// The race detector makes sync.Pool forget at random, to provoke mistakes.

package crowd

import "testing"

func TestReceivingAnEventAllocatesNothing(t *testing.T) { // G14
	for _, s := range speeches {
		t.Run(s.name, func(t *testing.T) {
			const clients = 1000
			a := newAudience(s, clients)
			if got := testing.AllocsPerRun(5*clients, a.receive); got != 0 {
				t.Errorf("%v allocations for each event, want none", got)
			}
			if got, want := a.record.Live().Received, int64(5*clients+1); got != want {
				t.Errorf("received %d events, want %d", got, want)
			}
		})
	}
}
