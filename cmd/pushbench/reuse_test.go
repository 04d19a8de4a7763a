package main

import (
	"testing"
	"time"

	"pushbench/scenarios"
)

// Without reuse each question and each post has a connection of its own, and they
// are counted as what they are; with it the phase opens none.
func TestConnectionsAndRequestsAreCountedApart(t *testing.T) { // L11
	pushbench := program(t)
	for _, reuse := range []bool{true, false} {
		s := scenarios.Default()
		s.Name, s.Reuse, s.Transports = "reuse", reuse, []string{"poll", "longpoll", "sse"}
		s.Clients, s.Schedule.Rate, s.Uplink.Rate, s.Trials, s.Spares = 10, 20, 5, 1, 0
		s.Poll.Interval, s.Warmup, s.Duration = scenarios.Duration(100*time.Millisecond), scenarios.Duration(50*time.Millisecond), scenarios.Duration(time.Second)
		got := execute(t, pushbench, s)
		wantVerdicts(t, s, got)
		for _, trial := range got.Trials {
			tr := trial.Traffic
			if tr.Requests < 10 || len(tr.Closed) > 0 || tr.ConnectFailed > 0 || tr.SayFailed > 0 {
				t.Errorf("%s, reuse %v: %+v", trial.Transport, reuse, tr)
			}
			// A connection is opened, and its request sent, at the same instant; that of a
			// post is opened when it is due.
			if edge := tr.Opened - tr.Requests; reuse != (tr.Opened == 0) || !reuse && (edge < -10 || edge > 10) {
				t.Errorf("%s, reuse %v: %d connections opened for %d requests", trial.Transport, reuse, tr.Opened, tr.Requests)
			}
			if up := trial.Uplink; reuse != (up.Opened == 10) || !reuse && up.Opened < up.Requests {
				t.Errorf("%s, reuse %v: %d connections for %d posts", trial.Transport, reuse, up.Opened, up.Requests)
			}
		}
	}
}
