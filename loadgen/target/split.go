package target

import "strconv"

// Split divides the CPUs between server and generator, whole cores where there
// are two or more: threads of one core would slow each other down across the
// border. The generator gets the larger part, because the server is what may be
// saturated. Cores tells which CPUs are on one: they have the same text. With
// fewer than two CPUs both processes have the same one.
func Split(cpus []int, cores map[int]string) (server, generator []int) {
	if len(cpus) < 2 {
		return cpus, cpus
	}
	var order []string
	on := map[string][]int{}
	for _, cpu := range cpus {
		core := cores[cpu]
		if core == "" {
			core = "cpu" + strconv.Itoa(cpu) // not told: one of its own
		}
		if on[core] == nil {
			order = append(order, core)
		}
		on[core] = append(on[core], cpu)
	}
	if len(order) == 1 {
		return cpus[:len(cpus)/2], cpus[len(cpus)/2:]
	}
	for i, core := range order {
		if i < len(order)/2 {
			server = append(server, on[core]...)
		} else {
			generator = append(generator, on[core]...)
		}
	}
	if len(server) > len(generator) { // cores that are not all allowed whole
		server, generator = generator, server
	}
	return server, generator
}
