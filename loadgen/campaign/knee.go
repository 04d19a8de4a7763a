package campaign

import (
	"math/bits"

	"pushbench/results"
)

// A knee is where on a ladder of loads, each harder than the one before, the
// system stops to hold. What a probe says near it is chance: each either holds or
// fails, with odds that go down with the load. Where the knee is follows from the
// tallies alone, and so does what to try next: nothing is remembered of how they
// came about, so a later probe can take back what an earlier one seemed to say.
//
// First it doubles until something fails, then halves what is between. One that
// holds is believed for the time being, one that fails is tried again, and a
// third time if the two disagree: a single hiccup far below the limit must not be
// taken for it. Then the two neighbours at the knee are tried until there are as
// many of each as repeats, and further ones below and above until one has held,
// and one has failed, in all of as many.
type knee struct {
	tallies []tally // by rung
	stride  int     // rungs that are about twice as hard
	repeats int
	most    int // probes
	spent   int // of these, void ones too
}

// budget is how many probes a knee may cost: a bracket, a bisection in which every
// probe may be made twice, both ends of the interval, and as many again. A limit
// that takes more is too blurred to be told, by this machine now.
func budget(repeats, doublings, stride int) int {
	return 4*repeats + doublings + 2*bits.Len(uint(stride)/2)
}

// A tally is what the probes of a rung came to.
type tally struct{ held, failed int }

func (t tally) probes() int { return t.held + t.failed }

// holds, fails: neither while there is nothing to say.
func (t tally) holds() bool { return t.held > t.failed }
func (t tally) fails() bool { return t.failed > t.held && t.failed > 1 }

// undecided says that probes disagree, or that one failed.
func (t tally) undecided() bool { return t.probes() > 0 && !t.holds() && !t.fails() }

// edges are the hardest rung that holds, below the easiest one that fails; -1 and
// len where there is none.
func (k *knee) edges() (below, above int) {
	above = len(k.tallies)
	for i, t := range k.tallies {
		if t.fails() {
			above = i
			break
		}
	}
	for below = above - 1; below >= 0 && !k.tallies[below].holds(); below-- {
	}
	return below, above
}

// next is the rung to try next; ended says why there is none.
func (k *knee) next() (rung int, ended string) {
	below, above := k.edges()
	top := len(k.tallies) - 1
	if k.spent >= k.most {
		return 0, results.EndedBudget
	}
	for i := range above {
		if k.tallies[i].undecided() {
			return i, ""
		}
	}
	switch {
	case above > top && below < top: // nothing fails yet
		if below < 0 {
			return 0, ""
		}
		return min(top, below+k.stride), ""
	case above-below > 1:
		return (below + above) / 2, ""
	}
	// The neighbours, the one that is known less well first.
	scarce := func(i int) int {
		if i < 0 || i > top {
			return k.repeats
		}
		return k.tallies[i].probes()
	}
	if least := min(scarce(below), scarce(above)); least < k.repeats {
		if scarce(below) == least {
			return below, ""
		}
		return above, ""
	}
	if low := k.low(below); low >= 0 && k.tallies[low].probes() < k.repeats {
		return low, ""
	}
	if high := k.high(above); high <= top && k.tallies[high].probes() < k.repeats {
		return high, ""
	}
	switch {
	case above > top:
		return 0, results.EndedTop
	case below < 0:
		return 0, results.EndedBottom
	}
	return 0, results.EndedKnee
}

// low is the rung, at most this one, that has held in all its probes, if it has
// any: further and further down. Below zero there is none.
func (k *knee) low(from int) int {
	for i, step := from, 1; i >= 0; i, step = i-step, 2*step {
		if k.tallies[i].failed == 0 {
			return i
		}
	}
	if from > 0 && k.tallies[0].failed == 0 { // stepped over
		return 0
	}
	return -1
}

// high is its like above.
func (k *knee) high(from int) int {
	top := len(k.tallies) - 1
	for i, step := from, 1; i <= top; i, step = i+step, 2*step {
		if k.tallies[i].held == 0 {
			return i
		}
	}
	if from < top && k.tallies[top].held == 0 {
		return top
	}
	return len(k.tallies)
}

// interval are the rungs between which the knee is, each with at least so many
// probes that all say so. -1 and len where there is none.
func (k *knee) interval(least int) (low, high int) {
	below, above := k.edges()
	low, high = -1, len(k.tallies)
	for i := below; i >= 0; i-- {
		if t := k.tallies[i]; t.held >= least && t.failed == 0 {
			low = i
			break
		}
	}
	for i := above; i < len(k.tallies); i++ {
		if t := k.tallies[i]; t.failed >= least && t.held == 0 {
			high = i
			break
		}
	}
	return low, high
}

// learn adds a probe; one that is void costs time and says nothing.
func (k *knee) learn(rung int, held, void bool) {
	k.spent++
	switch {
	case void:
	case held:
		k.tallies[rung].held++
	default:
		k.tallies[rung].failed++
	}
}

// left guesses how many probes are still to come.
func (k *knee) left() int {
	if _, ended := k.next(); ended != "" {
		return 0
	}
	below, above := k.edges()
	known := func(i int) int {
		if i < 0 || i >= len(k.tallies) {
			return 0
		}
		return min(k.repeats, k.tallies[i].probes())
	}
	left := 2*k.repeats - known(below) - known(above)
	gap := above - max(below, 0)
	if above == len(k.tallies) { // the bracket is open, and half of it a fair guess
		left += max(1, gap/k.stride/2)
		gap = k.stride
	}
	for ; gap > 1; gap /= 2 {
		left++
	}
	return max(1, min(left, k.most-k.spent))
}
