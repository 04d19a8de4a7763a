package recorder

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"pushbench/results"
	"pushbench/servers/source"
	"pushbench/servers/wire"
)

// A story is what a crowd goes through, whoever records it.
type story struct {
	clients, topics int
	roles           []Role
	journal         Journal
	faults          int
	acts            []act
}

// An act is of a client, or of all.
type act struct {
	client int // below zero: all
	do     func(r *Recorder, i int)
}

// told is the trial that the story becomes when so many clients each are recorded by
// themselves, in so many shards, and handed over as from process to process.
func (s *story) told(t *testing.T, split, shards []int) *results.Trial {
	var parts []*Recorder
	var whose []int // part of a client
	firsts := make([]int, len(split))
	for p, n := range split {
		firsts[p] = len(whose)
		r := New(Options{Clients: n, First: len(whose), Topics: s.topics, Shards: shards[p]})
		r.Begin(epoch(0))
		for i := range n {
			r.Client(i).Play(s.roles[len(whose)])
			whose = append(whose, p)
		}
		parts = append(parts, r)
	}
	for _, a := range s.acts {
		if a.client < 0 {
			for _, r := range parts {
				a.do(r, 0)
			}
			continue
		}
		p := whose[a.client]
		a.do(parts[p], a.client-firsts[p])
	}
	if len(parts) > 1 {
		for p, r := range parts {
			text, err := json.Marshal(r)
			if err != nil {
				t.Fatal(err)
			}
			parts[p] = new(Recorder)
			if err := json.Unmarshal(text, parts[p]); err != nil {
				t.Fatal(err)
			}
		}
	}
	all, err := Join(parts...)
	if err != nil {
		t.Fatal(err)
	}
	trial := &results.Trial{Recovery: &results.Recovery{Faults: make([]results.Fault, s.faults)}}
	if err := all.Snapshot(trial, Open(s.journal, s.topics)); err != nil {
		t.Fatal(err)
	}
	return trial
}

