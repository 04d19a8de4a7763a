package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"pushbench/loadgen/target"
	"pushbench/servers/wire"
)

// A process whose program is on the disk alone must read it to run: that is known
// of the one that has ended, too, when the next one has read nothing yet.
func TestPagesThatADeadServerReadBackStayItsOwn(t *testing.T) { // D5
	cold := uncached(t, program(t))
	held, err := target.Reserve()
	if err != nil {
		t.Fatal(err)
	}
	defer held.Release()
	args := []string{"serve", "--orders", "--listen", held.Address.String(), "--epoch", "e0"}
	child, err := target.Start(t.Context(), target.Config{Executable: cold, Args: args})
	if err != nil {
		t.Fatal(err)
	}
	defer child.Stop()
	read := child.MajorFaults()
	if read == 0 {
		t.Skip("the temporary folder reads nothing back from a disk: set TMPDIR to one that is on a disk")
	}
	now := wire.Now()
	if err := child.Kill(t.Context(), now-int64(time.Second), now, func() {}); err != nil {
		t.Fatal(err)
	}
	if got := child.MajorFaults(); got < read {
		t.Errorf("a dead server has read %d pages, %d when it lived", got, read)
	}
	if err := child.Again(t.Context(), args); err != nil {
		t.Fatal(err)
	}
	if got := child.MajorFaults(); got < read {
		t.Errorf("two servers have read %d pages, the first alone %d", got, read)
	}
}

// uncached is a copy of a program of which the kernel has nothing in memory.
func uncached(t *testing.T, program string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), filepath.Base(program))
	// Not written by this process: what it starts meanwhile would have the file open
	// for writing, too, and such a file cannot be executed.
	if said, err := exec.Command("cp", "-L", program, path).CombinedOutput(); err != nil {
		t.Fatalf("cp: %v: %s", err, said)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := f.Sync(); err != nil {
		t.Fatal(err)
	}
	if err := unix.Fadvise(int(f.Fd()), 0, 0, unix.FADV_DONTNEED); err != nil {
		t.Fatal(err)
	}
	return path
}
