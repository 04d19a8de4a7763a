package chart

import (
	"hash/fnv"
	"slices"
	"strconv"
)

// An Ink is what tells a series from the others: a colour, which the page's style
// sheet decides, and the shape of its points, for who does not see colours.
type Ink int

// Inks are how many there are; one beyond them is that of an earlier one.
const Inks = 8

// inked are the transports with an ink of their own.
var inked = []string{"poll", "longpoll", "sse", "ws"}

// InkOf is a transport's ink: the same in all pictures. Those of transports that
// came later are none of the four well-known ones.
func InkOf(transport string) Ink {
	if at := slices.Index(inked, transport); at >= 0 {
		return Ink(at)
	}
	sum := fnv.New32a()
	sum.Write([]byte(transport))
	others := Inks - len(inked)
	return Ink(len(inked) + int(sum.Sum32())&0xffff%others)
}

// Distinct are inks for rows of these transports: each the transport's own, where
// that is not taken by a row before it.
func Distinct(transports []string) []Ink {
	taken := map[Ink]bool{}
	var inks []Ink
	for _, t := range transports {
		ink := InkOf(t)
		if taken[ink] {
			for other := range Ink(Inks) {
				free := Ink(Inks-1) - other // the four of the transports last
				if !taken[free] {
					ink = free
					break
				}
			}
		}
		taken[ink] = true
		inks = append(inks, ink)
	}
	return inks
}

// A paint is a class of the page's style sheet, in the place of a colour.
type paint string

// RGBA says black, to who wants a colour.
func (paint) RGBA() (r, g, b, a uint32) { return 0, 0, 0, 0xffff }

func (k Ink) index() int { return (int(k)%Inks + Inks) % Inks }

func (k Ink) paint() paint { return paint("i" + strconv.Itoa(k.index())) }

// Paints that are no series.
const (
	paintText  paint = "t"
	paintQuiet paint = "q" // of text that matters less
	paintAxis  paint = "x"
	paintGrid  paint = "g"
	paintMark  paint = "m"
)

// partPaint is that of the part of a bar, by its place among the names of parts.
func partPaint(place int, guess bool) paint {
	class := "p" + strconv.Itoa(place%partPaints)
	if guess {
		class += " guess"
	}
	return paint(class)
}

const partPaints = 6