// drawn makes a story up.
//
// Note: rapid draws small numbers far more often than others, and few acts: of those
// nothing comes that everybody has.
func drawn(dice *rand.Rand) *story {
	number := func(low, high int) int { return low + dice.IntN(high-low+1) }
	s := &story{clients: number(2, 9), topics: number(1, 3)}
	lives := number(1, 2)
	published := make([][]source.Stamps, lives)
	for life := range published {
		for range s.topics {
			stamps := source.Stamps{First: 1}
			due := ms(1000 * life)
			for range number(0, 8) {
				due += ms(number(0, 200))
				stamps.Due, stamps.Pub = append(stamps.Due, due), append(stamps.Pub, due+ms(number(0, 3)))
			}
			published[life] = append(published[life], stamps)
		}
	}
	s.journal = Journal{Topics: published[lives-1], Past: published[:lives-1], From: ms(200), To: ms(1700), Unwritten: int64(number(0, 5))}
	s.all(func(r *Recorder, _ int) { r.Measure(s.journal.From, s.journal.To) })
	plain := dice.IntN(2) == 0 // all are there and do nothing but receive: what reaches everybody is common
	for range s.clients {
		if plain {
			s.roles = append(s.roles, Ordinary)
			continue
		}
		s.roles = append(s.roles, []Role{Ordinary, Ordinary, Ordinary, Slow, Vanishing, Leaving, Churning}[dice.IntN(7)])
	}
	life, struck := make([]int, s.clients), make([]uint8, s.clients)
	for i := range s.clients {
		if plain || number(0, 9) > 0 {
			hello, state := uint64(number(0, 2)), []State{Up, Asking, Down}[dice.IntN(3)]
			s.of(i, func(r *Recorder, s *Shard, c *Client) {
				s.Enter(c, epoch(0), 0)
				s.Hello(c, hello, time.Duration(hello+1), 0)
				c.Is(state)
			})
		} else {
			life[i] = -1 // never comes
		}
	}
	if lives > 1 {
		s.all(func(r *Recorder, _ int) { r.Begin(epoch(1)) })
	}
	now := int64(0)
	for range number(0, 80) {
		now += ms(number(0, 60))
		// Two of a shard's callers may get its lock in the wrong order.
		then, i, n := max(0, now-ms(number(0, 9)/8*number(0, 500))), number(0, s.clients-1), number(1, 9)
		switch kind := number(0, 13); {
		case kind >= 12: // everybody gets an event, one after the other
			for i := range s.clients {
				if life[i] < 0 || n > len(published[life[i]][i%s.topics].Due) {
					continue
				}
				s.gets(i, published[life[i]][i%s.topics], n, then+ms(i*number(1, 5)))
			}
		case kind == 0 && s.faults < 3:
			s.faults++
			s.all(func(r *Recorder, _ int) { r.Struck(then) })
		case kind == 1 && s.faults > 0:
			s.all(func(r *Recorder, _ int) { r.Over(then) })
		case life[i] < 0:
			s.of(i, func(_ *Recorder, s *Shard, _ *Client) { s.Failed("refused", then) })
		case kind == 2:
			s.of(i, func(_ *Recorder, s *Shard, c *Client) {
				s.Request(then)
				s.Opened(then)
				s.Down(then, n)
				s.Up(then, 2*n)
				s.MissedPoll(then)
				s.Said(then, n, n%2 == 0)
				s.Acknowledged(then, n)
				s.OpenedToSpeak(then)
				s.SayFailed()
				s.Closed("closed")
			})
		case kind == 3:
			s.of(i, func(r *Recorder, s *Shard, _ *Client) {
				s.Unlock() // these lock it themselves
				r.Delayed(i, then, time.Duration(n))
				r.Late(i, then, time.Duration(2*n))
				r.Stepped(i, then, time.Duration(n), n)
				s.Lock()
			})
		case kind == 4 && s.faults > 0 && struck[i] == 0:
			struck[i] = uint8(s.faults)
			s.of(i, func(_ *Recorder, s *Shard, c *Client) {
				s.Cut("reset", uint8(n%2))
				s.Tried(then)
				c.Is(Down)
			})
		case kind == 4 && struck[i] > 0:
			fault := struck[i]
			struck[i] = 0
			s.of(i, func(_ *Recorder, s *Shard, c *Client) {
				s.Restored(fault, then)
				c.Is(Up)
			})
		case kind == 5 && life[i] < lives-1:
			life[i]++
			at := life[i]
			s.of(i, func(_ *Recorder, s *Shard, c *Client) {
				if n%2 == 0 {
					s.Enter(c, epoch(at), then)
					s.Hello(c, uint64(n/3), time.Duration(n), then)
					return
				}
				s.Gap(c, &wire.Gap{From: 1, To: uint64(n / 3), Cursor: wire.Cursor{Epoch: epoch(at), N: uint64(n / 3)}, Epoch: epoch(0)}, then)
			})
		case kind == 6:
			s.of(i, func(_ *Recorder, s *Shard, c *Client) { s.Gap(c, &wire.Gap{From: uint64(n), To: uint64(n + 1)}, then) })
		case kind == 7:
			s.of(i, func(_ *Recorder, s *Shard, c *Client) { s.Damaged(c, uint64(n), then) })
		case kind == 8 && s.roles[i].comes():
			s.of(i, func(_ *Recorder, s *Shard, c *Client) { s.Returns(c, then) })
		default:
			if stamps := published[life[i]][i%s.topics]; n <= len(stamps.Due) {
				s.gets(i, stamps, n, then)
			}
		}
	}
	return s
}

// gets lets a client get event n of a topic, not before it was due.
func (s *story) gets(client int, of source.Stamps, n int, now int64) {
	ev := &wire.Event{N: uint64(n), Due: of.Due[n-1], Pub: of.Pub[n-1], Data: []byte("12345")}
	s.of(client, func(_ *Recorder, s *Shard, c *Client) { s.Event(c, ev, max(now, ev.Due+1)) })
}

func (s *story) all(do func(*Recorder, int)) { s.acts = append(s.acts, act{-1, do}) }

// of adds an act of a client, which is done with its shard locked.
func (s *story) of(client int, do func(*Recorder, *Shard, *Client)) {
	s.acts = append(s.acts, act{client, func(r *Recorder, i int) {
		shard := r.Shard(i)
		shard.Lock()
		defer shard.Unlock()
		do(r, shard, r.Client(i))
	}})
}

// However a crowd is divided over recorders, and these into shards, it becomes the same
// trial, to the last bit of every histogram.
func TestACrowdThatIsDividedBecomesTheSameTrial(t *testing.T) { // G14, D2
	stories := uint64(300)
	if testing.Short() {
		stories = 40
	}
	for seed := range stories {
		dice := rand.New(rand.NewPCG(seed, 0x57027))
		s := drawn(dice)
		whole := s.told(t, []int{s.clients}, []int{1})
		var split, shards []int
		for left := s.clients; left > 0; {
			n := 1 + dice.IntN(left)
			split, shards = append(split, n), append(shards, 1+dice.IntN(3))
			left -= n
		}
		divided := s.told(t, split, shards)
		// Staleness adds up floating-point numbers, in the order of the shards.
		if a, b := whole.Staleness, divided.Staleness; a != nil && b != nil {
			if off := a.Mean - b.Mean; off < -1 || off > 1 {
				t.Fatalf("mean staleness %d ns, divided %d", a.Mean, b.Mean)
			}
			b.Mean = a.Mean
		}
		if diff := cmp.Diff(asFiled(t, whole), asFiled(t, divided)); diff != "" {
			t.Fatalf("seed %d, divided into %v, with shards %v (- whole, + divided):\n%s", seed, split, shards, diff)
		}
	}
}

