package campaign

import (
	"math"
	"math/rand/v2"
	"testing"

	"pushbench/results"
)

// Rungs of ladders that are 5 % apart, and 10 %.
const (
	fine   = 85
	coarse = 44
)

// ladderOf is a geometric one from 250 to 16000.
func ladderOf(steps int) []float64 {
	var ladder []float64
	for i := range steps + 1 {
		ladder = append(ladder, 250*math.Pow(64, float64(i)/float64(steps)))
	}
	return ladder
}

func kneeOn(ladder []float64, repeats int) *knee {
	return &knee{tallies: make([]tally, len(ladder)), stride: len(ladder) / 6, repeats: repeats, most: budget(repeats, 6, len(ladder)/6)}
}

// blurred is a system that holds a load with odds that go from one to nought
// around the limit, over a width of so much of it.
func blurred(limit, width float64) func(float64) float64 {
	return func(load float64) float64 { return 1 / (1 + math.Exp(math.Log(load/limit)/width)) }
}

// climb searches a system whose odds to hold are known.
func climb(ladder []float64, repeats int, seed uint64, odds func(load float64) float64) (k *knee, ended string) {
	dice := rand.New(rand.NewPCG(seed, 1))
	k = kneeOn(ladder, repeats)
	for {
		rung, ended := k.next()
		if ended != "" {
			return k, ended
		}
		k.learn(rung, dice.Float64() < odds(ladder[rung]), false)
	}
}

// The oracle: a load that is held as often as not lies within the interval.
func TestTheIntervalHoldsTheLimit(t *testing.T) {
	const searches = 400
	for _, c := range []struct {
		name         string
		steps        int
		limit, width float64
		repeats      int
		least        float64 // share of searches whose interval must hold the limit
		spent        float64 // probes at most, on the average
	}{
		{"sharp", fine, 3300, 1e-6, 4, 1, 18},
		{"sharp, low", fine, 270, 1e-6, 4, 1, 18},
		{"sharp, high", fine, 15_500, 1e-6, 4, 1, 21},
		{"5 % wide", fine, 3300, 0.0125, 4, 0.9, 24},
		{"10 % wide", fine, 1400, 0.025, 4, 0.9, 26},
		{"20 % wide", fine, 7000, 0.05, 4, 0.9, 29},
		{"10 % wide, tried more often", fine, 3300, 0.025, 6, 0.96, 34},
		// What the README says of the steps and the repeats that capacity takes.
		{"10 % wide, in steps of 10 %", coarse, 1400, 0.025, 3, 0.97, 16},
		{"10 % wide, in steps of 10 %, higher", coarse, 3300, 0.025, 3, 0.97, 16},
	} {
		ladder := ladderOf(c.steps)
		odds := blurred(c.limit, c.width)
		hit, overlap, spent, open := 0, 0, 0, 0
		var before [2]float64
		for seed := range uint64(searches) {
			k, ended := climb(ladder, c.repeats, seed, odds)
			if spent += k.spent; k.spent > k.most {
				t.Fatalf("%s: %d probes, at most %d allowed", c.name, k.spent, k.most)
			}
			least := 1
			if ended == results.EndedKnee {
				least = c.repeats
				if below, above := k.edges(); k.tallies[below].probes() < least || k.tallies[above].probes() < least {
					t.Fatalf("%s, seed %d: the neighbours at the knee were tried %+v and %+v", c.name, seed, k.tallies[below], k.tallies[above])
				}
			}
			low, high := k.interval(least)
			at := [2]float64{0, math.Inf(1)}
			if low >= 0 {
				at[0] = ladder[low]
			}
			if high < len(ladder) {
				at[1] = ladder[high]
			}
			if low < 0 || high == len(ladder) {
				open++
			}
			if low >= high || ended != results.EndedKnee && ended != results.EndedBudget || ended == results.EndedKnee && (low < 0 || high == len(ladder)) {
				t.Fatalf("%s, seed %d: from %d to %d of %d, ended by %s", c.name, seed, low, high, len(ladder), ended)
			}
			if at[0] <= c.limit && c.limit <= at[1] {
				hit++
			}
			if seed%2 == 1 && at[0] <= before[1] && before[0] <= at[1] {
				overlap++
			}
			before = at
		}
		share, both, mean := float64(hit)/searches, float64(overlap)/(searches/2), float64(spent)/searches
		t.Logf("%s: %.1f %% hold it, %.1f %% of pairs overlap, %.1f probes, %d without an end", c.name, 100*share, 100*both, mean, open)
		if open > searches/20 {
			t.Errorf("%s: %d of %d intervals have no end", c.name, open, searches)
		}
		if share < c.least || both < c.least || mean > c.spent {
			t.Errorf("%s: %.1f %% of intervals hold the limit, %.1f %% of pairs overlap, with %.1f probes; want %.0f %% and %.0f probes at most",
				c.name, 100*share, 100*both, mean, 100*c.least, c.spent)
		}
	}
}

