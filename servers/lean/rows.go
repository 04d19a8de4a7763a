package lean

// Rows are a list that grows without being copied: the old copies of one that
// does, of which there are several until the next collection, took as much memory
// as all else that its clients need. Short ones are as small as a slice.
type rows[T any] struct {
	all [][]T // all but the last have row values
	n   int
}

// row is how many values there are in a row.
const row = 256

func (r *rows[T]) len() int { return r.n }

func (r *rows[T]) at(i int) *T { return &r.all[i/row][i%row] }

func (r *rows[T]) push(v T) {
	k := r.n / row
	if k == len(r.all) {
		var next []T // the first one may stay short
		if k > 0 {
			next = make([]T, 0, row)
		}
		r.all = append(r.all, next)
	}
	r.all[k] = append(r.all[k], v)
	r.n++
}

// pop lets go of the last value.
func (r *rows[T]) pop() {
	r.n--
	k, last := r.n/row, r.n%row
	clear(r.all[k][last:])
	r.all[k] = r.all[k][:last]
	if last == 0 && k > 0 {
		r.all[k] = nil
		r.all = r.all[:k]
	}
}
