package carry

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"
)

func TestAppendIsAppend(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var ours, theirs []byte
		for _, n := range rapid.SliceOfN(rapid.IntRange(0, 40<<10), 0, 12).Draw(t, "pieces") {
			piece := bytes.Repeat([]byte{byte(n)}, n)
			ours, theirs = Append(ours, piece), append(theirs, piece...)
			if !bytes.Equal(ours, theirs) {
				t.Fatalf("%d bytes differ", len(ours))
			}
		}
		Drop(ours)
	})
}

// What two clients hold at the same time is never the same memory, however often
// buffers go round.
func TestBuffersAreOnesOwn(t *testing.T) {
	var held [8][]byte
	for round := range 200 {
		i := round % len(held)
		for _, b := range held[i] {
			if b != byte(i) {
				t.Fatalf("round %d: client %d holds %d", round, i, b)
			}
		}
		Drop(held[i])
		held[i] = Append(nil, bytes.Repeat([]byte{byte(i)}, 3<<10+round*700))
	}
}

func TestEachBufferHasAClass(t *testing.T) {
	for n, want := range map[int]int{small + 1: 0, 2 * small: 0, 2*small + 1: 1, 64 << 10: 3, 16 << 20: 11, 16<<20 + 1: 12} {
		i, whole := class(n)
		if i != want || whole != (n == small<<(i+1) && i < classes) {
			t.Errorf("%d bytes are of class %d (whole: %v), want %d", n, i, whole, want)
		}
		if i < classes && small<<(i+1) < n {
			t.Errorf("%d bytes do not fit class %d", n, i)
		}
	}
	if i, whole := class(small); whole || i != 0 {
		t.Errorf("what is small is of class %d", i)
	}
}
