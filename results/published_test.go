package results_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"pushbench/results"
)

func TestWhatIsPublishedComesFromTheScenarioAsExecuted(t *testing.T) {
	run := &results.Run{Executed: json.RawMessage(`{"clients":5,"published":[{"source":"S","differs":"D","metric":"fanout_p50","unit":"ms",` +
		`"figures":[{"transport":"ws","at":{"clients":"5"},"value":0.5},{"transport":"longpoll","over":"ws","value":2}]}]}`)}
	want := []results.Publication{{Source: "S", Differs: "D", Metric: "fanout_p50", Unit: "ms", Figures: []results.Figure{
		{Transport: "ws", At: map[string]string{"clients": "5"}, Value: 0.5}, {Transport: "longpoll", Over: "ws", Value: 2}}}}
	if diff := cmp.Diff(want, run.Published()); diff != "" {
		t.Errorf("published (-want +got):\n%s", diff)
	}
	for _, text := range []string{``, `null`, `1`, `{"published":{}}`, `{"published":[{"figures":1}]}`} {
		if got := (&results.Run{Executed: json.RawMessage(text)}).Published(); got != nil {
			t.Errorf("%s has published %v", text, got)
		}
	}
}

func TestASettingIsWrittenAsAxesWriteIt(t *testing.T) {
	run := &results.Run{Executed: json.RawMessage(`{"clients":5,"reuse":true,"payload":{"size":"30B"},"poll":{"interval":"1s"}}`)}
	for key, want := range map[string]string{"clients": "5", "reuse": "true", "payload.size": "30B", "poll.interval": "1s"} {
		if got, known := run.Setting(key); !known || got != want {
			t.Errorf("%s is %q, %v: want %q", key, got, known, want)
		}
	}
	for _, key := range []string{"", "payload.sise", "clients.many", "nothing"} {
		if got, known := run.Setting(key); known {
			t.Errorf("%q is %q", key, got)
		}
	}
}

func TestOverheadIsWhatIsAroundPayloadsAndNotWhatClientsSend(t *testing.T) {
	trial := measured() // 10,000 deliveries of 64 B in 2,000,000 B down and 10,000 B up, 500 requests, 10 clients, 2 s
	for name, want := range map[string]float64{
		"overhead_bytes_per_event":   137,
		"down_bytes_per_request":     4000,
		"up_bytes_per_request":       20,
		"requests_per_client_minute": 1500,
		"latency_sd":                 288.675, // uniform on a second
	} {
		if got, ok := trial.Metric(name); !ok || got < want*0.999 || got > want*1.001 {
			t.Errorf("%s = %v, %v; want %v", name, got, ok, want)
		}
	}
	trial.Uplink = results.Uplink{UpBytes: 10_000, DownBytes: 360_000}
	if got, _ := trial.Metric("overhead_bytes_per_event"); got != 100 {
		t.Errorf("overhead beside what clients send = %v, want 100", got)
	}
	trial.Traffic.PayloadBytes, trial.Traffic.Requests = 0, 0
	for _, name := range []string{"overhead_bytes_per_event", "down_bytes_per_request", "up_bytes_per_request"} {
		if got, ok := trial.Metric(name); ok {
			t.Errorf("%s of no payload and no request = %v", name, got)
		}
	}
}
