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

// rampGlance is how often the clients' arrival is held against the overflows of the
// queue in which they wait to be accepted.
const rampGlance = 25 * time.Millisecond

// A ramp is slowed down five times at most, to a thirty-second of what was asked for,
// and not twice within the time in which the last time can show: until then what
// overflows is still the faster pace's doing.
const (
	maxSlowed = 5
	effect    = 200 * time.Millisecond
)

// accepted notes how many connections have found no room in the queue in which
// they wait to be accepted: their clients try again a second later.
func (t *trial) accepted(overflowed int64) {
	if overflowed == 0 {
		return
	}
	text := fmt.Sprintf("%d times a connection found the server's queue full (counted for the whole system)", overflowed)
	if t.slowed > 0 {
		text += fmt.Sprintf("; clients came %d times slower at the end of their arrival", 1<<t.slowed)
	}
	hint := "raise net.core.somaxconn or lower --connect-rate"
	if t.after != nil {
		hint += "; a longer --backoff-first spreads those that come back from a fault"
	}
	t.blame("accept-queue", results.Valid, text, hint)
}
