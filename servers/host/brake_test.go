package host

import (
	"slices"
	"testing"
	"time"

	"pushbench/servers/source"
	"pushbench/servers/wire"
)

// Two servers that are told of an instant to come have published the same events,
// however many of them were due just then.
func TestServersThatAreHaltedAtAnInstantEndAtTheSameEvent(t *testing.T) {
	servers := []*parent{}
	for range 2 {
		p, _ := obey(t)
		servers = append(servers, p)
	}
	start := wire.Now()
	load := source.Load{
		Schedule: source.Schedule{Kind: source.Poisson, Rate: 2000, Seed: 7},
		Payload:  source.Payload{Min: 8, Max: 8, Content: source.Text},
		Start:    start, End: start + int64(time.Hour),
	}
	at := start + int64(300*time.Millisecond) // they must hear of it before
	var want []int64
	for tick := range load.Ticks(1) {
		due := start + int64(tick.After)
		if due >= at {
			break
		}
		want = append(want, due)
	}
	for _, p := range servers {
		p.ask(Order{Do: Drive, Load: &load})
		p.tell(Order{Do: Journal, From: start, To: load.End})
		p.tell(Order{Do: Halt, At: at})
	}
	for _, p := range servers {
		w := p.word()
		if w.Error != "" || w.Driven != len(want) || len(w.Topics) != 1 || !slices.Equal(w.Topics[0].Due, want) {
			t.Errorf("%d events published, want the %d due before the instant: %s", w.Driven, len(want), w.Error)
		}
		if w := p.word(); w.Error != "" {
			t.Error(w.Error)
		}
	}
}

func TestWhatIsLateWhenALoadIsHaltedIsPublishedAllTheSame(t *testing.T) {
	p, _ := obey(t)
	const events = 500 // all of them due long ago
	now := wire.Now()
	load := source.Load{
		Schedule: source.Schedule{Kind: source.Constant, Rate: events},
		Payload:  source.Payload{Min: 8, Max: 8, Content: source.Text},
		Start:    now - int64(time.Second), End: now + int64(time.Hour),
	}
	p.ask(Order{Do: Drive, Load: &load})
	p.ask(Order{Do: Halt, At: now})
	if w := p.ask(Order{Do: Journal, From: load.Start, To: load.End}); w.Error != "" || w.Driven < events {
		t.Errorf("%d events published, want the %d that were due: %s", w.Driven, events, w.Error)
	}
}
