package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var (
	quiet = load{Transport: "sse", Clients: 1000, Rate: 10}
	dear  = pair{
		name: "generator CPU", ratio: 1.3,
		a: side{quiet, floor, generatorCPU}, b: side{quiet, ours, generatorCPU},
	}
)

func measured(who who, round int, cpu float64) sample {
	return sample{Load: quiet, Who: who, Round: round, reading: reading{GeneratorCPU: cpu}}
}

func TestPairComparesWithinEachRound(t *testing.T) {
	// The machine is three times as fast in the second round: the ratio is not.
	got := dear.judge(3, []sample{
		measured(floor, 0, 6), measured(ours, 0, 7.5),
		measured(floor, 1, 2), measured(ours, 1, 2.4),
		measured(floor, 2, 5), measured(ours, 2, 7.5),
	})
	want := outcome{
		Pair: "generator CPU", Unit: "µs", Rounds: 3, A: 5, B: 7.5,
		Ratio: 1.25, Low: 1.2, High: 1.5, Goal: "≤ 1.3 ×", Reached: new(true),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestRoundWithAFaultDoesNotCount(t *testing.T) {
	faulty := measured(ours, 1, 90)
	faulty.Fault = "2 connections closed"
	got := dear.judge(2, []sample{measured(floor, 0, 6), measured(ours, 0, 9), measured(floor, 1, 6), faulty})
	if got.Rounds != 1 || got.Ratio != 1.5 || *got.Reached {
		t.Errorf("%+v, want one round with a ratio of 1.5 that is too much", got)
	}
}

func TestPairWithoutARoundIsNeitherReachedNorMissed(t *testing.T) {
	if got := dear.judge(5, []sample{measured(floor, 0, 6)}); got.Reached != nil || got.Rounds != 0 {
		t.Errorf("%+v, want no verdict", got)
	}
}

func TestValueGoalNeedsNothingToCompareWith(t *testing.T) {
	p := pair{name: "memory", value: 36, b: side{quiet, std, serverRSS}}
	heavy := sample{Load: quiet, Who: std, reading: reading{ServerRSS: 48_000, ServerRSS0: 10_000}}
	if got := p.judge(1, []sample{heavy}); got.B != 38 || *got.Reached || got.Goal != "≤ 36 KiB" {
		t.Errorf("%+v, want 38 KiB, too much", got)
	}
}

func TestAFloodThatIsNotKeptUpWithDoesNotCount(t *testing.T) {
	for _, c := range []struct {
		under  load
		events int64
		counts bool
	}{
		{pressed("sse"), 1_000_000, true},
		{pressed("sse"), 975_000, true}, // the rest is on its way
		{pressed("sse"), 900_000, false},
		{saturated("sse"), 900_000, true}, // which offers as much as is taken
		{paced("sse"), 10_000, true},      // a round of deliveries is most of a window
	} {
		r := reading{Events: c.events, Seconds: 2}
		if err := r.behind(c.under); (err == nil) != c.counts {
			t.Errorf("%d events in 2 s under %s: %v", c.events, c.under, err)
		}
	}
}

func TestALoadIsNamedByAllThatItIs(t *testing.T) {
	seen := map[string]load{}
	for _, l := range loads {
		if other, twice := seen[l.String()]; twice {
			t.Errorf("%+v and %+v are both %q", l, other, l)
		}
		seen[l.String()] = l
	}
}

func TestMedianIsTheMiddle(t *testing.T) {
	for _, c := range []struct {
		of   []float64
		want float64
	}{{[]float64{3}, 3}, {[]float64{9, 1, 2}, 2}, {[]float64{4, 1, 2, 9}, 3}} {
		if got := median(c.of); got != c.want {
			t.Errorf("median of %v = %v, want %v", c.of, got, c.want)
		}
	}
}

func TestEveryRunOfARoundIsThereOnceAndInOrder(t *testing.T) {
	duties := (&session{pairs: pairs()}).duties()
	last := 0
	for i, d := range duties {
		if slices.Contains(duties[:i], d) {
			t.Errorf("%v is there twice", d)
		}
		at := slices.Index(loads, d.load)
		if at < last {
			t.Errorf("%v is out of order: sides of a pair must follow each other", d)
		}
		last = at
	}
	for _, p := range pairs() {
		if !slices.Contains(duties, duty{p.b.load, p.b.who}) {
			t.Errorf("%s is not measured", p.name)
		}
	}
}

func TestPairNamesAreUnique(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range pairs() {
		if seen[p.name] {
			t.Errorf("two pairs %q", p.name)
		}
		seen[p.name] = true
	}
}

func TestOnlyPicksPairsByName(t *testing.T) {
	got, err := pick("^generator CPU, ws")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range got {
		if p.b.load.Transport != "ws" || p.b.who != ours {
			t.Errorf("picked %q", p.name)
		}
	}
	if len(got) != 4 {
		t.Errorf("%d pairs, want 4", len(got))
	}
	if _, err := pick("quic"); err == nil || !strings.Contains(err.Error(), "generator CPU") {
		t.Errorf("pick of nothing = %v, want an example of a name", err)
	}
}
