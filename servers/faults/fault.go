// Package faults is servers that cheat: each breaks the promise of delivery in
// one way, so that what claims to notice can be shown to.
package faults

import (
	"context"
	"net/http"

	"pushbench/servers/source"
)

// A Fault is one way to cheat. It works on any server half, because it stands
// between the half and its source, or between the half and its clients.
type Fault struct {
	Name string // for flags and tests
	Does string // what is wrong, in words

	// View goes into the options of the half's source. Nil shows the logs as they
	// are.
	View source.View

	rewrite rewrite // of every request; nil leaves them as they are
}

// All are the faults there are.
var All = []Fault{
	{Name: "drop", Does: "leaves out each seventh event", View: drop},
	{Name: "duplicate", Does: "shows each seventh event twice", View: duplicate},
	{Name: "swap", Does: "exchanges the first two events of a reading", View: swap},
	{Name: "corrupt", Does: "changes the payload of each seventh event, and not its envelope", View: corrupt},
	{Name: "ignore-cursor", Does: "resumes at the newest event without a notice", rewrite: ignoreCursor},
	{Name: "repeat-last", Does: "resumes one event too early", rewrite: repeatLast},
	{Name: "hide-gap", Does: "falls off the log without a notice", rewrite: hideGap},
	{Name: "forget-epoch", Does: "takes a cursor of another epoch for its own", rewrite: forgetEpoch},
	{Name: "accept-garbage", Does: "takes a cursor that is none for no cursor", rewrite: acceptGarbage},
	{Name: "wrong-topic", Does: "shows the events of the next topic", rewrite: wrongTopic},
}

// Wrap puts the fault between clients and a half on src. A View does its work
// in the source and is not the wrapper's business.
func (f Fault) Wrap(src *source.Source, half http.Handler) http.Handler {
	if f.rewrite == nil {
		return half
	}
	return &cheat{src, half, f.rewrite}
}

// A cheat hands a half other requests than the clients made.
type cheat struct {
	source  *source.Source
	half    http.Handler
	rewrite rewrite
}

// ServeHTTP implements http.Handler. A request without a known topic is left to
// the half to refuse.
func (c *cheat) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if a, err := read(c.source, r); err == nil {
		c.rewrite(&a)
		r = a.write(r)
	}
	c.half.ServeHTTP(w, r)
}

// Shutdown passes the order on to a half that takes it.
func (c *cheat) Shutdown(ctx context.Context) error {
	if half, ok := c.half.(interface{ Shutdown(context.Context) error }); ok {
		return half.Shutdown(ctx)
	}
	return nil
}
