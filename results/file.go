package results

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Folder is where runs are saved that were not given a file.
const Folder = "results/runs"

// MaxFile is how large a run file may be to be saved and read, in bytes.
const MaxFile = 64 << 20

// Errors of Load and Save.
var (
	// ErrSchema says that a file was written by a newer program.
	ErrSchema = errors.New("written by a newer pushbench")
	// ErrFile says that a file is not a run.
	ErrFile = errors.New("not a run file")
	// ErrSize is Save's: the file would be larger than Load reads.
	ErrSize = fmt.Errorf("a run file holds %d MiB at most", MaxFile>>20)
)

// DefaultPath is where a run is saved that was given no file. It creates the
// folder, and is no file that exists.
func DefaultPath(started time.Time, scenario string) (string, error) {
	if err := os.MkdirAll(Folder, 0o755); err != nil {
		return "", fmt.Errorf("prepare folder of runs: %w", err)
	}
	stem := filepath.Join(Folder, started.Format("2006-01-02T15-04-05")+"-"+scenario)
	for n := 1; ; n++ {
		file := stem + ".json"
		if n > 1 {
			file = fmt.Sprintf("%s-%d.json", stem, n)
		}
		if _, err := os.Lstat(file); errors.Is(err, fs.ErrNotExist) {
			return file, nil
		} else if err != nil {
			return "", fmt.Errorf("look for a free file name: %w", err)
		}
	}
}

// Prepare says before the first trial what would keep Save from writing the
// file. It changes nothing.
func Prepare(file string) error {
	if info, err := os.Stat(file); err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("cannot save to %s: not a regular file", file)
	}
	probe, err := os.CreateTemp(beside(file))
	if err != nil {
		return fmt.Errorf("cannot save to %s: %w", file, err)
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}

// Save writes the run so that the file holds, whatever happens meanwhile, either
// all of it or what it held before. With ErrSize it holds what it held before.
func Save(file string, run *Run) error {
	text, err := json.Marshal(run)
	if err != nil {
		return fmt.Errorf("save %s: %w", file, err)
	}
	if len(text) >= MaxFile { // with the end of the line
		return fmt.Errorf("save %s: %w", file, ErrSize)
	}
	return Replace(file, append(text, '\n'))
}

// Replace gives the file new contents as Save does. Of a symbolic link it is the
// file that it leads to.
func Replace(file string, contents []byte) (err error) {
	if target, err := filepath.EvalSymlinks(file); err == nil {
		file = target
	}
	f, err := os.CreateTemp(beside(file))
	if err != nil {
		return fmt.Errorf("save %s: %w", file, err)
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
			err = fmt.Errorf("save %s: %w", file, err)
		}
	}()
	if _, err := f.Write(contents); err != nil {
		return err
	}
	if err := f.Chmod(0o644); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), file)
}

// beside is the folder and the pattern of the file that takes the place of another.
func beside(file string) (folder, pattern string) {
	if target, err := filepath.EvalSymlinks(file); err == nil {
		file = target
	}
	return filepath.Dir(file), "." + filepath.Base(file) + ".*"
}

// Load reads a run file; with names, only these histograms of its trials. See Read.
func Load(file string, histograms ...string) (*Run, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("load run: %w", err)
	}
	defer f.Close()
	run, err := Read(f, histograms...)
	if err != nil {
		return nil, fmt.Errorf("load %s: %w", file, err)
	}
	return run, nil
}
