package compare

import "pushbench/results"

// CostsByBlock are the planes that Costs holds the medians of, by the number of their
// block: each a cost of CPU time alone, whose coefficients have no interval. What
// follows from several coefficients together is found in each block, and then has
// an interval over the blocks; the ends of the coefficients' own say less.
func CostsByBlock(run *results.Run) map[int][]results.Cost {
	all := map[int][]results.Cost{}
	for _, s := range servers(run) {
		if distinct(s.loads) < MinLoads || !s.onPlane() {
			continue
		}
		told := s.tell(new(results.Cost))
		for _, loads := range s.blocks() {
			c, ok := through(loads, told)
			if !ok {
				continue
			}
			cost := results.Cost{Transport: s.transport, Stack: s.stack}
			for k, term := range told {
				cost.CPU = appendCoefficient(cost.CPU, term.String(), terms[term].unit, c[k:k+1])
			}
			all[loads[0].Block] = append(all[loads[0].Block], cost)
		}
	}
	return all
}

// Middle is the median of some values of one block each and its exact interval, which
// needs MinTrials of them. It is not ok without any, or with one that is no number.
func Middle(values []float64) (Stat, bool) { return summary(values) }
