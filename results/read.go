package results

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Bounds of what Read takes into memory, beside MaxFile. Whatever Save writes is
// within them: a trial of its own takes more bytes of a file than these leave it.
const (
	// MaxTrials is how many trials a run file may hold.
	MaxTrials = 60_000
	// maxObjects is how many JSON objects there may be in it. One of two bytes can
	// become a few hundred in memory.
	maxObjects = 1 << 20
)

// Read reads a run as Save wrote it, or an older program of the same schema.
// Members that it does not know are passed over. The error says where the text is
// wrong and what to do; it is ErrSchema or ErrFile, or the reader's own.
func Read(r io.Reader) (*Run, error) {
	text, err := io.ReadAll(io.LimitReader(r, MaxFile+1))
	if err != nil {
		return nil, err
	}
	if len(text) > MaxFile {
		return nil, fmt.Errorf("%w: more than %d MiB", ErrFile, MaxFile>>20)
	}
	if err := recognise(text); err != nil {
		return nil, err
	}
	run := new(Run)
	if err := json.Unmarshal(text, run); err != nil {
		return nil, unreadable(text, err)
	}
	if err := run.complete(); err != nil {
		return nil, err
	}
	return run, nil
}

// recognise says what a text is if it is no run that this program reads, and
// whether it has room for it.
func recognise(text []byte) error {
	if bytes.Count(text, []byte("{")) > maxObjects {
		return fmt.Errorf("%w: more than %d objects", ErrFile, maxObjects)
	}
	// The schema first: a newer one may well not fit the rest.
	var head struct {
		Schema *int    `json:"schema"`
		Rows   members `json:"rows"`
		Trials members `json:"trials"`
	}
	err := json.Unmarshal(text, &head)
	switch {
	case err != nil:
		return unreadable(text, err)
	case head.Schema == nil:
		return fmt.Errorf("%w: it names no schema: want a file that 'pushbench run' has saved", ErrFile)
	case *head.Schema > Schema:
		return fmt.Errorf("%w: schema %d, this one reads up to %d: use the program that wrote it, or one as new", ErrSchema, *head.Schema, Schema)
	case *head.Schema < 1:
		return fmt.Errorf("%w: schema %d, and the oldest that there is is 1: measure again", ErrFile, *head.Schema)
	case head.Trials.there && head.Trials.count > MaxTrials:
		return fmt.Errorf("%w: %d trials, %d at most", ErrFile, head.Trials.count, MaxTrials)
	case head.Rows.there && !head.Trials.there:
		return fmt.Errorf("%w: it is a rendering (--format json), which cannot be rendered again: want the file that 'pushbench run' has saved", ErrFile)
	case !head.Trials.there:
		return fmt.Errorf("%w: it holds no trials: want a file that 'pushbench run' has saved", ErrFile)
	}
	return nil
}

// complete says what no run lacks, whoever wrote it.
func (r *Run) complete() error {
	for i := range r.Trials {
		if t := &r.Trials[i]; strings.TrimSpace(t.Transport) == "" {
			return fmt.Errorf("%w: trial %d names no transport", ErrFile, i+1)
		}
	}
	for i, c := range r.Capacity {
		switch {
		case strings.TrimSpace(c.Transport) == "" || c.Key == "":
			return fmt.Errorf("%w: capacity %d names no transport or no key", ErrFile, i+1)
		case c.Ended != "" && len(c.Probes) == 0:
			return fmt.Errorf("%w: the capacity of %s was found without a probe", ErrFile, c.Transport)
		}
	}
	return nil
}

// members says whether a JSON value is there, and of how many an array is, without
// taking them into memory.
type members struct {
	there bool
	count int
}

// UnmarshalJSON counts the commas that are in no inner value, and one more. A
// member that is there twice counts as its longer one.
func (m *members) UnmarshalJSON(value []byte) error {
	depth, commas := 0, 0
	for i := 0; i < len(value); i++ {
		switch value[i] {
		case '"': // to the end of the text, which there is: the JSON is valid
			for i++; value[i] != '"'; i++ {
				if value[i] == '\\' {
					i++
				}
			}
		case '[', '{':
			depth++
		case ']', '}':
			depth--
		case ',':
			if depth == 1 {
				commas++
			}
		}
	}
	m.there, m.count = true, max(m.count, commas+1)
	return nil
}

// unreadable says where a text is not what it must be, and what to do.
func unreadable(text []byte, err error) error {
	at := func(offset int64) string {
		before := text[:min(max(offset, 0), int64(len(text)))]
		return fmt.Sprintf("byte %d (line %d)", len(before), 1+bytes.Count(before, []byte("\n")))
	}
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Errorf("%w: %s cannot be %s, at %s", ErrFile, cmp.Or(wrong.Field, "a run"), wrong.Value, at(wrong.Offset))
	}
	wrong, ok := errors.AsType[*json.SyntaxError](err)
	switch {
	case len(bytes.TrimSpace(text)) == 0:
		return fmt.Errorf("%w: it is empty", ErrFile)
	case !ok:
		return fmt.Errorf("%w: %w", ErrFile, err)
	case wrong.Offset >= int64(len(text)) && (wrong.Error() == "unexpected end of JSON input" || // or of a word or number, which the decoder takes a space to end
		strings.HasPrefix(wrong.Error(), "invalid character ' '") && !bytes.HasSuffix(text, []byte(" "))):
		return fmt.Errorf("%w: it is truncated: it ends at %s, in the middle: copy it again from where it was saved, or measure again", ErrFile, at(wrong.Offset))
	}
	return fmt.Errorf("%w: %w at %s", ErrFile, wrong, at(wrong.Offset))
}
