package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/term"

	"pushbench/results"
	"pushbench/results/report"
)

// standard is standard output, or input, where a file is asked for.
const standard = "-"

// An output is a rendering of a run, and where it goes.
type output struct {
	report.Format[*results.Run]
	file string // or standard
}

// Outputs are what one command renders of a run.
type outputs []output

// outputsOf reads formats, each NAME or NAME=FILE; what has no FILE of its own goes
// to out.
func outputsOf(formats []string, out string) (outputs, error) {
	if out == "" {
		return nil, usage("--out names no file: - is standard output")
	}
	if len(formats) == 0 {
		return nil, usage("no format named (have %s)", formatNames())
	}
	var all outputs
	for _, text := range formats {
		name, file, own := strings.Cut(text, "=")
		f, err := report.Formats.Named(name)
		switch {
		case err != nil:
			return nil, &exitError{exitUsage, err}
		case !own:
			file = out
		case file == "":
			return nil, usage("--format %s names no file: write %s=FILE, or %s=- for standard output", text, name, name)
		}
		switch file {
		case standard:
		case "/dev/stdout": // a name for the same, which must not be replaced by a file
			file = standard
		default:
			file = filepath.Clean(file)
		}
		taken := func(o output) bool {
			return o.file == file || file != standard && o.file != standard && same(o.file, file)
		}
		if at := slices.IndexFunc(all, taken); at >= 0 {
			where := file
			if file == standard {
				where = "standard output"
			}
			return nil, usage("%s and %s both go to %s: give one a file of its own, as in --format %s,%s=FILE", all[at].Name, name, where, all[at].Name, name)
		}
		all = append(all, output{f, file})
	}
	return all, nil
}

// single is a format among them that holds one row; "" without one.
func (all outputs) single() string {
	at := slices.IndexFunc(all, func(o output) bool { return o.Single })
	if at < 0 {
		return ""
	}
	return all[at].Name
}

// prepare says before there is anything to write what would keep write from it,
// and whether a rendering would take the place of the run's own file.
func (all outputs) prepare(own string) error {
	for _, o := range all {
		if o.file == standard {
			continue
		}
		if same(o.file, own) {
			return usage("%s is the file of the run itself: write %s to another", o.file, o.Name)
		}
		if err := prepareFile(o.file); err != nil {
			return err
		}
	}
	return nil
}

// same says whether two names are of one file, be it there already or not. A name
// that is empty is of none.
func same(one, other string) bool {
	a, errA := os.Stat(one)
	b, errB := os.Stat(other)
	if errA == nil && errB == nil {
		return os.SameFile(a, b)
	}
	return one != "" && other != "" && resolved(one) == resolved(other)
}

// resolved is the whole name of a file that need not be there, in the folder to which
// links in its path lead.
func resolved(name string) string {
	whole, err := filepath.Abs(name)
	if err != nil {
		return name
	}
	folder, err := filepath.EvalSymlinks(filepath.Dir(whole))
	if err != nil {
		return whole // a folder that is not there has no links
	}
	return filepath.Join(folder, filepath.Base(whole))
}

// write renders the run in all formats, and then writes them: what cannot be
// rendered leaves every file as it was. Standard output comes last, since whoever
// reads it may have gone. One that cannot be written keeps none of the others.
func (all outputs) write(stdout io.Writer, run *results.Run, file string) error {
	pages := make([][]byte, len(all))
	var summary bytes.Buffer
	summaries := os.Getenv("GITHUB_STEP_SUMMARY")
	for i, o := range all {
		options := report.Options{File: file}
		if o.file == standard {
			options.Width, options.Color = width(stdout), colored(stdout)
			if summaries != "" {
				options.Summary = &summary
			}
		}
		var page bytes.Buffer
		if err := o.Write(&page, run, options); err != nil {
			return err
		}
		pages[i] = page.Bytes()
	}
	var failed []error
	printed := []byte(nil)
	for i, o := range all {
		if o.file == standard {
			if printed = shown(stdout, pages[i]); o.Name == "table" && colored(stdout) {
				printed = painted(pages[i])
			}
		} else {
			failed = append(failed, writeFile(o.file, pages[i]))
		}
	}
	if summary.Len() > 0 {
		failed = append(failed, appendFile(summaries, summary.Bytes()))
	}
	if len(printed) > 0 {
		_, err := stdout.Write(printed)
		failed = append(failed, err)
	}
	return errors.Join(failed...)
}

// writeFile writes a rendering; a folder that does not exist is not made, since
// it is most likely a slip of the fingers.
func writeFile(name string, b []byte) error {
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() {
		return os.WriteFile(name, b, 0o644) // a pipe or a device cannot be replaced
	}
	return makeFirst(results.Replace(name, b))
}

// prepareFile says what would keep writeFile from writing.
func prepareFile(name string) error {
	info, err := os.Stat(name)
	switch {
	case err == nil && info.IsDir():
		return fmt.Errorf("cannot write %s: it is a folder", name)
	case err == nil && !info.Mode().IsRegular():
		return nil // a pipe or a device says so when it is written to
	}
	return makeFirst(results.Prepare(name))
}

// makeFirst says of a folder that does not exist what to do.
func makeFirst(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: make the folder first", err)
	}
	return err
}

// appendFile adds to a file that others write to, too.
func appendFile(name string, b []byte) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o644)
	if err != nil {
		return fmt.Errorf("write job summary: %w", err)
	}
	if _, err := f.Write(b); err != nil {
		return errors.Join(fmt.Errorf("write job summary: %w", err), f.Close())
	}
	return f.Close()
}

// width is that of the terminal; zero when w is none.
func width(w io.Writer) int {
	if file, ok := w.(*os.File); ok {
		if columns, _, err := term.GetSize(int(file.Fd())); err == nil {
			return columns
		}
	}
	return 0
}

func formatNames() string { return strings.Join(report.Formats.Names(), ", ") }
