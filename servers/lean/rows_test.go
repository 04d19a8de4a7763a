package lean

import (
	"testing"

	"pgregory.net/rapid"
)

func TestRowsAreAList(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var r rows[*int]
		var model []*int
		some := rapid.IntRange(1, 3*row)
		t.Repeat(map[string]func(*rapid.T){
			"push": func(t *rapid.T) {
				for i := range some.Draw(t, "values") {
					r.push(&i)
					model = append(model, &i)
				}
			},
			"pop": func(t *rapid.T) {
				for range min(len(model), some.Draw(t, "values")) {
					r.pop()
					model = model[:len(model)-1]
				}
			},
			"": func(t *rapid.T) {
				if r.len() != len(model) {
					t.Fatalf("%d values, want %d", r.len(), len(model))
				}
				if len(r.all) > r.len()/row+1 {
					t.Fatalf("%d rows for %d values", len(r.all), r.len())
				}
				for i, want := range model {
					if *r.at(i) != want {
						t.Fatalf("value %d is another one's", i)
					}
				}
			},
		})
	})
}

func TestRowsThatGrowAreNotCopied(t *testing.T) {
	const n = 40 * row
	got := testing.AllocsPerRun(10, func() {
		var r rows[[2]uintptr]
		for range n {
			r.push([2]uintptr{})
		}
	})
	// A row each, the growth of the first one, and of the list of them.
	if most := float64(n/row + 20); got > most {
		t.Errorf("%d values take %v allocations, want at most %v", n, got, most)
	}
}
