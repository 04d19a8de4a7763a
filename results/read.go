package results

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode"

	"pushbench/results/hdr"
)

// Read reads a run as Save wrote it, or an older program of the same schema.
// Members that it does not know are passed over. The error says where the text is
// wrong and what to do; it is ErrSchema or ErrFile, or the reader's own.
//
// With names, the run has only those histograms of each trial: the others are left
// out unread, and what is wrong with them is for those to tell who want them. Who
// needs a few is spared most of the time that a run takes to read.
func Read(r io.Reader, histograms ...string) (*Run, error) {
	text, err := io.ReadAll(io.LimitReader(r, MaxFile+1))
	if err != nil {
		return nil, err
	}
	if len(text) > MaxFile {
		return nil, fmt.Errorf("%w: more than %d MiB", ErrFile, MaxFile>>20)
	}
	if err := bounded(text); err != nil {
		return nil, err
	}
	var stored runText
	if err := json.Unmarshal(text, &stored); err != nil || !stored.likely() {
		if known := recognise(text); known != nil {
			return nil, known
		}
		if err != nil {
			return nil, unreadable(text, err)
		}
	}
	run, err := stored.open(histograms)
	if err != nil {
		return nil, err
	}
	if err := run.complete(); err != nil {
		return nil, err
	}
	return run, nil
}

// A runText is a run as a file has it.
type runText struct {
	Run
	Trials []trialText `json:"trials"`
}

// A trialText is a trial that nobody has looked into the histograms of.
type trialText struct {
	Trial
	Histograms map[string]*hdr.Text `json:"histograms"`
}

// likely says whether the text was of what it was taken for.
func (r *runText) likely() bool {
	return r.Schema >= 1 && r.Schema <= Schema && r.Trials != nil
}

// open is the run with these histograms; with all of them where none is named.
func (r *runText) open(histograms []string) (*Run, error) {
	run := r.Run // a copy, which keeps none of the texts
	if r.Trials != nil {
		run.Trials = make([]Trial, len(r.Trials))
	}
	for i := range r.Trials {
		t := &run.Trials[i]
		*t = r.Trials[i].Trial
		texts := r.Trials[i].Histograms
		if texts == nil {
			continue
		}
		t.Histograms = map[string]*hdr.Histogram{}
		for _, name := range slices.Sorted(maps.Keys(texts)) {
			if len(histograms) > 0 && !slices.Contains(histograms, name) {
				continue
			}
			if texts[name] == nil { // as empty as one that is not there
				t.Histograms[name] = nil
				continue
			}
			h, err := texts[name].Histogram()
			if err != nil {
				return nil, fmt.Errorf("%w: trial %d, histogram %q: %w", ErrFile, i+1, name, err)
			}
			t.Histograms[name] = h
		}
	}
	return &run, nil
}

// recognise says what a text is if it is no run that this program reads.
func recognise(text []byte) error {
	// The schema first: a newer one may well not fit the rest.
	var head struct {
		Schema *int    `json:"schema"`
		Rows   present `json:"rows"`
		Trials present `json:"trials"`
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
	case bool(head.Rows && !head.Trials):
		return fmt.Errorf("%w: it is a rendering (--format json), which cannot be rendered again: want the file that 'pushbench run' has saved", ErrFile)
	case bool(!head.Trials):
		return fmt.Errorf("%w: it holds no trials: want a file that 'pushbench run' has saved", ErrFile)
	}
	return nil
}

// present says whether a JSON value is there, whatever it is.
type present bool

func (p *present) UnmarshalJSON([]byte) error {
	*p = true
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

// unreadable says where a text is not what it must be, and what to do.
func unreadable(text []byte, err error) error {
	at := func(offset int64) string {
		before := text[:min(max(offset, 0), int64(len(text)))]
		return fmt.Sprintf("byte %d (line %d)", len(before), 1+bytes.Count(before, []byte("\n")))
	}
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Errorf("%w: %s cannot be %s, at %s", ErrFile, cmp.Or(inJSON(wrong.Field), "a run"), wrong.Value, at(wrong.Offset))
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

// inJSON is the path of a field without the embedded structs on it, of which JSON
// knows nothing: they alone have names with a capital.
func inJSON(path string) string {
	names := strings.Split(path, ".")
	names = slices.DeleteFunc(names, func(name string) bool { return name != "" && unicode.IsUpper(rune(name[0])) })
	return strings.Join(names, ".")
}
