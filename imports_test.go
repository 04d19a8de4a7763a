package pushbench_test

import (
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

// A rule says what a package must not import, and why.
type rule struct {
	why    string
	breaks func(pkg, imported string) bool
}

var (
	transports = []string{"poll", "longpoll", "sse", "ws"}

	// soleImporters are the only packages that may know a library.
	soleImporters = map[string][]string{
		"github.com/HdrHistogram/":         {"pushbench/results/hdr"},
		"github.com/olekukonko/":           {"pushbench/results/report"},
		"github.com/goccy/go-yaml":         {"pushbench/scenarios"},
		"golang.org/x/perf/":               {"pushbench/results/compare"},
		"github.com/gorilla/websocket":     {"pushbench/servers/ws", "pushbench/cmd/bench-self"}, // the latter's plain peer
		"github.com/spf13/":                {"pushbench/cmd/pushbench"},
		"github.com/agext/levenshtein":     {"pushbench/scenarios"},
		"golang.org/x/term":                {"pushbench/cmd/pushbench"},
		"github.com/shirou/gopsutil":       {"pushbench/results", "pushbench/loadgen/target", "pushbench/loadgen/campaign"},
		"github.com/tmaxmax/go-sse":        nil,
		"github.com/launchdarkly/":         nil,
		"github.com/google/go-cmp":         nil,
		"pgregory.net/rapid":               nil,
		"go.uber.org/goleak":               nil,
		"github.com/rogpeppe/go-internal/": nil,
	}
)

var rules = []rule{
	{"a server must not know that it is measured", func(pkg, imported string) bool {
		return in(pkg, "servers") && (in(imported, "loadgen") || in(imported, "results") || in(imported, "scenarios"))
	}},
	{"an old file must render without the code that made it", func(pkg, imported string) bool {
		return in(pkg, "results") && (in(imported, "servers") || in(imported, "loadgen") || in(imported, "scenarios"))
	}},
	{"a transport stands alone, so that a fifth one touches nothing", func(pkg, imported string) bool {
		return isTransport(pkg) && isTransport(imported)
	}},
	{"halves are state machines: only what moves their bytes knows the loop", func(pkg, imported string) bool {
		return imported == "pushbench/servers/loop" && pkg != "pushbench/servers/host" && pkg != "pushbench/loadgen/engine"
	}},
	{"framing is written twice against the standard, so that a bug cannot cancel itself out", func(pkg, imported string) bool {
		return in(pkg, "loadgen") && isTransport(pkg) && in(imported, "servers") && imported != "pushbench/servers/wire"
	}},
	{"the event's bytes and the clock stand under everything", func(pkg, imported string) bool {
		return pkg == "pushbench/servers/wire" && strings.HasPrefix(imported, "pushbench/")
	}},
	{"only commands print and exit", func(pkg, imported string) bool {
		return !in(pkg, "cmd") && (imported == "log" && pkg != "pushbench/servers/host" || imported == "flag")
	}},
	{"each library stands behind one package", func(pkg, imported string) bool {
		for library, importers := range soleImporters {
			if strings.HasPrefix(imported, library) {
				return !slices.Contains(importers, pkg)
			}
		}
		return false
	}},
}

// in says whether the package is the folder or below it.
func in(pkg, folder string) bool {
	return pkg == "pushbench/"+folder || strings.HasPrefix(pkg, "pushbench/"+folder+"/")
}

func isTransport(pkg string) bool {
	parent := path.Dir(pkg)
	return (parent == "pushbench/servers" || parent == "pushbench/loadgen") && slices.Contains(transports, path.Base(pkg))
}

func TestImportsFollowTheRules(t *testing.T) {
	list := exec.Command("go", "list", "-f", `{{.ImportPath}}{{range .Imports}} {{.}}{{end}}`, "./...")
	out, err := list.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	packages := 0
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		packages++
		for _, imported := range fields[1:] {
			for _, r := range rules {
				if r.breaks(fields[0], imported) {
					t.Errorf("%s imports %s: %s", fields[0], imported, r.why)
				}
			}
		}
	}
	if packages < 10 {
		t.Errorf("go list named %d packages: is this the module's root?", packages)
	}
}

// The rules must be able to fail: each is shown one import that it forbids.
func TestEachImportRuleForbidsSomething(t *testing.T) {
	forbidden := [][2]string{
		{"pushbench/servers/sse", "pushbench/results"},
		{"pushbench/results/report", "pushbench/scenarios"},
		{"pushbench/servers/sse", "pushbench/servers/ws"},
		{"pushbench/servers/sse", "pushbench/servers/loop"},
		{"pushbench/loadgen/sse", "pushbench/servers/source"},
		{"pushbench/servers/wire", "pushbench/servers/source"},
		{"pushbench/loadgen/crowd", "log"},
		{"pushbench/loadgen/recorder", "github.com/HdrHistogram/hdrhistogram-go"},
	}
	for i, r := range rules {
		if !r.breaks(forbidden[i][0], forbidden[i][1]) {
			t.Errorf("rule %q allows %s to import %s", r.why, forbidden[i][0], forbidden[i][1])
		}
	}
}
