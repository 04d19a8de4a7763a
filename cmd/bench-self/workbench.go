package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"pushbench/loadgen/target"
)

// A workbench is everything that a session starts, built in a folder of its
// own, and the two CPUs that it is started on.
type workbench struct {
	folder     string
	fsrv, fcli string // the floor's server and client
	pushbench  string
	self       string
	serverCPU  int
	clientCPU  int
}

// needs is what one is told who calls this without it.
const needs = `needs the floor's sources: make bench-self FLOOR=DIR, where DIR has fsrv.c, fcli.c and a Makefile`

// prepare checks what is needed and builds it: the floor from a copy of the
// folder, because its Makefile leaves binaries beside the sources; our server
// when some run is of it.
func prepare(ctx context.Context, floor string, duties []duty) (b workbench, err error) {
	if floor == "" {
		return b, errors.New(needs)
	}
	for _, name := range []string{"Makefile", "fsrv.c", "fcli.c"} {
		if _, err := os.Stat(filepath.Join(floor, name)); err != nil {
			return b, fmt.Errorf("%s: %w", needs, err)
		}
	}
	for _, tool := range []string{"taskset", "make", "gcc", "go"} {
		if _, err := exec.LookPath(tool); err != nil {
			return b, fmt.Errorf("needs %s: %w", tool, err)
		}
	}
	cpus, err := target.CPUs()
	if err != nil {
		return b, err
	}
	if len(cpus) < 2 {
		return b, fmt.Errorf("needs two CPUs, one for each side, may use %d", len(cpus))
	}
	b.serverCPU, b.clientCPU = cpus[0], cpus[1]
	if b.self, err = target.Executable(); err != nil {
		return b, err
	}
	if b.folder, err = os.MkdirTemp("", "bench-self-"); err != nil {
		return b, err
	}
	defer func() {
		if err != nil {
			b.remove()
		}
	}()
	copied := filepath.Join(b.folder, "floor")
	if err = os.CopyFS(copied, os.DirFS(floor)); err != nil {
		return b, fmt.Errorf("copy the floor: %w", err)
	}
	b.fsrv, b.fcli = filepath.Join(copied, "fsrv"), filepath.Join(copied, "fcli")
	b.pushbench = filepath.Join(b.folder, "pushbench")
	// Binaries that were copied with the sources may be of another machine: -B.
	builds := [][]string{{"make", "-B", "-C", copied}}
	if slices.ContainsFunc(duties, func(d duty) bool { return d.who.served() }) {
		builds = append(builds, []string{"go", "build", "-o", b.pushbench, "pushbench/cmd/pushbench"})
	}
	for _, build := range builds {
		if said, err := exec.CommandContext(ctx, build[0], build[1:]...).CombinedOutput(); err != nil {
			return b, fmt.Errorf("%s: %w\n%s", strings.Join(build, " "), err, said)
		}
	}
	return b, nil
}

func (b workbench) remove() { os.RemoveAll(b.folder) }
