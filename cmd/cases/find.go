package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"regexp"
	"strings"
)

// A test is a function that `go test` runs.
type test struct {
	pkg  string // as in ./loadgen/sse
	name string
}

// named is what names cases: one or several, with commas, before any other word.
var named = regexp.MustCompile(`^//((?: ?[A-Z][0-9]+\b,?)+)`)

// find returns the tests below root by the ids of the cases that they name.
func find(root string) (map[string][]test, error) {
	found := map[string][]test{}
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || file != root && strings.HasPrefix(d.Name(), ".")):
			return filepath.SkipDir
		case !strings.HasSuffix(file, "_test.go"):
			return nil
		}
		relative, err := filepath.Rel(root, file)
		if err != nil {
			return err
		}
		return collect(found, file, "./"+path.Dir(filepath.ToSlash(relative)))
	})
	return found, err
}

// collect adds the tests of one file.
func collect(found map[string][]test, file, pkg string) error {
	set := token.NewFileSet()
	parsed, err := parser.ParseFile(set, file, nil, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	at := map[int]string{} // comments by line
	for _, group := range parsed.Comments {
		for _, c := range group.List {
			at[set.Position(c.Pos()).Line] = c.Text
		}
	}
	for _, d := range parsed.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok || f.Body == nil || !isTest(f) {
			continue
		}
		for _, id := range ids(at[set.Position(f.Body.Lbrace).Line]) {
			found[id] = append(found[id], test{pkg, f.Name.Name})
		}
	}
	return nil
}

// isTest says whether `go test` runs the function without being asked for
// benchmarks.
func isTest(f *ast.FuncDecl) bool {
	return f.Recv == nil && (strings.HasPrefix(f.Name.Name, "Test") || strings.HasPrefix(f.Name.Name, "Fuzz"))
}

// ids are the cases that a comment names.
func ids(comment string) []string {
	m := named.FindStringSubmatch(comment)
	if m == nil {
		return nil
	}
	return strings.FieldsFunc(m[1], func(r rune) bool { return r == ' ' || r == ',' })
}

// needed are the tests of these cases, each once, in packages.
func needed(entries []entry, tests map[string][]test) map[string][]string {
	byPackage := map[string][]string{}
	seen := map[test]bool{}
	for _, e := range entries {
		for _, t := range tests[e.id] {
			if !seen[t] {
				seen[t] = true
				byPackage[t.pkg] = append(byPackage[t.pkg], t.name)
			}
		}
	}
	return byPackage
}
