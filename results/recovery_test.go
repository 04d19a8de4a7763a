package results

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"pushbench/results/hdr"
)

// backAfter is a fault that has cut so many clients, of whom some came back, at the
// times given in milliseconds.
func backAfter(kind string, cut int64, times ...int) Fault {
	f := Fault{Kind: kind, Spec: kind + " at 2s", Cut: cut, Back: hdr.New()}
	for _, n := range times {
		f.Back.Record(time.Duration(n) * time.Millisecond)
		f.Restored++
	}
	return f
}

func TestRecoveryTakesUntilSoManyOfTheCutAreBack(t *testing.T) { // D3
	var hundred []int
	for i := 1; i <= 100; i++ {
		hundred = append(hundred, i)
	}
	type absent struct{}
	for name, c := range map[string]struct {
		faults          []Fault
		half, most, all any
	}{
		"everybody":             {[]Fault{backAfter("reset", 100, hundred...)}, 50.0, 95.0, 100.0},
		"all but four":          {[]Fault{backAfter("reset", 100, hundred[:96]...)}, 50.0, 95.0, absent{}},
		"all but six":           {[]Fault{backAfter("reset", 100, hundred[:94]...)}, 50.0, absent{}, absent{}},
		"fewer than half":       {[]Fault{backAfter("reset", 100, hundred[:49]...)}, absent{}, absent{}, absent{}},
		"nobody was cut":        {[]Fault{backAfter("stall", 0)}, absent{}, absent{}, absent{}},
		"two faults as one lot": {[]Fault{backAfter("reset", 50, hundred[:50]...), backAfter("reset", 50, hundred[50:]...)}, 50.0, 95.0, 100.0},
	} {
		trial := &Trial{Recovery: &Recovery{Faults: c.faults}}
		for metric, want := range map[string]any{"restored_p50": c.half, "restored_p95": c.most, "restored_max": c.all} {
			got, ok := trial.Metric(metric)
			number, told := want.(float64)
			if ok != told || got < number*0.999 || got > number*1.001 { // a histogram has three figures
				t.Errorf("%s: %s is %g, %t; want %v", name, metric, got, ok, want)
			}
		}
	}
	for _, m := range []string{"restored_p50", "cut", "reconnect_peak", "unrestored"} {
		if got, ok := new(Trial).Metric(m); ok {
			t.Errorf("%s of a trial without faults is %g, want none", m, got)
		}
	}
}

func TestReconnectingIsToldByItsFullestWindow(t *testing.T) { // G19
	f := Fault{Back: hdr.New()}
	f.Attempts = []int64{60, 0, 30, 10}
	quiet := Fault{Back: hdr.New()}
	trial := &Trial{Recovery: &Recovery{Faults: []Fault{quiet, f}}}
	for metric, want := range map[string]float64{"reconnect_attempts": 100, "reconnect_peak": 60, "reconnect_peak_ratio": 2.4} {
		if got, ok := trial.Metric(metric); !ok || got != want {
			t.Errorf("%s is %g, %t; want %g", metric, got, ok, want)
		}
	}
	for _, metric := range []string{"accept_queue_peak", "server_busiest"} {
		if got, ok := trial.Metric(metric); ok {
			t.Errorf("%s is %g though nobody could look", metric, got)
		}
	}
	trial.Recovery.Faults[0].Queue = new(int64(0))
	if got, ok := trial.Metric("accept_queue_peak"); !ok || got != 0 {
		t.Errorf("a queue that was seen empty is %g, %t", got, ok)
	}
}

