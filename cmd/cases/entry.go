package main

import (
	_ "embed"
	"fmt"
	"strings"
)

//go:embed cases.txt
var text string

// An entry is one line of the list.
type entry struct {
	id       string
	priority int // 1 to 3; 0: of a later part
	what     string
}

// read reads the list. Its errors name the line.
func read(list string) (all []entry, err error) {
	seen := map[string]bool{}
	number := 0
	for line := range strings.Lines(list) {
		number++
		line = strings.TrimSuffix(line, "\n")
		if line == "" || line[0] == '#' {
			continue
		}
		var e entry
		fields := strings.Split(line, "\t")
		if len(fields) != 3 || len(fields[1]) != 1 || fields[1][0] < '0' || fields[1][0] > '3' {
			return nil, fmt.Errorf("cases.txt:%d: %q: want an id, a priority from 0 to 3 and a sentence, with tabs between", number, line)
		}
		e.id, e.priority, e.what = fields[0], int(fields[1][0]-'0'), fields[2]
		if seen[e.id] {
			return nil, fmt.Errorf("cases.txt:%d: %s is there twice", number, e.id)
		}
		seen[e.id] = true
		all = append(all, e)
	}
	return all, nil
}
