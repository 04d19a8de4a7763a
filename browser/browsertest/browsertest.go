// Package browsertest gives tests a browser.
package browsertest

import (
	"errors"
	"os"
	"testing"

	"pushbench/browser"
)

// Start starts a browser that ends with the test. Where there is none the test is
// skipped, and says what to install; where CI is set it fails, since nobody would
// see that it is skipped there.
func Start(t testing.TB, o browser.Options) *browser.Browser {
	t.Helper()
	b, err := browser.Start(t.Context(), o)
	switch {
	case errors.Is(err, browser.ErrNone) && os.Getenv("CI") == "":
		t.Skip(err)
	case err != nil:
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}
