package campaign

import (
	"context"
	"fmt"
	"time"

	"pushbench/results"
	"pushbench/results/doctor"
	"pushbench/servers/wire"
)

// How long a trial waits for the ports of others, and how often it looks: TCP
// keeps a port for a minute after its connection's end.
const (
	patience = 65 * time.Second
	glance   = 250 * time.Millisecond
)

// rest waits until there are ports enough beside those of connections that wait
// out their end. Our own leave none behind, because an engine resets them, but
// another program's may; after a while the trial starts all the same, and says
// so. What that program does once it does again: the trials that follow do not
// wait.
func (t *trial) rest(ctx context.Context, waiting func() int) error {
	until := wire.Now()
	if !t.waited {
		until += int64(patience)
	}
	for {
		taken := waiting()
		switch {
		case doctor.Room(taken, t.lines(), t.facts.Ports):
			return nil
		case wire.Now() >= until:
			t.waited = true
			t.blame("time-wait", results.Valid,
				fmt.Sprintf("%d connections of this system still waited out their end when the trial began", taken),
				"end what else connects, or widen net.ipv4.ip_local_port_range")
			return nil
		}
		t.enter("wait for ports")
		if !sleep(ctx, wire.Now()+int64(glance)) {
			return context.Cause(ctx)
		}
	}
}

// accepted notes how many connections have found no room in the queue in which
// they wait to be accepted: their clients try again a second later.
func (t *trial) accepted(overflowed int64) {
	if overflowed > 0 {
		t.blame("accept-queue", results.Valid,
			fmt.Sprintf("%d times a connection found the server's queue full (counted for the whole system)", overflowed),
			"raise net.core.somaxconn or lower --connect-rate")
	}
}
