package main

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write what is printed as what is wanted")

// Help is prose with examples, and a change of it is a change that somebody
// reads.
func TestHelp(t *testing.T) {
	for _, command := range []string{"", "run", "serve", "scenarios", "scenarios show", "report", "claims", "compare", "runs", "choose", "selftest", "doctor", "version"} {
		t.Run(command, func(t *testing.T) {
			var out, errs bytes.Buffer
			if code := run(t.Context(), append(strings.Fields(command), "--help"), nil, &out, &errs); code != 0 || errs.Len() > 0 {
				t.Fatalf("exit code %d, standard error %q", code, &errs)
			}
			golden := filepath.Join("testdata", "help", strings.ReplaceAll("pushbench "+command, " ", "-")+".txt")
			if *update {
				if err := os.WriteFile(golden, out.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if want := readFile(t, golden); !bytes.Equal(out.Bytes(), want) {
				t.Errorf("help is\n%s\nwant (-update accepts it)\n%s", &out, want)
			}
		})
	}
}
