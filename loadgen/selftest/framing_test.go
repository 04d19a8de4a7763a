package selftest

import (
	"strings"
	"testing"
)

func TestFramesHaveTheLengthsOfTheirStandards(t *testing.T) { // W16
	for payload, want := range map[int]int{0: 2, 125: 127, 126: 130, 65535: 65539, 65536: 65546} {
		if got := frame(payload); got != want {
			t.Errorf("a frame of %d bytes is %d long, want %d", payload, got, want)
		}
	}
	text := "id: r1790000000t0-12\ndata: " + strings.Repeat("x", 125) + "\n\n"
	if got := block(12, 125); got != len(text) {
		t.Errorf("a block is %d bytes long, want those of %q", got, text)
	}
	if got, want := chunk(len(text)), len("9a\r\n")+len(text)+len("\r\n"); len(text) != 0x9a || got != want {
		t.Errorf("a chunk of %d bytes is %d long, want %d", len(text), got, want)
	}
}
