package crowd

// A Part is so many clients of a crowd, from the first one on. The zero value is all
// of them.
type Part struct{ First, Count int }

// Here is the part of the options, with a count.
func (o *Options) Here() Part {
	if o.Part == (Part{}) {
		return Part{0, o.Clients}
	}
	return o.Part
}

// Size is how many clients of the crowd are members of this one.
func (c *Crowd) Size() int { return len(c.members) }

// holds says whether client i is one of them.
func (p Part) holds(i int) bool { return i >= p.First && i < p.First+p.Count }

// Parts divides so many clients into n parts that differ by one at most.
func Parts(clients, n int) []Part {
	parts := make([]Part, n)
	for i := range parts {
		first, end := i*clients/n, (i+1)*clients/n
		parts[i] = Part{first, end - first}
	}
	return parts
}
