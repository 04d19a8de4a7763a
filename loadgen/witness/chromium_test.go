package witness

import (
	"testing"

	"pushbench/browser"
	"pushbench/browser/browsertest"
)

// What Chromium says is what the claims say of browsers; another answer would be
// news, and this test the first to know.
func TestWhatChromiumSaysOfTheProtocols(t *testing.T) {
	b := browsertest.Start(t, browser.Options{})
	for _, s := range Look(t.Context(), Options{Browser: b, Name: "Chromium", Claims: []string{"resume", "six-connections"}}) {
		if !s.Told || !s.Holds {
			t.Errorf("%s by %s: %+v", s.Claim, s.With, s)
		}
		t.Log(s.Text)
	}
}
