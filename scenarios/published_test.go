package scenarios_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"pushbench/results"
	"pushbench/scenarios"
)

func TestWhatOthersPublishedIsReadAsRowsAreWritten(t *testing.T) {
	s, err := scenarios.Decode("x.yaml", []byte(`schedule: {rate: 1/s}
published:
  - source: Somebody, 2015
    differs: >-
      their set-up
      was another one
    metric: fanout_p50
    unit: ms
    figures:
      - {transport: ws, at: {clients: 100, payload.size: 5000B, poll.interval: 1000ms}, value: 0.59}
      - {transport: sse, value: 8}
  - {source: The same, differs: nothing, derived: of the two, metric: fanout_p50, unit: ratio, figures: [{transport: longpoll, over: ws, value: 1.6}]}
`))
	if err != nil {
		t.Fatal(err)
	}
	want := []results.Publication{
		{Source: "Somebody, 2015", Differs: "their set-up was another one", Metric: "fanout_p50", Unit: "ms", Figures: []results.Figure{
			{Transport: "ws", At: map[string]string{"clients": "100", "payload.size": "5kB", "poll.interval": "1s"}, Value: 0.59},
			{Transport: "sse", Value: 8}}},
		{Source: "The same", Differs: "nothing", Derived: "of the two", Metric: "fanout_p50", Unit: "ratio", Figures: []results.Figure{{Transport: "longpoll", Over: "ws", Value: 1.6}}},
	}
	if diff := cmp.Diff(want, s.Published); diff != "" {
		t.Errorf("published (-want +got):\n%s", diff)
	}
}

func TestAFigureThatCannotStandBesideARowIsRefused(t *testing.T) { // R1
	const good = "schedule: {rate: 1/s}\npublished:\n  - source: S\n    differs: D\n    metric: fanout_p50\n    unit: ms\n    figures:\n      - {transport: ws, value: 1}\n"
	if _, err := scenarios.Decode("x.yaml", []byte(good)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ old, new, want string }{
		{"source: S", "sauce: S", `x.yaml:3: unknown key published.1.sauce: did you mean published.1.source?`},
		{"source: S", "source: ''", `x.yaml:3: published.1.source: say who published it, where and when`},
		{"differs: D", "differs: ' '", `x.yaml:4: published.1.differs: say what of their set-up is not as here, or that nothing is`},
		{"differs: D", "differs: D\n    derived: ' '", `x.yaml:5: published.1.derived: say how the figures follow from what stands there, or leave it out where they stand there themselves`},
		{"fanout_p50", "fanout_p42", `x.yaml:5: published.1.metric: unknown metric "fanout_p42": those of --format json are there`},
		{"unit: ms", "unit: s", `x.yaml:6: published.1.unit: "s": want ms`},
		{"transport: ws,", "transport: ws, over: sse,", `x.yaml:6: published.1.unit: "ms": want ratio`},
		{"transport: ws,", "transport: ws, over: ws,", `x.yaml:8: published.1.figures.1.transport: want a transport, and another one than it is divided by`},
		{"value: 1", "value: 0", `x.yaml:8: published.1.figures.1.value: 0: want a number above zero`},
		{"value: 1", "value: .nan", `x.yaml:8: published.1.figures.1.value: NaN: want a number above zero`},
		{"value: 1", "value: much", `x.yaml:8: published.1.figures.1.value: want a number, such as 0.04`},
		{"transport: ws,", "transport: ws, at: {client: 1},", `x.yaml:8: published.1.figures.1.at: unknown key client: did you mean buffers.client?`},
		{"transport: ws,", "transport: ws, at: {payload.size: big},", `x.yaml:8: published.1.figures.1.at: "big" is not a size: want one such as 64B, 1KiB or 2kB`},
		{"transport: ws,", "transport: ws, at: {seed: 1},", `x.yaml:8: published.1.figures.1.at: seed is no axis: it is the same for a whole run`},
		{"transport: ws,", "transport: ws, at: 5,", `x.yaml:8: published.1.figures.1.at: want keys with values below it, such as clients: 100`},
		{"figures:\n      - {transport: ws, value: 1}", "figures: []", `x.yaml:7: published.1.figures: no figures: want a list such as [{transport: sse, value: 8}]`},
		{"figures:\n      - {transport: ws, value: 1}", "figures: 5", `x.yaml:7: published.1.figures: want a list, each of it with keys such as transport, over, at, value`},
	} {
		text := strings.Replace(good, c.old, c.new, 1)
		_, err := scenarios.Decode("x.yaml", []byte(text))
		if err == nil {
			t.Errorf("%q is read", text)
			continue
		}
		if got := problems(t, err); !slices.Contains(got, c.want) {
			t.Errorf("%q for %q: %q, want %q among them", c.new, c.old, got, c.want)
		}
	}
	s, err := scenarios.Decode("x.yaml", []byte(good))
	if err != nil {
		t.Fatal(err)
	}
	s.Published[0].Figures[0].At = map[string]string{"payload.size": "5000B"} // as no decoder leaves it
	if err := s.Validate(); err == nil || !strings.Contains(err.Error(), "payload.size: 5000B: write it as 5kB") {
		t.Errorf("%v", err)
	}
}

// What a replay says that others have published has a row to stand beside.
func TestEveryPublishedFigureOfTheCatalogueHasARow(t *testing.T) {
	replays := 0
	for _, name := range scenarios.Names() {
		s, err := scenarios.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		if (s.Group == "replays") != (len(s.Published) > 0) {
			t.Errorf("%s of the group %q has %d publications", name, s.Group, len(s.Published))
		}
		for _, p := range s.Published {
			m, _ := results.MetricOf(p.Metric)
			if m.Needs == results.NeedsDue && s.Untimed() {
				t.Errorf("%s has no %s", name, p.Metric)
			}
			for _, f := range p.Figures {
				replays++
				for _, transport := range []string{f.Transport, f.Over} {
					if transport != "" && len(s.Transports) > 0 && !slices.Contains(s.Transports, transport) {
						t.Errorf("%s: a figure of %s, which it does not measure", name, transport)
					}
				}
				fits := slices.ContainsFunc(s.Points(), func(p scenarios.Point) bool {
					for key, want := range f.At {
						if value, varies := p.Axes[key]; !varies || value != want {
							return false
						}
					}
					return true
				})
				if !fits {
					t.Errorf("%s: no point of its axes is %v", name, f.At)
				}
			}
		}
	}
	if replays < 30 {
		t.Errorf("%d published figures: is this the catalogue?", replays)
	}
}
