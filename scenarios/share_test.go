package scenarios_test

import (
	"testing"

	"pgregory.net/rapid"

	"pushbench/scenarios"
)

func TestASharesTextReadsBackAsTheSameShare(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := scenarios.Share(rapid.Float64Range(0, 100).Draw(t, "share"))
		var got scenarios.Share
		if err := got.Set(want.String()); err != nil || got != want {
			t.Errorf("%s reads as %v, %v", want, got, err)
		}
	})
	for _, text := range []string{"", "5", "%", "-1%", "101%", "1e1%", "NaN%", "5 %"} {
		var s scenarios.Share
		if err := s.Set(text); err == nil {
			t.Errorf("%q is a share: %s", text, s)
		}
	}
}

func TestAShareOfSomethingIsSomebody(t *testing.T) {
	for _, c := range []struct {
		share   scenarios.Share
		n, want int
	}{{0, 100, 0}, {5, 100, 5}, {1, 20, 1}, {2.5, 100, 3}, {100, 7, 7}} {
		if got := c.share.Of(c.n); got != c.want {
			t.Errorf("%s of %d is %d, want %d", c.share, c.n, got, c.want)
		}
	}
}