func TestWhatAFaultBreaksIsWhatTheScenarioAskedFor(t *testing.T) {
	for name, c := range map[string]struct {
		trial Trial
		want  map[string]State
	}{
		"a reset, and all its connections with it": {
			Trial{Traffic: Traffic{Closed: map[string]int64{"reset": 3}}, Recovery: with(backAfter("reset", 3, 1, 2, 3), "reset", 3, 0)},
			map[string]State{"connections-lost": Valid},
		},
		"one was broken before": {
			Trial{Traffic: Traffic{Closed: map[string]int64{"reset": 4}}, Recovery: with(backAfter("reset", 3, 1, 2, 3), "reset", 3, 0)},
			map[string]State{"connections-lost": Suspect},
		},
		"attempts fail while there is no server": {
			Trial{Traffic: Traffic{ConnectFailed: 7, Closed: map[string]int64{"closed": 1}}, Recovery: with(backAfter("restart", 1, 1), "closed", 1, 7)},
			map[string]State{"connections-lost": Valid, "connect-failed": Valid},
		},
		"one failed before": {
			Trial{Traffic: Traffic{ConnectFailed: 8, Closed: map[string]int64{"closed": 1}}, Recovery: with(backAfter("restart", 1, 1), "closed", 1, 7)},
			map[string]State{"connections-lost": Valid, "connect-failed": Invalid},
		},
		"attempts fail though the server lives": {
			Trial{Traffic: Traffic{ConnectFailed: 7, Closed: map[string]int64{"reset": 1}}, Recovery: with(backAfter("reset", 1, 1), "reset", 1, 7)},
			map[string]State{"connections-lost": Valid, "connect-failed": Invalid},
		},
		"attempts fail when there is a server again": {
			Trial{Traffic: Traffic{ConnectFailed: 9, Closed: map[string]int64{"closed": 1}}, Recovery: with(backAfter("restart", 1, 1), "closed", 1, 7)},
			map[string]State{"connections-lost": Valid, "connect-failed": Invalid},
		},
		"the generator has no port left, while there is no server": {
			Trial{Traffic: Traffic{ConnectFailed: 7, Closed: map[string]int64{"closed": 1}}, Recovery: owning(with(backAfter("restart", 1, 1), "closed", 1, 6), "no port")},
			map[string]State{"connections-lost": Valid, "connect-failed": Invalid},
		},
		"more break than the server was told to end": {
			Trial{Traffic: Traffic{Closed: map[string]int64{"reset": 3, "closed": 27}}, Recovery: others(with(backAfter("reset", 30, 1, 2, 3), "reset", 3, 0), "closed", 27)},
			map[string]State{"connections-lost": Suspect, "unrestored": Valid},
		},
		"one that was back breaks again": {
			Trial{Traffic: Traffic{Closed: map[string]int64{"closed": 4}}, Recovery: again(with(backAfter("restart", 4, 1, 2, 3, 4), "closed", 4, 0), "closed")},
			map[string]State{"connections-lost": Suspect},
		},
		"one stays away": {
			Trial{Traffic: Traffic{Closed: map[string]int64{"reset": 3}}, Recovery: with(backAfter("reset", 3, 1, 2), "reset", 3, 0)},
			map[string]State{"connections-lost": Valid, "unrestored": Valid},
		},
		"something came twice": {
			Trial{Events: Accounting{Duplicated: 1}, Traffic: Traffic{Closed: map[string]int64{"reset": 1}}, Recovery: with(backAfter("reset", 1, 1), "reset", 1, 0)},
			map[string]State{"connections-lost": Valid, "duplicated": Suspect},
		},
	} {
		c.trial.Judge(nil)
		got := map[string]State{}
		for _, r := range c.trial.Verdict.Reasons {
			got[r.Code] = r.State
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// with is a recovery of one fault with what ended and failed after it.
func with(f Fault, ended string, n, refused int64) *Recovery {
	f.Ended, f.Refused, f.Vain, f.Closed = map[string]int64{ended: n}, refused, map[string]int64{"refused": refused}, n
	return &Recovery{Faults: []Fault{f}}
}

// owning lets an attempt fail by the generator's own doing.
func owning(r *Recovery, reason string) *Recovery {
	r.Faults[0].Vain[reason]++
	r.Faults[0].Refused++
	return r
}

// others lets connections break that the fault has nothing to do with.
func others(r *Recovery, reason string, n int64) *Recovery {
	r.Faults[0].Ended[reason] += n
	return r
}

// again says that one of the clients was cut twice.
func again(r *Recovery, reason string) *Recovery {
	r.Faults[0].Again = map[string]int64{reason: 1}
	return r
}

func TestASourceThatAFaultHeldUpIsNotBlamedForIt(t *testing.T) {
	late := func(kind string) *Trial {
		lag, latency := hdr.New(), hdr.New()
		for range 200 {
			lag.Record(300 * time.Millisecond)
			latency.Record(310 * time.Millisecond)
		}
		t := &Trial{
			Events: Accounting{Intended: 100, InTime: 90}, Histograms: map[string]*hdr.Histogram{Lag: lag, Latency: latency},
		}
		if kind != "" {
			t.Recovery = &Recovery{Faults: []Fault{backAfter(kind, 0)}}
		}
		t.Judge(nil)
		return t
	}
	for kind, want := range map[string]State{"": Suspect, "reset": Suspect, "stall": Valid, "restart": Valid, "drain": Valid} {
		for _, code := range []string{"source-lag", "rate-missed"} {
			reasons := late(kind).Verdict.Reasons
			at := slices.IndexFunc(reasons, func(r Reason) bool { return r.Code == code })
			if at < 0 || reasons[at].State != want {
				t.Errorf("%s after %q: %+v, want %s", code, kind, reasons, want)
			}
		}
	}
}

func TestARecoverySurvivesItsFile(t *testing.T) {
	want := Trial{Recovery: with(backAfter("restart", 3, 1, 2, 3), "closed", 3, 5)}
	want.Recovery.Faults[0].Queue = new(int64(12))
	text, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var got Trial
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	for _, m := range Metrics {
		a, known := m.Of(&want)
		b, told := m.Of(&got)
		if a != b || known != told {
			t.Errorf("%s is %g, %t after a file, and was %g, %t", m.Name, b, told, a, known)
		}
	}
}
