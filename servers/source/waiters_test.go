package source

import (
	"fmt"
	"slices"
	"testing"
)

// order is in which order the channels of those who wait are closed by event n.
func order(w waiters, of []<-chan struct{}, n uint64) []int {
	var all []int
	for woken := range w.inTurn(n) {
		for i, c := range of {
			if c == woken {
				all = append(all, i)
			}
		}
	}
	return all
}

func TestRotationBeginsWithAnotherOneEachTime(t *testing.T) {
	const clients = 3*groups + 5
	first := map[int]bool{}
	for n := range uint64(groups) {
		var w waiters
		var of []<-chan struct{}
		for range clients {
			of = append(of, w.join(true))
		}
		woken := order(w, of, n)
		first[woken[0]] = true
		slices.Sort(woken)
		for i := range clients {
			if i >= len(woken) || woken[i] != i {
				t.Fatalf("event %d wakes %v, want each of %d once", n, woken, clients)
			}
		}
		w.wake(n)
		for i, c := range of {
			select {
			case <-c:
			default:
				t.Errorf("event %d does not wake client %d", n, i)
			}
		}
	}
	if len(first) != groups {
		t.Errorf("%d events begin with %d clients: %v", groups, len(first), first)
	}
}

// Who comes back in the order in which it was served has, after a while, been at
// every place.
func TestRotationLeavesNobodyAtOnePlace(t *testing.T) {
	const clients, events = 160, 320
	sums := make([]int, clients)
	line := make([]int, clients) // clients in the order in which they wait
	for i := range line {
		line[i] = i
	}
	for n := range uint64(events) {
		var w waiters
		var of []<-chan struct{}
		for range clients {
			of = append(of, w.join(true))
		}
		var next []int
		for place, at := range order(w, of, n) {
			sums[line[at]] += place
			next = append(next, line[at])
		}
		line = next
	}
	mean := events * (clients - 1) / 2
	if low, high := slices.Min(sums), slices.Max(sums); low < mean*8/10 || high > mean*12/10 {
		t.Errorf("places of clients sum up to %d to %d over %d events, want about %d of each", low, high, events, mean)
	}
}

func TestWithoutRotationAllWaitAtOnePlace(t *testing.T) {
	var w waiters
	a, b := w.join(false), w.join(false)
	if a != b || w.turns != nil {
		t.Error("two who wait have a channel each")
	}
	w.wake(1)
	select {
	case <-a:
	default:
		t.Error("nobody is woken")
	}
	if got := fmt.Sprint(order(w, []<-chan struct{}{a}, 7)); got != "[0]" {
		t.Errorf("woken are %s", got)
	}
}
