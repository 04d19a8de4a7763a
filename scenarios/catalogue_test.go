package scenarios_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"pushbench/scenarios"
)

// unmeasured are the scenarios whose one line of what was measured is still to
// come. The list only ever gets shorter.
var unmeasured = []string{
	"claims-idle", "claims-push", "claims-uplink",
	"replay-bytes", "replay-fanout", "replay-poll-law", "replay-staleness",
}

func TestEveryScenarioSaysWhatWasMeasured(t *testing.T) {
	for _, name := range scenarios.Names() {
		s, err := scenarios.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		switch listed := slices.Contains(unmeasured, name); {
		case s.Measured == "" && !listed:
			t.Errorf("%s has no measured: run it on a quiet machine and say in a line, with the date, what it said; until then it stands in unmeasured", name)
		case s.Measured != "" && listed:
			t.Errorf("%s is measured: take it off the list of those that are not", name)
		}
	}
}

func TestABodyIsTheLoadWithoutWhatSpeaksOfIt(t *testing.T) {
	for _, name := range scenarios.Names() {
		text, err := scenarios.Source(name)
		if err != nil {
			t.Fatal(err)
		}
		want, err := scenarios.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		want.Title, want.Group, want.Question, want.About, want.Measured = "", "", "", "", ""
		got, err := scenarios.Decode(name+".yaml", scenarios.Body(text))
		if err != nil {
			t.Errorf("%s without its words: %v", name, err)
		} else if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s without its words (-want +got):\n%s", name, diff)
		}
	}
}

func TestABodyKeepsWhatOnlyLooksLikeWords(t *testing.T) {
	const text = "# a remark\nabout: |\n  text\n\n  title: of the text\n# kept\nclients: 5\npayload:\n  # question: none\n  size: 1B\ntitle: x\nschedule: {rate: 1/s}\n"
	const want = "# a remark\n# kept\nclients: 5\npayload:\n  # question: none\n  size: 1B\nschedule: {rate: 1/s}\n"
	if got := string(scenarios.Body([]byte(text))); got != want {
		t.Errorf("body is\n%s\nwant\n%s", got, want)
	}
}