// What a machine can do is not the same from one minute to the next, and a user
// compares two searches all the same.
func TestTwoSearchesAgreeThoughTheLimitMoves(t *testing.T) {
	const pairs, moves, width = 400, 0.04, 0.0125
	for _, c := range []struct {
		steps, repeats int
		want           float64
	}{{coarse, 3, 0.98}, {coarse, 4, 0.98}, {fine, 4, 0.9}} {
		ladder := ladderOf(c.steps)
		dice := rand.New(rand.NewPCG(1, 2))
		overlap := 0
		for seed := range uint64(pairs) {
			var low, high [2]int
			for i := range low {
				limit := 3300 * math.Exp(moves*dice.NormFloat64())
				k, _ := climb(ladder, c.repeats, 2*seed+uint64(i), blurred(limit, width))
				low[i], high[i] = k.interval(1)
			}
			if low[0] <= high[1] && low[1] <= high[0] {
				overlap++
			}
		}
		share := float64(overlap) / pairs
		t.Logf("%d rungs, %d repeats: %.1f %% of pairs overlap", c.steps, c.repeats, 100*share)
		if share < c.want {
			t.Errorf("%d rungs, %d repeats: %.1f %% of pairs overlap, want %.0f %%", c.steps, c.repeats, 100*share, 100*c.want)
		}
	}
}

// A dip far below the limit, as a machine's bad second makes one, is not taken for
// it, and one beyond the limit that holds by luck is no capacity.
func TestWhatIsNotQuiteMonotoneIsNoTrap(t *testing.T) {
	ladder := ladderOf(fine)
	base := blurred(3300, 0.0125)
	wobbling := func(load float64) float64 {
		switch {
		case load > 900 && load < 1100: // a size at which one probe in five is unlucky
			return 0.8
		case load > 4500 && load < 5000:
			return 0.2
		}
		return base(load)
	}
	const searches = 400
	hit := 0
	for seed := range uint64(searches) {
		k, _ := climb(ladder, 4, seed, wobbling)
		low, high := k.interval(1)
		if low >= 0 && high < len(ladder) && ladder[low] <= 3300 && 3300 <= ladder[high] {
			hit++
		}
	}
	if share := float64(hit) / searches; share < 0.85 {
		t.Errorf("%.1f %% of intervals hold the limit, want 85 %%", 100*share)
	}
}

func TestASearchEndsWhereItsLadderDoes(t *testing.T) {
	ladder := ladderOf(fine)
	for _, c := range []struct {
		name  string
		odds  float64
		ended string
		value int
	}{
		{"always holds", 1, results.EndedTop, len(ladder) - 1},
		{"never holds", 0, results.EndedBottom, -1},
	} {
		k, ended := climb(ladder, 4, 1, func(float64) float64 { return c.odds })
		below, _ := k.edges()
		if ended != c.ended || below != c.value || k.spent > 12 {
			t.Errorf("%s: ended by %s at rung %d after %d probes, want %s at %d", c.name, ended, below, k.spent, c.ended, c.value)
		}
		if n := k.tallies[max(0, below)].probes(); n != 4 {
			t.Errorf("%s: the last rung was tried %d times, want 4", c.name, n)
		}
	}
	// Where every probe is a coin, nothing can be told, and the search knows when to
	// give up.
	for seed := range uint64(50) {
		if k, ended := climb(ladder, 4, seed, func(float64) float64 { return 0.5 }); k.spent > k.most || ended == "" {
			t.Errorf("seed %d: %d probes of coins, ended by %s", seed, k.spent, ended)
		}
	}
}

func TestAVoidProbeCostsTimeAndSaysNothing(t *testing.T) {
	k := kneeOn(ladderOf(fine), 4)
	k.learn(3, false, true)
	k.learn(3, true, true)
	if k.spent != 2 || k.tallies[3].probes() != 0 {
		t.Errorf("%d spent, tally %+v", k.spent, k.tallies[3])
	}
	for range k.most {
		k.learn(0, true, true)
	}
	if _, ended := k.next(); ended != results.EndedBudget {
		t.Errorf("nothing but void probes ended by %q", ended)
	}
}

// Of one probe that failed nothing is believed: it may have been a hiccup.
func TestAFailureIsTriedAgain(t *testing.T) {
	k := kneeOn(ladderOf(fine), 4)
	for _, want := range []struct {
		rung int
		held bool
	}{{0, true}, {14, false}, {14, true}, {14, true}, {28, false}, {28, false}, {21, true}, {24, true}, {26, false}, {26, false}, {25, true}} {
		rung, ended := k.next()
		if rung != want.rung || ended != "" {
			t.Fatalf("next is %d (%s), want %d; so far %+v", rung, ended, want.rung, k.tallies)
		}
		k.learn(rung, want.held, false)
	}
	// At the knee what is known less well comes first.
	if rung, _ := k.next(); rung != 25 {
		t.Errorf("next is %d, want 25", rung)
	}
	// And what a later probe says can take back what the first two said.
	k.learn(26, true, false)
	k.learn(26, true, false)
	if rung, _ := k.next(); rung != 26 {
		t.Errorf("with two of four that hold, next is %d, want 26", rung)
	}
	k.learn(26, true, false)
	if below, above := k.edges(); below != 26 || above != 28 {
		t.Errorf("between %d and %d, want 26 and 28", below, above)
	}
}
