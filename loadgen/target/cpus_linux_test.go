package target

import (
	"runtime"
	"slices"
	"testing"
)

func TestAPinnedProcessKnowsWhichCPUsItWasGiven(t *testing.T) {
	given, err := affinity()
	if err != nil {
		t.Fatal(err)
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	defer Pin(given)
	if err := Pin(given[:1]); err != nil {
		t.Fatal(err)
	}
	if now, err := affinity(); err != nil || !slices.Equal(now, given[:1]) {
		t.Errorf("runs on %v (%v), want the first of %v", now, err, given)
	}
	if got, err := CPUs(); err != nil || !slices.Equal(got, given) {
		t.Errorf("another campaign would divide %v (%v), want %v", got, err, given)
	}
}
