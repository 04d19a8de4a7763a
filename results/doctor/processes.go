package doctor

import (
	"fmt"

	"pushbench/results"
)

// divided are the flags that give each side processes enough for the descriptors;
// empty when no number of them would be.
func divided(f results.Facts, l Load) string {
	servers := enough(f, l.Servers, func(n int) int { return ofServer(l.Connections, n) })
	generators := enough(f, l.Generators, func(n int) int { return ofGenerator(l.Connections, n) })
	if max(servers, generators) > MaxProcesses {
		return ""
	}
	return fmt.Sprintf("--servers %d --generators %d, ", servers, generators)
}

// enough is how many processes there must be, at least so many as there are.
func enough(f results.Facts, processes int, connections func(int) int) int {
	n := max(1, processes)
	for n <= MaxProcesses && spare+connections(n) > f.Descriptors {
		n++
	}
	return n
}

// MaxProcesses is how many there can be on each side.
const MaxProcesses = 64
