package lean

import "iter"

// An Audience is who waits for one topic, in the order in which they came. Its
// zero value is nobody.
type Audience[M any] struct {
	seats []seat[M]
	holes int // seats that were left while All goes through them
	going bool
	turn  int
}

type seat[M any] struct {
	holder *Seat // nil: left
	member M
}

// A Seat is a member's place in an audience; its zero value is none. It is meant
// to be a field of the member.
type Seat struct{ number int32 } // from 1

// Len is how many members there are.
func (a *Audience[M]) Len() int { return len(a.seats) - a.holes }

// Join gives m the last seat.
func (a *Audience[M]) Join(m M, s *Seat) {
	a.seats = append(a.seats, seat[M]{s, m})
	s.number = int32(len(a.seats))
}

// Leave frees the seat; the last member has it then, so the order is kept but for
// that one. Who has no seat has nothing to leave.
func (a *Audience[M]) Leave(s *Seat) {
	if s.number == 0 {
		return
	}
	i, last := int(s.number)-1, len(a.seats)-1
	if a.going {
		a.seats[i] = seat[M]{}
		a.holes++
		s.number = 0
		return
	}
	a.seats[i] = a.seats[last]
	a.seats[i].holder.number = int32(i) + 1
	a.seats[last] = seat[M]{}
	a.seats = a.seats[:last]
	s.number = 0
}

// groups is how many turns it takes until everyone has been first.
const groups = 16

// All are those who are members at its beginning and have not left when their
// turn comes; they may leave and join meanwhile. Rotated, each time begins with
// another one, a sixteenth further on: whether members stay, or leave and come
// back in the order in which they were served, each is first, and last, as often
// as any other. Only one All can be under way.
func (a *Audience[M]) All(rotate bool) iter.Seq[M] {
	return func(yield func(M) bool) {
		n := len(a.seats)
		if n == 0 {
			return
		}
		begin := 0
		if rotate {
			begin = a.turn * n / groups
			a.turn = (a.turn + 1) % groups
		}
		a.going = true
		defer a.close()
		for i := range n {
			if i += begin; i >= n {
				i -= n
			}
			if s := &a.seats[i]; s.holder != nil && !yield(s.member) {
				return
			}
		}
	}
}

// close lets the seats that were left be gone.
func (a *Audience[M]) close() {
	a.going = false
	if a.holes == 0 {
		return
	}
	kept := a.seats[:0]
	for _, s := range a.seats {
		if s.holder != nil {
			kept = append(kept, s)
			s.holder.number = int32(len(kept))
		}
	}
	clear(a.seats[len(kept):])
	a.seats, a.holes = kept, 0
}
