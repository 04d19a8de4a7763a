package results

import (
	"bytes"
	"fmt"
)

// Bounds of what Read takes into memory, beside MaxFile. Whatever Save writes is
// within them: a trial of its own takes more bytes of a file than these leave it.
const (
	// MaxTrials is how many trials a run file may hold.
	MaxTrials = 60_000
	// maxObjects is how many JSON objects there may be in it, and maxMembers of how
	// many its lists may be. One of two bytes can become a few hundred in memory,
	// whatever it is: a null, too, and a number in the place of an object.
	maxObjects = 1 << 20
	maxMembers = 1 << 20
)

// bounded says whether there is room for what the text becomes, without taking it
// into memory. Text that is no JSON may be counted wrong: it becomes nothing.
func bounded(text []byte) error {
	var objects, members, longest int
	own := 0        // members of a list of the run's own, so far
	var open []byte // the brackets around
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case '"':
			i = closing(text, i)
		case '{', '[':
			if c == '{' {
				objects++
			} else {
				members++ // the one before the first comma
			}
			if open = append(open, c); len(open) == 2 {
				own = 1
			}
		case '}', ']':
			open = open[:max(0, len(open)-1)]
		case ',':
			if len(open) == 0 || open[len(open)-1] != '[' {
				break
			}
			if members++; len(open) == 2 {
				own++
				longest = max(longest, own)
			}
		}
	}
	switch {
	case objects > maxObjects:
		return fmt.Errorf("%w: %d objects, %d at most", ErrFile, objects, maxObjects)
	case members > maxMembers:
		return fmt.Errorf("%w: %d members of lists, %d at most", ErrFile, members, maxMembers)
	case longest > MaxTrials:
		return fmt.Errorf("%w: a list of %d, and a run has %d trials at most", ErrFile, longest, MaxTrials)
	}
	return nil
}

// closing is where the JSON string ends that begins at i; the end of the text where
// it does not.
func closing(text []byte, i int) int {
	for from := i + 1; ; {
		n := bytes.IndexByte(text[from:], '"')
		if n < 0 {
			return len(text)
		}
		end := from + n
		escapes := 0
		for end-escapes > i+1 && text[end-escapes-1] == '\\' {
			escapes++
		}
		if escapes%2 == 0 {
			return end
		}
		from = end + 1
	}
}
