package threshold_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"pushbench/results"
	"pushbench/results/threshold"
)

func TestAnExpressionIsReadAsItIsMeant(t *testing.T) { // R5
	for _, c := range []struct {
		text, want string
		bound      float64 // in the metric's unit
	}{
		{"sse:latency_p99<50ms", "sse:latency_p99 < 50ms", 50},
		{"latency_p99 <= 0.25 s", "latency_p99 <= 0.25s", 250},
		{"p50<50ms", "latency_p50 < 50ms", 50},
		{"ws : p99.9 < 1min", "ws:latency_p999 < 1min", 60_000},
		{"p999<1ms", "latency_p999 < 1ms", 1},
		{"max < 900us", "latency_max < 900us", 0.9},
		{"delivery_p99.9 < 900 μs", "delivery_p999 < 900µs", 0.9},
		{"lost == 0", "lost == 0", 0},
		{"duplicated != 3", "duplicated != 3", 3},
		{"server_cpu_per_event <= 20us", "server_cpu_per_event <= 20us", 20},
		{"server_cpu_per_event > 0.02ms", "server_cpu_per_event > 0.02ms", 20},
		{"server_rss_per_client < 1MiB", "server_rss_per_client < 1MiB", 1024},
		{"server_rss_per_client > -2kB", "server_rss_per_client > -2kB", -2000. / 1024},
		{"down_bytes_per_event < 1KiB", "down_bytes_per_event < 1KiB", 1024},
		{"throughput >= 10000 events/s", "throughput >= 10000/s", 10_000},
		{"throughput >= 600/min", "throughput >= 600/min", 10},
		{"requests_per_event < 50%", "requests_per_event < 50%", 0.5},
		{"requests_per_event < 1.5", "requests_per_event < 1.5", 1.5},
		{"latency_p99 > 0", "latency_p99 > 0", 0},
		{"latency_p99 > -0", "latency_p99 > 0", 0},
		{"segments_per_client_minute < 12", "segments_per_client_minute < 12", 12},
	} {
		e, err := threshold.Parse(c.text)
		if err != nil {
			t.Errorf("%q: %v", c.text, err)
			continue
		}
		if got := e.String(); got != c.want {
			t.Errorf("%q is read as %q, want %q", c.text, got, c.want)
		}
		if got := e.Bound(); math.Abs(got-c.bound) > 1e-9*math.Abs(c.bound) {
			t.Errorf("%q: bound %v, want %v", c.text, got, c.bound)
		}
	}
	for _, text := range []string{"verdict valid", "verdict == valid", "verdict==valid", " verdict  valid "} {
		if e, err := threshold.Parse(text); err != nil || e.String() != "verdict valid" {
			t.Errorf("%q is read as %q: %v", text, e, err)
		}
	}
	if e, err := threshold.Parse("poll:verdict valid"); err != nil || e.String() != "poll:verdict valid" || e.Transport != "poll" {
		t.Errorf("a verdict of a transport is read as %+v: %v", e, err)
	}
}

