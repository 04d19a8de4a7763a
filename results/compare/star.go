package compare

import "maps"

// usual are the values of a star's axes in its middle: those from which each row
// differs in one axis at most. There are none of rows that make no star, or have
// less than two axes in which they differ.
func usual(rows []Row) map[string]string {
	times := map[string]map[string]int{}
	for _, r := range rows {
		for axis, value := range r.Axes {
			if times[axis] == nil {
				times[axis] = map[string]int{}
			}
			times[axis][value]++
		}
	}
	middle := map[string]string{}
	for axis, values := range times {
		if len(values) < 2 {
			continue
		}
		most := 0
		for value, n := range values {
			if n > most || n == most && value < middle[axis] { // the same each time
				middle[axis], most = value, n
			}
		}
	}
	if len(middle) < 2 {
		return nil
	}
	for _, r := range rows {
		if len(beyond(r.Axes, middle)) > 1 {
			return nil
		}
	}
	return middle
}

// beyond are the axes' values that are not those of the star's middle.
func beyond(axes, middle map[string]string) map[string]string {
	axes = maps.Clone(axes)
	maps.DeleteFunc(axes, func(axis, value string) bool {
		in, has := middle[axis]
		return !has || value == in
	})
	return axes
}
