package pushbench_test

import (
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
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
	transports = folders()

	// parts are what client halves are made of beside their own folder.
	parts = []string{"pushbench/loadgen/batch", "pushbench/loadgen/carry", "pushbench/loadgen/http1", "pushbench/loadgen/uplink"}

	// soleImporters are the only packages that may know a library.
	soleImporters = map[string][]string{
		"github.com/HdrHistogram/":         {"pushbench/results/hdr"},
		"github.com/olekukonko/":           {"pushbench/results/report"},
		"github.com/goccy/go-yaml":         {"pushbench/scenarios"},
		"github.com/gobwas/ws":             {"pushbench/loadgen/ws"},
		"golang.org/x/perf/benchmath":      {"pushbench/results/compare"},
		"github.com/aclements/go-moremath": {"pushbench/results/compare"},
		"golang.org/x/perf/benchfmt":       {"pushbench/results/report"},
		"gonum.org/v1/gonum/":              {"pushbench/results/fit"},
		"gonum.org/v1/plot":                {"pushbench/results/report/chart"},
		"github.com/chromedp/":             {"pushbench/browser"},
		"github.com/gorilla/websocket":     {"pushbench/servers/ws", "pushbench/cmd/bench-self"}, // the latter's plain peer
		"github.com/spf13/":                {"pushbench/cmd/pushbench"},
		"github.com/agext/levenshtein":     {"pushbench/results/threshold", "pushbench/scenarios"},
		"golang.org/x/term":                {"pushbench/cmd/pushbench"},
		"github.com/shirou/gopsutil":       {"pushbench/results", "pushbench/loadgen/target", "pushbench/loadgen/campaign"},
		"github.com/tmaxmax/go-sse":        nil,
		"github.com/launchdarkly/":         nil,
		"github.com/google/go-cmp":         nil,
		"pgregory.net/rapid":               {"pushbench/results/resultstest"},
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
		return isClient(pkg) && in(imported, "servers") && imported != "pushbench/servers/wire"
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

// folders are the transports: a fifth one is held to the rules as soon as both
// its halves are there.
func folders() []string {
	var both []string
	servers, _ := os.ReadDir("servers") // nothing found fails TestTransportsAreFound
	for _, s := range servers {
		// http1 is no transport but what some of them stand on.
		if client, err := os.Stat(filepath.Join("loadgen", s.Name())); err == nil && client.IsDir() && s.Name() != "http1" {
			both = append(both, s.Name())
		}
	}
	return both
}

// isClient says whether the package is a client half or a part of one.
func isClient(pkg string) bool {
	return in(pkg, "loadgen") && isTransport(pkg) || slices.Contains(parts, pkg)
}

func isTransport(pkg string) bool {
	parent := path.Dir(pkg)
	return (parent == "pushbench/servers" || parent == "pushbench/loadgen") && slices.Contains(transports, path.Base(pkg))
}

func TestAFifthTransportIsFound(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, folder := range []string{"servers/pigeon", "loadgen/pigeon", "servers/http1", "loadgen/http1", "servers/source", "loadgen/crowd"} {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := folders(), []string{"pigeon"}; !slices.Equal(got, want) {
		t.Errorf("transports %v, want %v", got, want)
	}
}

func TestTransportsAreFound(t *testing.T) {
	for _, known := range []string{"poll", "longpoll", "sse", "ws"} {
		if !slices.Contains(transports, known) {
			t.Errorf("%s is not among the transports %v", known, transports)
		}
	}
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

// The rules must be able to fail: each is shown imports that it forbids.
func TestEachImportRuleForbidsSomething(t *testing.T) {
	forbidden := [][][2]string{
		{{"pushbench/servers/sse", "pushbench/results"}},
		{{"pushbench/results/report", "pushbench/scenarios"}},
		{{"pushbench/servers/sse", "pushbench/servers/ws"}},
		{{"pushbench/servers/sse", "pushbench/servers/loop"}},
		{
			{"pushbench/loadgen/sse", "pushbench/servers/source"},
			{"pushbench/loadgen/batch", "pushbench/servers/answer"},
			{"pushbench/loadgen/http1", "pushbench/servers/http1"},
			{"pushbench/loadgen/uplink", "pushbench/servers/publish"},
		},
		{{"pushbench/servers/wire", "pushbench/servers/source"}},
		{{"pushbench/loadgen/crowd", "log"}},
		{
			{"pushbench/loadgen/recorder", "github.com/HdrHistogram/hdrhistogram-go"},
			{"pushbench/servers/ws", "github.com/gobwas/ws"},
		},
	}
	for i, r := range rules {
		for _, f := range forbidden[i] {
			if !r.breaks(f[0], f[1]) {
				t.Errorf("rule %q allows %s to import %s", r.why, f[0], f[1])
			}
		}
	}
}

// otherClock is how a source text reads a clock that is not wire's.
var otherClock = regexp.MustCompile(`\btime\.(Now|Since|Until)\(`)

// Both processes' instants are compared, so both halves read the one clock that
// they share.
func TestHalvesReadOnlyTheClockOfWire(t *testing.T) {
	read := 0
	for _, half := range halves() {
		files, err := filepath.Glob(filepath.Join(half, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			read++
			if found := otherClock.Find(text); found != nil {
				t.Errorf("%s: %s…): only wire's clock is read in either half of a transport", file, found)
			}
		}
	}
	if read < 2*len(transports) {
		t.Errorf("read %d files of %d transports", read, len(transports))
	}
}

// halves are the folders of both halves of every transport, and of the parts of
// client halves.
func halves() []string {
	var all []string
	for _, name := range transports {
		all = append(all, filepath.Join("servers", name), filepath.Join("loadgen", name))
	}
	for _, pkg := range parts {
		all = append(all, strings.TrimPrefix(pkg, "pushbench/"))
	}
	return all
}

func TestAnotherClockIsRecognised(t *testing.T) {
	for text, want := range map[string]bool{
		"at := time.Now()":          true,
		"took := time.Since(began)": true,
		"at := wire.Now()":          false,
		"time.NewTimer(hold)":       false,
	} {
		if got := otherClock.MatchString(text); got != want {
			t.Errorf("%q reads another clock: %v, want %v", text, got, want)
		}
	}
}
