package sse

import "unicode/utf8"

const replacement = "\uFFFD"

// appendUTF8 appends b decoded as browsers decode a stream (Encoding standard,
// section 8.1.1): of a sequence that is not UTF-8, the longest beginning that
// could have become a character is one replacement character.
//
// Note: bytes.ToValidUTF8 replaces a run of faults by one, and ranging over a
// string replaces every byte; a client that counts text must do neither.
func appendUTF8(dst, b []byte) []byte {
	for !utf8.Valid(b) {
		n := 0
		for {
			r, size := utf8.DecodeRune(b[n:])
			if r == utf8.RuneError && size == 1 {
				break
			}
			n += size
		}
		dst = append(dst, b[:n]...)
		dst = append(dst, replacement...)
		b = b[n+faultLen(b[n:]):]
	}
	return append(dst, b...)
}

// faultLen is how many bytes of b, which does not begin with a character, one
// replacement stands for.
func faultLen(b []byte) int {
	need, low, high := 0, byte(0x80), byte(0xbf)
	switch c := b[0]; {
	case c >= 0xc2 && c <= 0xdf:
		need = 2
	case c >= 0xe0 && c <= 0xef:
		need = 3
		if c == 0xe0 {
			low = 0xa0
		} else if c == 0xed {
			high = 0x9f
		}
	case c >= 0xf0 && c <= 0xf4:
		need = 4
		if c == 0xf0 {
			low = 0x90
		} else if c == 0xf4 {
			high = 0x8f
		}
	}
	n := 1
	for n < need && n < len(b) && b[n] >= low && b[n] <= high {
		low, high = 0x80, 0xbf
		n++
	}
	return n
}
