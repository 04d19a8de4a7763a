package lean

import "iter"

// An Audience is who waits for one topic, in the order in which they came. Its
// zero value is nobody.
type Audience[M any] struct {
	seats rows[seat[M]]
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
func (a *Audience[M]) Len() int { return a.seats.len() - a.holes }

// Member is who has that seat, counted from 0. Nobody may go through All meanwhile.
func (a *Audience[M]) Member(i int) M { return a.seats.at(i).member }

// Join gives m the last seat.
func (a *Audience[M]) Join(m M, s *Seat) {
	a.seats.push(seat[M]{s, m})
	s.number = int32(a.seats.len())
}

// Leave frees the seat; the last member has it then, so the order is kept but for
// that one. Who has no seat has nothing to leave.
func (a *Audience[M]) Leave(s *Seat) {
	if s.number == 0 {
		return
	}
	i, last := int(s.number)-1, a.seats.len()-1
	if a.going {
		*a.seats.at(i) = seat[M]{}
		a.holes++
		s.number = 0
		return
	}
	moved := *a.seats.at(last)
	*a.seats.at(i) = moved
	moved.holder.number = int32(i) + 1
	a.seats.pop()
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
		n := a.seats.len()
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
			if s := a.seats.at(i); s.holder != nil && !yield(s.member) {
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
	kept := 0
	for i := range a.seats.len() {
		if s := *a.seats.at(i); s.holder != nil {
			*a.seats.at(kept) = s
			kept++
			s.holder.number = int32(kept)
		}
	}
	for a.seats.len() > kept {
		a.seats.pop()
	}
	a.holes = 0
}