func TestAWrongExpressionIsToldWhereAndWhatIsRight(t *testing.T) { // R5
	for _, c := range []struct {
		text string
		at   int
		want string
	}{
		{"", 1, "want a metric"},
		{"   ", 4, "want a metric"},
		{":p99<1ms", 1, "want a transport before the colon"},
		{"sse:", 5, "want a metric"},
		{"latency_99<50ms", 1, `unknown metric "latency_99": did you mean latency_p99?`},
		{"sse: lantency_p99<50ms", 6, "did you mean latency_p99?"},
		{"p99.5 < 50ms", 1, `unknown metric "p99.5"`},
		{"p9.9 < 50ms", 1, `unknown metric "p9.9"`},
		{"moonphase == 1", 1, `unknown metric "moonphase": those of`},
		{"verdit valid", 1, "did you mean verdict?"},
		{"latency_p99", 12, "want one of < <= > >= == !="},
		{"latency_p99 = 5ms", 13, "want one of <"},
		{"latency_p99 =< 5ms", 13, "want one of <"},
		{"latency_p99 < fast", 15, "want a number"},
		{"latency_p99 < 1e3ms", 16, `latency_p99 cannot be in "e3ms" (have ns, us, µs, ms, s, min)`},
		{"latency_p99 < 50", 17, "latency_p99 needs a unit (ns, us, µs, ms, s, min)"},
		{"latency_p99 < 50ms please", 17, `cannot be in "ms please"`},
		{"latency_p99 < 50B", 17, `cannot be in "B"`},
		{"lost == 0ms", 10, `lost is a bare number, without "ms"`},
		{"lost < -", 8, "want a number"},
		{"lost < 1.2.3", 8, "want a number"},
		{"lost < NaN", 8, "want a number"},
		{"lost < 9999999999999999999", 8, "want a number, up to 1e+15"},
		{"lost < 0.00000000000000000000001", 8, "want a number"},
		{"throughput > 10", 16, "throughput needs a unit (/s, /min, /h)"},
		{"µ < 1", 1, "want a metric"},
		{"p99 < 5µm", 8, `cannot be in "µm"`},
		{"verdict > valid", 9, "a verdict has no order"},
		{"verdict invalid", 9, "want verdict valid"},
		{"verdict valid!", 9, "want verdict valid"},
		{"verdict", 8, "want verdict valid"},
		{strings.Repeat("x", 200), 129, "longer than 128 bytes"},
	} {
		_, err := threshold.Parse(c.text)
		wrong, ok := errors.AsType[*threshold.ParseError](err)
		if !ok || wrong.At != c.at || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, want at %d: %s", c.text, err, c.at, c.want)
		}
	}
}

func TestAWrongExpressionIsAnErrorOfItsKind(t *testing.T) { // R5
	_, err := threshold.Parse("latenci_p99<50ms")
	if m, ok := errors.AsType[*threshold.MetricError](err); !ok || m.Name != "latenci_p99" || m.Near != "latency_p99" {
		t.Errorf("an unknown metric is %v", err)
	}
	_, err = threshold.Parse("latency_p99<50KiB")
	if u, ok := errors.AsType[*threshold.UnitError](err); !ok || u.Metric != "latency_p99" || u.Unit != "KiB" || len(u.Units) != 6 {
		t.Errorf("a wrong unit is %v", err)
	}
}

func TestEveryMetricCanBeDemanded(t *testing.T) { // R5
	for _, m := range results.Metrics {
		ok := 0
		for _, unit := range []string{"", "ms", "B", "/s"} {
			if e, err := threshold.Parse(m.Name + " < 1" + unit); err == nil && e.Metric == m.Name {
				ok++
			}
		}
		if ok != 1 {
			t.Errorf("%s (%s) can be written in %d of four kinds of units, want one", m.Name, m.Unit, ok)
		}
	}
}

func FuzzExpression(f *testing.F) { // R11
	for _, seed := range []string{"sse:latency_p99<50ms", "p99.9 >= 0.1 s", "verdict valid", "lost == 0", "ws:verdict==valid",
		"throughput>1/h", "requests_per_event!=-0.5%", "a:b:c<1", "latency_p99 < 99999999999999.9999999999ms", "μ", "p99<1\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		e, err := threshold.Parse(text)
		if err != nil {
			wrong, ok := errors.AsType[*threshold.ParseError](err)
			if !ok || wrong.At < 1 || len(err.Error()) > 6*len(text)+400 {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		again, err := threshold.Parse(e.String())
		if err != nil || again != e {
			t.Fatalf("%q is %+v, written as %q it is %+v (%v)", text, e, e, again, err)
		}
		if b := e.Bound(); math.IsNaN(b) || math.IsInf(b, 0) {
			t.Fatalf("%q: bound %v", text, b)
		}
	})
}
