package http1

import (
	"bytes"
	"errors"
)

const (
	maxChunkLine = 4096
	maxTrailer   = 4096
	// maxExcess bounds what a chunked body may be beside data: 16 bytes for each
	// chunk, twice its data, and this.
	maxExcess = 16 << 10
)

// Why a body cannot be read.
var (
	errChunks = errors.New("malformed chunked encoding")
	// ErrTrailer is also of one that does not come.
	ErrTrailer = errors.New("malformed trailer behind a chunked body")
)

// A Body finds the body of a request in what arrives. It keeps no bytes.
type Body struct {
	chunked bool
	part    part
	left    uint64 // of the body, or of the chunk
	excess  int64
}

// part is what comes next of a chunked body.
type part uint8

const (
	inSize part = iota
	inData
	inEnd // of a chunk
	inTrailer
)

// Body is how the request's body, of which nothing has been read, is found.
func (r *Request) Body() Body {
	if r.Length == Chunked {
		return Body{chunked: true}
	}
	return Body{left: uint64(r.Length)}
}

// Over says whether all data has come, and only a trailer is missing.
func (b *Body) Over() bool { return b.chunked && b.part == inTrailer }

// Next takes a piece of the body off in. What is left over is the beginning of
// something that is not whole, to be presented again with what follows it, or when
// the body is done what is behind it.
func (b *Body) Next(in []byte) (data, rest []byte, done bool, err error) {
	if !b.chunked {
		n := min(b.left, uint64(len(in)))
		b.left -= n
		return in[:n], in[n:], b.left == 0, nil
	}
	for {
		switch b.part {
		case inSize:
			line, rest, whole, err := cutChunkLine(in)
			if !whole || err != nil {
				return nil, in, false, err
			}
			if err := b.size(line); err != nil {
				return nil, in, false, err
			}
			in = rest
		case inData:
			n := min(b.left, uint64(len(in)))
			if b.left -= n; b.left == 0 {
				b.part = inEnd
			}
			return in[:n], in[n:], false, nil
		case inEnd:
			if len(in) < 2 {
				return nil, in, false, nil
			}
			if string(in[:2]) != "\r\n" {
				return nil, in, false, errChunks
			}
			in, b.part = in[2:], inSize
		case inTrailer:
			rest, whole, err := cutTrailer(in)
			return nil, rest, whole, err
		}
	}
}

// size reads the line before a chunk.
func (b *Body) size(line []byte) error {
	length := int64(len(line)) + 2
	line = bytes.TrimRight(line, " \t")
	line, _, _ = bytes.Cut(line, []byte(";"))
	if len(line) == 0 || len(line) > 16 {
		return errChunks
	}
	b.left = 0
	for _, c := range line {
		var digit byte
		switch {
		case c-'0' <= 9:
			digit = c - '0'
		case lower(c)-'a' < 6:
			digit = lower(c) - 'a' + 10
		default:
			return errChunks
		}
		b.left = b.left<<4 | uint64(digit)
	}
	if b.excess = max(0, b.excess+length-16-2*int64(b.left)); b.excess > maxExcess {
		return errChunks
	}
	if b.part = inData; b.left == 0 {
		b.part = inTrailer
	}
	return nil
}

// cutChunkLine takes a line off in, which here must end with CRLF (RFC 9112,
// section 7.1).
func cutChunkLine(in []byte) (line, rest []byte, whole bool, err error) {
	end := bytes.IndexByte(in, '\n')
	switch {
	case end < 0 && len(in) < maxChunkLine:
		return nil, in, false, nil
	case end < 0 || end >= maxChunkLine:
		return nil, in, false, errChunks
	case end == 0 || bytes.IndexByte(in[:end], '\r') != end-1:
		return nil, in, false, errChunks
	}
	return in[:end-1], in[end+1:], true, nil
}

// cutTrailer takes the fields behind the last chunk off in, which nobody reads.
func cutTrailer(in []byte) (rest []byte, whole bool, err error) {
	if len(in) >= 2 && string(in[:2]) == "\r\n" {
		return in[2:], true, nil
	}
	if bytes.Index(in[:min(len(in), maxTrailer)], []byte("\r\n\r\n")) < 0 {
		if len(in) >= maxTrailer {
			err = ErrTrailer
		}
		return in, false, err
	}
	for first := true; ; first = false {
		line, rest, _ := cutLine(in)
		if len(line) == 0 {
			return rest, true, nil
		}
		if isSpace(line[0]) {
			if first {
				return in, false, ErrTrailer
			}
		} else if line, err = behindName(line); err != nil {
			return in, false, ErrTrailer
		}
		for _, c := range line {
			if !inValue[c] {
				return in, false, ErrTrailer
			}
		}
		in = rest
	}
}
