package main

import (
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"unicode"
	"unicode/utf8"

	"golang.org/x/term"
)

// shown is the text as it may be written: to a terminal as what can be seen, to
// everything else as it is. CSV and JSON hold names as a run file has them, which
// may come from anywhere.
func shown(w io.Writer, text []byte) []byte {
	if file, ok := w.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		return visible(text)
	}
	return text
}

// visible is the text with all that would drive a terminal, or turn the direction
// of what follows, in letters: line ends and tabs alone stay what they are.
func visible(text []byte) []byte {
	var b []byte
	for rest := text; len(rest) > 0; {
		r, size := utf8.DecodeRune(rest)
		switch {
		case r == utf8.RuneError && size == 1:
			b = fmt.Appendf(b, `\x%02x`, rest[0])
		case r == '\n' || r == '\t' || !unicode.IsControl(r) && !slices.Contains(turning, r):
			b = append(b, rest[:size]...)
		case r < utf8.RuneSelf:
			b = fmt.Appendf(b, `\x%02x`, r)
		default:
			b = fmt.Appendf(b, `\u%04x`, r)
		}
		rest = rest[size:]
	}
	return b
}

// painted is visible text that keeps its colours, which drive nothing else.
func painted(text []byte) []byte {
	var b []byte
	from := 0
	for _, at := range paint.FindAllIndex(text, -1) {
		b = append(append(b, visible(text[from:at[0]])...), text[at[0]:at[1]]...)
		from = at[1]
	}
	return append(b, visible(text[from:])...)
}

var paint = regexp.MustCompile("\x1b\\[[0-9]{1,2}m")

// colored says whether what is written there may have colours: it is a terminal
// that has some, and nobody asked for none.
func colored(w io.Writer) bool {
	return width(w) > 0 && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}

// turning are the marks that embed and override directions of writing.
var turning = []rune("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")
