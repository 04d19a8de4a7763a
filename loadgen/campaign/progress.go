package campaign

import (
	"context"
	"time"

	"pushbench/loadgen/generator"
)

// watch reports the trial's progress until the context ends, and says when it
// has stopped.
func (t *trial) watch(ctx context.Context) <-chan struct{} {
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		if t.Report == nil {
			return
		}
		ticker := time.NewTicker(250 * time.Millisecond)
		defer ticker.Stop()
		last, seen := time.Now(), int64(0)
		for {
			live, clients := t.live(ctx)
			now := time.Now()
			p := Progress{
				Trial: t.result.Order + 1, Trials: t.Campaign.run.Planned,
				Cell: t.step.String(), Phase: t.at(),
				Clients: clients, Joined: live.Joined,
				P99: live.P99, Left: t.left(now), AtMost: t.Campaign.run.Until != nil,
			}
			if passed := now.Sub(last); passed > 0 {
				p.Rate = float64(live.Received-seen) / passed.Seconds()
			}
			last, seen = now, live.Received
			t.Report(p)
			select {
			case <-ticker.C:
			case <-ctx.Done():
				return
			}
		}
	}()
	return stopped
}

// live looks at the clients of all that run at this time, and counts them.
func (t *trial) live(ctx context.Context) (now generator.Glance, clients int) {
	if play := t.glance.Load(); play != nil {
		now, _ = play.Look(ctx, 0) // what cannot be seen is told elsewhere
	}
	return now, t.step.load().Clients
}

// left estimates the rest of the campaign from the trials that are done; without
// a fixed number of them it is what is left of the longest time.
func (t *trial) left(now time.Time) time.Duration {
	if u := t.Campaign.run.Until; u != nil {
		return max(0, u.MaxTime-now.Sub(t.began))
	}
	if t.result.Order == 0 {
		return 0
	}
	each := t.result.Started.Sub(t.began) / time.Duration(t.result.Order)
	left := each*time.Duration(t.Campaign.run.Planned-t.result.Order) - now.Sub(t.result.Started)
	return max(0, left)
}
