package threshold_test

import (
	"errors"
	"strings"
	"testing"

	"pushbench/results/threshold"
)

func TestAGateIsReadAsItIsMeant(t *testing.T) { // R5
	for _, c := range []struct {
		text, want string
		passes     []float64 // factors
		fails      []float64
	}{
		{"latency_p99>+10%", "latency_p99 > +10%", []float64{0.5, 1, 1.09, 1.1}, []float64{1.11, 20}},
		{"p99 > 10 %", "latency_p99 > +10%", []float64{1.1}, []float64{1.11}},
		{"sse:p99.9 >= +2.5%", "sse:latency_p999 >= +2.5%", []float64{1.02}, []float64{1.025, 1.03}},
		{"throughput<-5%", "throughput < -5%", []float64{2, 1, 0.96}, []float64{0.94, 0}},
		{" ws : throughput <= -5 % ", "ws:throughput <= -5%", []float64{0.951}, []float64{0.95}},
		{"lost > 0%", "lost > 0%", []float64{1, 0.9}, []float64{1.001}},
		{"lost > -0%", "lost > 0%", []float64{1, 0.9}, []float64{1.001}},
		{"capacity < -20%", "capacity < -20%", []float64{0.9}, []float64{0.7}},
		{"throughput <= -100%", "throughput <= -100%", []float64{0.01}, []float64{0}},
	} {
		g, err := threshold.ParseGate(c.text)
		if err != nil {
			t.Errorf("%q: %v", c.text, err)
			continue
		}
		if got := g.String(); got != c.want {
			t.Errorf("%q is read as %q, want %q", c.text, got, c.want)
		}
		for _, factor := range c.passes {
			if g.Beyond(factor) {
				t.Errorf("%q: a change by %v is beyond it", c.text, factor)
			}
		}
		for _, factor := range c.fails {
			if !g.Beyond(factor) {
				t.Errorf("%q: a change by %v is not beyond it", c.text, factor)
			}
		}
	}
}

func TestAWrongGateIsToldWhereAndWhatIsRight(t *testing.T) { // R5
	for _, c := range []struct {
		text string
		at   int
		want string
	}{
		{"", 1, "want a metric"},
		{":p99>+1%", 1, "want a transport before the colon"},
		{"latency_99>+10%", 1, "did you mean latency_p99?"},
		{"sse: verdict > +1%", 6, "a verdict changes by no share"},
		{"latency_p99", 12, "want one of < <= > >="},
		{"latency_p99 == 0%", 13, "no two runs are equal"},
		{"latency_p99 >", 14, "want a number"},
		{"latency_p99 > fast", 15, "want a number"},
		{"latency_p99 > 1e3%", 16, "want % behind the number"},
		{"latency_p99 > +10", 18, "want % behind the number"},
		{"latency_p99 > +10ms", 18, "a change is a share"},
		{"latency_p99 > +10%%", 18, "want % behind the number"},
		{"latency_p99 > -10%", 15, "names a rise that must not be, as in >+10%; of what must not fall write <-10%"},
		{"throughput < +5%", 14, "names a fall that must not be"},
		{"throughput < -101%", 14, "nothing falls by more than 100 %"},
		{"µ:p99 > +10%", 1, "want a metric"},
		{strings.Repeat("p", 200), 129, "longer than 128 bytes"},
	} {
		g, err := threshold.ParseGate(c.text)
		parse, ok := errors.AsType[*threshold.ParseError](err)
		if !ok || g != (threshold.Gate{}) {
			t.Errorf("%q is read as %v: %v", c.text, g, err)
			continue
		}
		if parse.At != c.at || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: character %d: %v; want %d: %s", c.text, parse.At, err, c.at, c.want)
		}
	}
}

func TestMetricsAreNamedAsInExpressions(t *testing.T) {
	for text, want := range map[string]string{"p99": "latency_p99", "p99.9": "latency_p999", "lost": "lost"} {
		if m, err := threshold.MetricOf(text); err != nil || m.Name != want {
			t.Errorf("%q is %q: %v", text, m.Name, err)
		}
	}
	for _, text := range []string{"", "capacity", "verdict", "latency_99"} {
		m, err := threshold.MetricOf(text)
		if _, ok := errors.AsType[*threshold.MetricError](err); !ok {
			t.Errorf("%q is %q: %v", text, m.Name, err)
		}
		if err != nil && (strings.Contains(err.Error(), "mean verdict") || strings.Contains(err.Error(), "mean capacity")) {
			t.Errorf("%q: %v, which is no metric either", text, err)
		}
	}
}

// Whatever is read, is read the same from how it is written.
func FuzzGate(f *testing.F) { // R11
	for _, text := range []string{"latency_p99>+10%", "sse:throughput < -5%", "lost>0%", "capacity<=-100%", ":>%", "p99>+999999999999999%", "\xff:p50>1%"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		g, err := threshold.ParseGate(text)
		if err != nil {
			return
		}
		again, err := threshold.ParseGate(g.String())
		if err != nil || again != g {
			t.Errorf("%q is read as %+v, written as %q and read as %+v: %v", text, g, g, again, err)
		}
	})
}
