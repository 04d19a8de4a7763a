package scenarios

import (
	"embed"
	"slices"
	"strings"
)

//go:embed *.yaml
var own embed.FS

// Names are the scenarios that come with the program, in alphabetical order.
func Names() []string {
	files, err := own.ReadDir(".")
	if err != nil {
		panic(err) // the folder is part of the program
	}
	var names []string
	for _, f := range files {
		names = append(names, strings.TrimSuffix(f.Name(), ".yaml"))
	}
	return names
}

// Load returns the scenario of that name; for another one, an *UnknownError.
func Load(name string) (*Scenario, error) {
	text, err := Source(name)
	if err != nil {
		return nil, err
	}
	return Decode(name+".yaml", text)
}

// Source returns the YAML of the scenario of that name; for another one, an
// *UnknownError.
func Source(name string) ([]byte, error) {
	if !slices.Contains(Names(), name) {
		return nil, &UnknownError{name, Names()}
	}
	return own.ReadFile(name + ".yaml")
}
