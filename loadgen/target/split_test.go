package target

import (
	"slices"
	"testing"
)

func TestCPUsAreDividedByCores(t *testing.T) {
	siblings := map[int]string{0: "0,4", 4: "0,4", 1: "1,5", 5: "1,5", 2: "2,6", 6: "2,6"}
	for name, c := range map[string]struct {
		cpus              []int
		cores             map[int]string
		server, generator []int
	}{
		"nothing told":             {[]int{0, 1, 2}, nil, []int{0}, []int{1, 2}},
		"a core each":              {[]int{0, 1}, siblings, []int{0}, []int{1}},
		"whole cores":              {[]int{0, 1, 4, 5}, siblings, []int{0, 4}, []int{1, 5}},
		"an odd core":              {[]int{0, 1, 2, 4, 5, 6}, siblings, []int{0, 4}, []int{1, 5, 2, 6}},
		"two threads of one core":  {[]int{0, 4}, siblings, []int{0}, []int{4}},
		"one CPU":                  {[]int{3}, siblings, []int{3}, []int{3}},
		"none that can be pinned":  {nil, nil, nil, nil},
		"a CPU whose core is dark": {[]int{0, 4, 9}, siblings, []int{9}, []int{0, 4}},
	} {
		server, generator := Split(c.cpus, c.cores)
		if !slices.Equal(server, c.server) || !slices.Equal(generator, c.generator) {
			t.Errorf("%s: server %v, generator %v; want %v and %v", name, server, generator, c.server, c.generator)
		}
	}
}
