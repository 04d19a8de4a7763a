package main

import (
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"pushbench/loadgen/target"
	"pushbench/servers/source"
	"pushbench/servers/wire"
)

// What a server has done in one life is part of what it has done in all of them:
// its clocks and counters never go back.
func TestAServersCountersGoOnThroughItsLives(t *testing.T) { // D5
	held, err := target.Reserve()
	if err != nil {
		t.Fatal(err)
	}
	defer held.Release()
	args := func(life int) []string {
		return []string{"serve", "--orders", "--listen", held.Address.String(), "--epoch", fmt.Sprintf("e%d", life)}
	}
	child, err := target.Start(t.Context(), target.Config{Executable: program(t), Args: args(0)})
	if err != nil {
		t.Fatal(err)
	}
	defer child.Stop()
	start := wire.Now() // all of the load is due, so it is published at once
	load := source.Load{
		Schedule: source.Schedule{Kind: source.Constant, Rate: 1000}, Payload: source.Payload{Min: 8, Max: 8, Content: source.Text},
		Start: start - int64(time.Second), End: start,
	}
	const lives, asked = 3, 50
	var cpu, writes int64
	for life := range lives {
		for range asked {
			answer, err := http.Get("http://" + child.Address.String() + "/poll?topic=t0")
			if err != nil {
				t.Fatal(err)
			}
			io.Copy(io.Discard, answer.Body)
			answer.Body.Close()
		}
		http.DefaultClient.CloseIdleConnections()
		load.Skip = child.Driven()
		load.End = start - int64(time.Second) + int64(life+1)*int64(200*time.Millisecond)
		if err := child.Drive(t.Context(), load); err != nil {
			t.Fatal(err)
		}
		account, err := child.Journal(t.Context(), 0, start, time.Now().Add(time.Minute))
		if err != nil {
			t.Fatal(err)
		}
		if want := 200 * (life + 1); account.Driven != want || len(account.Past) != life || len(account.Topics[0].Due) != 200 {
			t.Errorf("in life %d: %d events in %d lives before it, %d driven in all; want 200 in each", life, len(account.Topics[0].Due), len(account.Past), account.Driven)
		}
		if account.Spoken != 0 {
			t.Errorf("clients are said to have spoken %d events", account.Spoken)
		}
		count, err := child.Count(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if writes += asked; count.Writes != writes {
			t.Errorf("%d writes after life %d, want %d", count.Writes, life, writes)
		}
		used, err := child.CPUTime()
		if err != nil || used <= cpu {
			t.Errorf("%d ns of CPU time used after life %d, %v; it was %d before", used, life, err, cpu)
		}
		cpu = used
		if life == lives-1 {
			break
		}
		struck := false
		if err := child.Kill(t.Context(), 0, start, func() { struck = true }); err != nil || !struck {
			t.Fatalf("kill: %v, told: %t", err, struck)
		}
		if used, err := child.CPUTime(); err != nil || used < cpu {
			t.Errorf("a dead server has used %d ns, %v; it was %d alive", used, err, cpu)
		}
		if _, err := child.Count(t.Context()); err == nil {
			t.Error("a dead server counts")
		}
		if err := child.Again(t.Context(), args(life+1)); err != nil {
			t.Fatal(err)
		}
	}
}
