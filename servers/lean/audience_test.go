package lean

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

type guest struct {
	name int
	seat Seat
}

// The model is who is there, without an order.
func TestAnAudienceIsWhoJoinedAndHasNotLeft(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var a Audience[*guest]
		var out, in []*guest
		for i := range 12 {
			out = append(out, &guest{name: i})
		}
		move := func(from, to *[]*guest, i int) *guest {
			g := (*from)[i]
			*from = slices.Delete(*from, i, i+1)
			*to = append(*to, g)
			return g
		}
		join := func(t *rapid.T) {
			if len(out) > 0 {
				g := move(&out, &in, rapid.IntRange(0, len(out)-1).Draw(t, "who joins"))
				a.Join(g, &g.seat)
			}
		}
		leave := func(t *rapid.T) {
			if len(in) > 0 {
				g := move(&in, &out, rapid.IntRange(0, len(in)-1).Draw(t, "who leaves"))
				a.Leave(&g.seat)
				a.Leave(&g.seat) // twice is once
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"join":  join,
			"leave": leave,
			"go through": func(t *rapid.T) {
				before := slices.Clone(in)
				var joined, seen []*guest
				for g := range a.All(rapid.Bool().Draw(t, "rotated")) {
					if slices.Contains(seen, g) || !slices.Contains(before, g) || !slices.Contains(in, g) {
						t.Fatalf("%d has a turn; seen %d, in %d", g.name, len(seen), len(in))
					}
					seen = append(seen, g)
					switch rapid.IntRange(0, 3).Draw(t, "meanwhile") {
					case 0:
						leave(t)
					case 1:
						n := len(in)
						if join(t); len(in) > n {
							joined = append(joined, in[n])
						}
					case 2: // as a long poll that is answered, and asks again at once
						a.Leave(&g.seat)
						a.Join(g, &g.seat)
						if !slices.Contains(in, g) {
							out = slices.DeleteFunc(out, func(o *guest) bool { return o == g })
							in = append(in, g)
						}
					}
				}
				for _, g := range before {
					if slices.Contains(in, g) && !slices.Contains(seen, g) && !slices.Contains(joined, g) {
						t.Fatalf("%d had no turn", g.name)
					}
				}
			},
			"": func(t *rapid.T) {
				if a.Len() != len(in) {
					t.Fatalf("%d members, want %d", a.Len(), len(in))
				}
				for _, g := range in {
					if s := a.seats.at(int(g.seat.number) - 1); s.member != g || s.holder != &g.seat {
						t.Fatalf("%d is not where it believes to be", g.name)
					}
				}
				for _, g := range out {
					if g.seat.number != 0 {
						t.Fatalf("%d has left, and has a seat", g.name)
					}
				}
			},
		})
	})
}

// Whether members stay, as streams do, or leave and come back in the order in
// which they were served, as long polls do.
func TestRotatedEveryoneIsFirstAsOftenAsAnyother(t *testing.T) { // L8
	const members = 2 * groups
	for _, comeBack := range []bool{false, true} {
		var a Audience[*guest]
		for i := range members {
			g := &guest{name: i}
			a.Join(g, &g.seat)
		}
		firstHalf := make([]int, members)
		for range 4 * groups {
			place := 0
			for g := range a.All(true) {
				if place < members/2 {
					firstHalf[g.name]++
				}
				if place++; comeBack {
					a.Leave(&g.seat)
					a.Join(g, &g.seat)
				}
			}
		}
		if least, most := slices.Min(firstHalf), slices.Max(firstHalf); least != 2*groups || most != 2*groups {
			t.Errorf("coming back %t: in the first half %d to %d times of %d, want each %d", comeBack, least, most, 4*groups, 2*groups)
		}
	}
}

func TestUnrotatedTheOrderIsThatOfComing(t *testing.T) {
	var a Audience[*guest]
	for i := range 5 {
		g := &guest{name: i}
		a.Join(g, &g.seat)
	}
	for range 2 {
		var names []int
		for g := range a.All(false) {
			names = append(names, g.name)
		}
		if !slices.IsSorted(names) || len(names) != 5 {
			t.Errorf("served in the order %v", names)
		}
	}
}
