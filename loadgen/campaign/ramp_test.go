package campaign

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pushbench/loadgen/crowd"
	"pushbench/loadgen/engine"
	"pushbench/loadgen/generator"
	"pushbench/loadgen/ws"
	"pushbench/results"
)

// A still engine connects nobody.
type still struct{}

func (still) Line(int, engine.Caller) engine.Line { return stillLine{} }
func (still) Run(context.Context) error           { return nil }
func (still) Do(_ int, f func(int64))             { f(0) }
func (still) Shards() int                         { return 1 }

type stillLine struct{ engine.Line }

func (stillLine) At(int64) {}

func TestARampIsSlowedUntilItIsOver(t *testing.T) { // G4
	synctest.Test(t, func(t *testing.T) {
		const clients = 10 // one a second
		one := &trial{Campaign: &Campaign{}, result: &results.Trial{}}
		engine := func(engine.Options) (engine.Engine, error) { return still{}, nil }
		one.play = generator.Here(generator.NewPlayer(engine, generator.Halves{"ws": ws.New}))
		play := generator.Play{Shards: 1, Crowds: []generator.Crowd{{
			Transport: "ws", Options: crowd.Options{Clients: clients, Topics: []string{"t0"}, ConnectRate: 1},
		}}}
		if err := errors.Join(one.play.Prepare(t.Context(), play, make([][]netip.Addr, 1)), one.play.Begin(t.Context(), clients)); err != nil {
			t.Fatal(err)
		}
		slow := func() bool {
			slowed, err := one.slow(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return slowed
		}
		var slowed []bool
		for range 2 {
			slowed = append(slowed, slow(), slow()) // the second sees what the first has not mended yet
			<-time.After(effect)
		}
		if want := []bool{true, false, true, false}; !slices.Equal(slowed, want) {
			t.Errorf("slowed %v, want %v", slowed, want)
		}
		<-time.After(4 * clients * time.Second) // at a quarter of the pace all have come by now
		if slow() {
			t.Error("a ramp that is over was slowed")
		}
		one.accepted(7)
		if r := one.result.Verdict.Reasons; len(r) != 1 || r[0].State != results.Valid || !strings.Contains(r[0].Text, "7 times") || !strings.Contains(r[0].Text, "4 times slower") {
			t.Errorf("it is said to be %+v", r)
		}
		one.accepted(0)
		if len(one.result.Verdict.Reasons) != 1 {
			t.Error("what did not happen is told")
		}
	})
}
