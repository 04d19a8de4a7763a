package main

import (
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// What cannot start says so at once, and with the name of what is in its way.
func TestWhatCannotStartSaysWhy(t *testing.T) { // F5
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		says []string
	}{
		{[]string{"serve", "--listen", taken.Addr().String()}, []string{taken.Addr().String(), "address already in use"}},
		{[]string{"serve", "--listen", "192.0.2.1:0"}, []string{"192.0.2.1:0", "cannot assign requested address"}}, // as ::1 without IPv6
		{[]string{"run", "-q", "-o", filepath.Join(file, "run.json")}, []string{file, "not a directory"}},
		{[]string{"run", "-q", "-o", "/proc/run.json"}, []string{"/proc"}},
	} {
		if runtime.GOOS != "linux" && (c.args[0] == "serve" || c.args[3] == "/proc/run.json") {
			continue // other words, and no folder in which nobody may write
		}
		var out, errs strings.Builder
		code := run(t.Context(), c.args, strings.NewReader(""), &out, &errs)
		if code != exitFailed || out.Len() > 0 {
			t.Errorf("%v: exit code %d, printed %q", c.args, code, &out)
		}
		for _, words := range c.says {
			if !strings.Contains(errs.String(), words) {
				t.Errorf("%v says %q, want %q in it", c.args, &errs, words)
			}
		}
		if strings.Contains(errs.String(), "trial") {
			t.Errorf("%v began a trial: %s", c.args, &errs)
		}
	}
}
