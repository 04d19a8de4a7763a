package scenarios_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"pushbench/scenarios"
)

func TestEveryScenarioSaysWhatWasMeasured(t *testing.T) {
	for _, name := range scenarios.Names() {
		s, err := scenarios.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		if s.Measured == "" {
			t.Errorf("%s has no measured: run it on a quiet machine and say in a line, with the date, what it said", name)
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
