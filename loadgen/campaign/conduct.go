package campaign

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"pushbench/loadgen/crowd"
	"pushbench/loadgen/engine"
	"pushbench/loadgen/generator"
	"pushbench/loadgen/recorder"
	"pushbench/results"
	"pushbench/results/hdr"
	"pushbench/scenarios"
	"pushbench/servers/host"
	"pushbench/servers/source"
)

// conductOf is what a scenario's clients do beside receiving.
func conductOf(s *scenarios.Scenario) crowd.Conduct {
	return crowd.Conduct{
		Slow:      s.Slow.Share.Of(s.Clients),
		Speed:     speedOf(s),
		Vanish:    s.Vanish.Share.Of(s.Clients),
		VanishAt:  s.Vanish.At.Duration(),
		Leave:     s.Leave.Share.Of(s.Clients),
		LeaveAt:   s.Leave.At.Duration(),
		LeaveFor:  s.Leave.For.Duration(),
		LeaveOver: s.Leave.Over.Duration(),
		Stay:      s.Churn.Stay.Duration(),
		Away:      s.Churn.Away.Duration(),
	}
}

// speedOf is how many payload bytes a slow client reads in a second: its share of
// what is offered in the mean.
func speedOf(s *scenarios.Scenario) float64 {
	if s.Slow.Speed == 100 {
		return math.Inf(1)
	}
	rate := float64(s.Schedule.Rate)
	if s.Schedule.To > 0 {
		rate = (rate + float64(s.Schedule.To)) / 2
	}
	return float64(s.Slow.Speed) / 100 * rate * float64(s.Payload.Size.Min+s.Payload.Size.Max) / 2
}

// conducted says whether some clients do more than receive, or less, in any trial:
// those without are what the others are compared with.
func (o Options) conducted() bool {
	return slices.ContainsFunc(o.steps(), func(s step) bool { return conductOf(s.Scenario).Some() })
}

// able says whether this system can do what the scenario asks of its sockets.
func able(s *scenarios.Scenario) error {
	switch {
	case s.Vanish.Share > 0 && !engine.CanVanish:
		return fmt.Errorf("vanish.share: connections cannot be made to vanish on this system: run it on Linux")
	case s.Servers > 1 && !host.CanShare:
		return fmt.Errorf("servers: several processes cannot share a port on this system: run it on Linux")
	case s.Unacknowledged > 0 && !host.CanTimeOut:
		return fmt.Errorf("unacknowledged: this system has no such time-out: run it on Linux")
	}
	for _, buffer := range []struct {
		key, limit string
		size       scenarios.Size
	}{
		{"buffers.server", "net.core.wmem_max", s.Buffers.Server},
		{"buffers.client", "net.core.rmem_max", s.Buffers.Client},
	} {
		most, err := strconv.ParseInt(strings.TrimSpace(fileText("/proc/sys/"+strings.ReplaceAll(buffer.limit, ".", "/"))), 10, 64)
		if err == nil && int64(buffer.size) > most {
			return fmt.Errorf("%s: %s is more than the kernel gives (%s is %d): lower it, or raise that", buffer.key, buffer.size, buffer.limit, most)
		}
	}
	return nil
}

// look asks, at the end of the phase, what the server holds for clients that are
// slow or gone and what it has found out about them, before they read again.
func (t *trial) look(ctx context.Context) (err error) {
	if !t.conducted() {
		return nil
	}
	// What is under way to the others shall not wait for the answers.
	if err := t.await(ctx, t.to+int64(100*time.Millisecond)); err != nil {
		return err
	}
	if t.found, err = t.child.Found(ctx); err != nil {
		return err
	}
	_, t.result.Usage.ServerEnd, err = t.weigh(ctx)
	return err
}

// exposed notes how long it took the server to find out who is slow or has
// vanished, of the trial and those beside it. The engine has stopped.
func (t *trial) exposed(outcomes []generator.Outcome) {
	found := byClient(t.found)
	for i, outcome := range outcomes {
		expose(t.all()[i].result, outcome.Stalls, found, t.to)
	}
}

// expose notes it of the stalls before the instant, unless the record has failed:
// then there are no groups to note it of, and that is told elsewhere.
func expose(r *results.Trial, stalls []crowd.Stall, found findings, to int64) {
	if r.Groups == nil || r.Histograms == nil {
		return
	}
	spans := map[string]*hdr.Histogram{}
	for _, stall := range stalls {
		name, known := exposures[stall.Role]
		if !known || stall.At >= to {
			continue
		}
		g := r.Groups[name.group]
		g.Stalled++
		if at, known := found.first(stall, to); known {
			g.Found++
			if spans[name.histogram] == nil {
				spans[name.histogram] = hdr.New()
			}
			spans[name.histogram].Record(time.Duration(at - stall.At))
		}
		r.Groups[name.group] = g
	}
	for name, h := range spans {
		r.Histograms[name] = h.Packed()
	}
}

// exposures are what is found out about clients of which role.
var exposures = map[recorder.Role]struct{ group, histogram string }{
	recorder.Slow:      {results.GroupSlow, results.FoundSlow},
	recorder.Vanishing: {results.GroupVanished, results.FoundVanished},
}

// findings are the instants at which a server found something out, by client.
type findings map[string][]int64

func byClient(found []source.Finding) findings {
	all := findings{}
	for _, f := range found {
		all[f.Client] = append(all[f.Client], f.At)
	}
	return all
}

// first is when the server first knew of the stall, before the instant.
func (f findings) first(stall crowd.Stall, to int64) (at int64, known bool) {
	for _, at := range f[stall.Client.String()] {
		if at >= stall.At && at < to {
			return at, true
		}
	}
	return 0, false
}
