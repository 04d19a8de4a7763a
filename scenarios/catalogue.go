package scenarios

import (
	"slices"
	"strings"
)

// Groups are what the catalogue is divided into.
var Groups = []string{"products", "engineering", "replays", "claims"}

// head are the keys that speak of a scenario; the others are the load.
var head = []string{"title", "group", "question", "about", "measured"}

// Body is the text of a scenario without the keys that speak of it: what is left
// is the load, with its comments. It is for texts that Decode takes.
func Body(text []byte) []byte {
	var body strings.Builder
	speaks := false // of the key that the line belongs to
	for line := range strings.Lines(string(text)) {
		if strings.TrimSpace(line) != "" && !strings.ContainsAny(line[:1], " \t-") {
			key, _, _ := strings.Cut(line, ":")
			speaks = slices.Contains(head, strings.TrimSpace(key))
		}
		if !speaks {
			body.WriteString(line)
		}
	}
	return []byte(strings.TrimLeft(body.String(), "\n"))
}
