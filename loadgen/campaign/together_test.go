package campaign

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pushbench/results"
	"pushbench/results/hdr"
)

func TestThoseBesideShareWhatIsOfAll(t *testing.T) {
	o := seeded(1)
	o.Scenario.Together = true
	lead := (&Campaign{Options: o}).prepare(0, o.steps()[0])
	lead.accompany()
	delay, latency := hdr.New(), hdr.New()
	delay.Record(time.Millisecond)
	lead.result.Usage = results.Usage{ServerCPU: time.Second, ServerBusy: 0.95}
	lead.result.Measured = 5 * time.Second
	lead.result.Disturbed = results.Disturbance{Steal: time.Second}
	lead.result.Wire = &results.Wire{SegmentsDown: 7}
	lead.result.Histograms = map[string]*hdr.Histogram{results.GeneratorDelay: delay, results.Latency: latency}
	lead.blame("shared-cpu", results.Invalid, "one CPU", "more")
	for i, one := range lead.all() {
		one.result.Traffic.Delivered = int64(100 * (i + 1))
		one.result.Series.Slices = []results.Slice{{Delivered: int64(i)}, {}}
	}
	lead.result.Series.Slices[0].ServerCPU = time.Minute
	lead.share()
	for i, one := range lead.all() {
		r := one.result
		if r.Together == nil || r.Together.Clients != 4*o.Scenario.Clients || r.Together.Delivered != 1000 ||
			!slices.Equal(r.Together.Transports, []string{"poll", "longpoll", "sse", "ws"}) {
			t.Errorf("%s shares %+v", r.Transport, r.Together)
		}
		if r.Usage.ServerBusy != 0.95 || r.Disturbed.Steal != time.Second || r.Measured != 5*time.Second || r.Wire != nil {
			t.Errorf("%s: usage %+v, disturbance %+v, measured %s, wire %v", r.Transport, r.Usage, r.Disturbed, r.Measured, r.Wire)
		}
		if s := r.Series.Slices[0]; s.ServerCPU != time.Minute || s.Delivered != int64(i) {
			t.Errorf("%s: first slice %+v", r.Transport, s)
		}
		if r.Histograms[results.GeneratorDelay].Count() != 1 || (r.Histograms[results.Latency] == nil) != (i > 0) {
			t.Errorf("%s has the histograms %v", r.Transport, r.Histograms)
		}
		if len(r.Verdict.Reasons) != 1 || r.Traffic.Delivered != int64(100*(i+1)) {
			t.Errorf("%s: reasons %v, %d delivered", r.Transport, r.Verdict.Reasons, r.Traffic.Delivered)
		}
		// Judging one must not touch what is said of the others.
		r.Judge(nil)
	}
	if alone := (&Campaign{Options: seeded(1)}).prepare(0, seeded(1).steps()[0]); alone.cells() != 1 {
		t.Errorf("a trial of its own measures %d cells", alone.cells())
	} else if alone.share(); alone.result.Together != nil {
		t.Errorf("a trial of its own shares %+v", alone.result.Together)
	}
}

func TestTheServerIsToldWhomToServeAndInWhichOrder(t *testing.T) {
	for _, c := range []struct {
		together, rotate bool
		want             string
	}{
		{false, false, "--transports poll"},
		{true, false, "--transports poll,longpoll,sse,ws"},
		{false, true, "--transports poll --rotate"},
	} {
		o := seeded(1)
		o.Scenario.Together, o.Scenario.Rotate = c.together, c.rotate
		lead := (&Campaign{Options: o, run: &results.Run{}}).prepare(0, o.steps()[0])
		lead.accompany()
		var told []string
		for i, arg := range lead.serveArgs() {
			if arg == "--transports" {
				told = append(told, arg, lead.serveArgs()[i+1])
			}
			if arg == "--rotate" {
				told = append(told, arg)
			}
		}
		if got := strings.Join(told, " "); got != c.want {
			t.Errorf("together %v, rotate %v: the server is told %q, want %q", c.together, c.rotate, got, c.want)
		}
	}
}