// asFiled is the trial as a file has it.
func asFiled(t *testing.T, trial *results.Trial) (fields map[string]any) {
	text, err := json.Marshal(trial)
	if err == nil {
		err = json.Unmarshal(text, &fields)
	}
	if err != nil {
		t.Fatal(err)
	}
	return fields
}

func TestPartsOfDifferentPhasesAreNotJoined(t *testing.T) {
	part := func(topics int, to int64) *Recorder {
		r := New(Options{Clients: 2, Topics: topics, Shards: 1})
		r.Begin("e")
		r.Measure(0, to)
		return r
	}
	if _, err := Join(part(1, ms(100)), part(1, ms(100))); err != nil {
		t.Error(err)
	}
	again := part(1, ms(100))
	again.Begin("f")
	for name, other := range map[string]*Recorder{"a longer phase": part(1, ms(200)), "other topics": part(2, ms(100)), "another life": again} {
		if _, err := Join(part(1, ms(100)), other); err == nil {
			t.Errorf("%s is joined", name)
		}
	}
}

func TestWhatIsNoRecorderIsRefused(t *testing.T) {
	for _, text := range []string{
		`[]`, `{}`, `{"topics":1}`, `{"topics":1,"shards":[{"fanout":[]}]}`,
		`{"topics":1,"shards":[{"fanout":[null],"ages":{"steps":[[999999,1,1]]}}]}`,
		`{"topics":1,"shards":[{"fanout":[null]}],"clients":[{"topic":1}]}`,
		`{"topics":1,"shards":[{"fanout":[null]}],"clients":[{"life":1}]}`,
		`{"topics":1,"shards":[{"fanout":[null]}],"clients":[{"aside":{"role":99}}]}`,
	} {
		if err := json.Unmarshal([]byte(text), new(Recorder)); !errors.Is(err, errPart) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// Whoever adds a field decides whether another process must know of it.
func TestEveryFieldOfARecordHasItsPlaceInTheStoredOne(t *testing.T) {
	for _, c := range []struct {
		of     reflect.Type
		fields []string
	}{
		{reflect.TypeFor[Recorder](), []string{"shards", "clients", "topics"}},
		{reflect.TypeFor[Shard](), []string{
			"Mutex", "from", "to", "raw", "timeline", "delivery", "connect", "delay", "jitter", "disturbed", "fanout", "topics", "epochs",
			"pasts", "strikes", "ages", "lacks", "traffic", "uplink", "events", "received", "joined", "asides", "present", "recalled",
			"catchup", "returned", "current",
		}},
		// Of the timeline, what is there for recording and packing alone is left out.
		{reflect.TypeFor[timeline](), []string{"every", "slices", "rest", "now", "due", "latency", "spare", "p99", "packing", "shelf", "total", "failed"}},
		{reflect.TypeFor[slice](), []string{"delivered", "due", "sum", "packed", "strays"}},
		{reflect.TypeFor[arrival](), []string{"first", "last", "got"}},
		{reflect.TypeFor[past](), []string{"topic", "life", "until", "hello", "next", "spans"}},
		{reflect.TypeFor[span](), []string{"from", "to", "why"}},
		{reflect.TypeFor[strike](), []string{"at", "over", "cut", "restored", "refused", "vain", "ended", "again", "attempts", "back"}},
		{reflect.TypeFor[ages](), []string{"steps", "ramps", "peak", "area"}},
		{reflect.TypeFor[lack](), []string{"topic", "life", "until", "n", "since", "upto"}},
		{reflect.TypeFor[Client](), []string{
			"topic", "joined", "foreign", "state", "holed", "life", "hello", "next", "current", "delivered", "waited", "odd",
		}},
		{reflect.TypeFor[odd](), []string{"spans", "aside"}},
		{reflect.TypeFor[aside](), []string{"role", "back", "recalled", "open"}},
		{reflect.TypeFor[comeback](), []string{"back", "caught"}},
	} {
		var fields []string
		for f := range c.of.Fields() {
			fields = append(fields, f.Name)
		}
		slices.Sort(fields)
		slices.Sort(c.fields)
		if diff := cmp.Diff(c.fields, fields); diff != "" {
			t.Errorf("%s: a field came or went: see stored.go\n%s", c.of, diff)
		}
	}
}
