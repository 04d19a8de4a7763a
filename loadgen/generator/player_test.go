package generator

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"math"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"pushbench/loadgen/crowd"
	"pushbench/loadgen/engine"
	"pushbench/loadgen/sse"
	"pushbench/loadgen/ws"
	"pushbench/results"
	"pushbench/servers/source"
	"pushbench/servers/wire"
)

// A still engine connects nobody, until it is stopped.
type still struct{}

func (still) Line(int, engine.Caller) engine.Line { return stillLine{} }
func (still) Do(_ int, f func(int64))             { f(0) }
func (still) Shards() int                         { return 1 }
func (still) Run(ctx context.Context) error {
	<-ctx.Done()
	return nil
}

type stillLine struct{ engine.Line }

func (stillLine) At(int64) {}

func newStill(engine.Options) (engine.Engine, error) { return still{}, nil }

// two are the clients of two transports.
func two() *Play {
	options := crowd.Options{Clients: 4, Topics: []string{"t0"}, ConnectRate: math.Inf(1), Conduct: crowd.Conduct{Slow: 1, Speed: math.Inf(1)}}
	return &Play{
		Remote: netip.MustParseAddrPort("127.0.0.1:80"), Local: []netip.Addr{netip.MustParseAddr("127.0.0.9")}, Shards: 1, Epoch: "e",
		Crowds: []Crowd{{Transport: "sse", Options: options, Turn: time.Second}, {Transport: "ws", Options: options, Raw: true}},
	}
}

func newPlayer() *Player { return NewPlayer(newStill, Halves{"sse": sse.New, "ws": ws.New}) }

func TestAPlayIsReadAsItWasWritten(t *testing.T) {
	play := two()
	play.Crowds[1].Options.SayPayload = source.Payload{Min: 5, Max: 6, Content: source.Random}
	play.Crowds[1].Options.Endpoint = engine.Endpoint{Host: "h", Path: "/p", Close: true}
	play.Crowds[1].Options.Part = crowd.Part{First: 1, Count: 2}
	text, err := json.Marshal(Order{Do: Prepare, Play: play})
	if err != nil {
		t.Fatal(err)
	}
	play.Crowds[0].Options.Half = sse.New // which is no part of what is written
	var read Order
	if err := json.Unmarshal(text, &read); err != nil {
		t.Fatal(err)
	}
	play.Crowds[0].Options.Half = nil
	same := cmp.Comparer(func(a, b netip.Addr) bool { return a == b })
	ports := cmp.Comparer(func(a, b netip.AddrPort) bool { return a == b })
	if diff := cmp.Diff(play, read.Play, same, ports); diff != "" {
		t.Error(diff)
	}
	for _, text := range []string{`{"play":"!"}`, `{"play":"AAAA"}`} {
		if json.Unmarshal([]byte(text), new(Order)) == nil {
			t.Errorf("%s is read", text)
		}
	}
}

func TestOrdersThatMakeNoSenseAreAnsweredWithTheReason(t *testing.T) {
	p := newPlayer()
	defer p.Stop()
	unknown := two()
	unknown.Crowds[1].Transport = "pigeon"
	for _, c := range []struct {
		order Order
		want  string // empty: it is followed
	}{
		{Order{Do: Begin}, "no client has begun"},
		{Order{Do: Look}, "order to look: no client has begun"},
		{Order{Do: Prepare}, "without clients"},
		{Order{Do: Prepare, Play: unknown}, `"pigeon"`},
		{Order{Do: Count}, ""},
		{Order{Do: Prepare, Play: two()}, ""},
		{Order{Do: Prepare, Play: two()}, "prepared already"},
		{Order{Do: Look}, "no client has begun"},
		{Order{Do: Begin, Start: wire.Now()}, ""},
		{Order{Do: Begin, Start: wire.Now()}, "begun already"},
		{Order{Do: "dance"}, `unknown order "dance"`},
	} {
		_, err := p.Follow(t.Context(), c.order)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%+v: %v, want %q in it", c.order, err, c.want)
		}
	}
}

// What comes after the cut counts for none of the crowds, and what came before for all:
// at once, or at an instant to come.
func TestCrowdsAreCutAtOneInstant(t *testing.T) {
	for _, ahead := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			p := newPlayer()
			from := wire.Now() - int64(time.Second)
			order := func(o Order) Word {
				t.Helper()
				w, err := p.Follow(t.Context(), o)
				if err != nil {
					t.Fatal(err)
				}
				return w
			}
			order(Order{Do: Prepare, Play: two()})
			order(Order{Do: Begin, Start: wire.Now()})
			order(Order{Do: Measure, From: from, To: from + int64(time.Hour)})
			cut := Order{Do: Cut}
			if ahead {
				cut.At = wire.Now() + int64(time.Second)
			}
			to := order(cut).To
			if ahead && to != cut.At || !ahead && to > wire.Now()+1 {
				t.Errorf("ahead %t: cut at %d, now it is %d", ahead, to, wire.Now())
			}
			for _, r := range p.stage.records {
				r.Shard(0).Down(to-1, 3)
				r.Shard(0).Down(to, 5)
			}
			for i, r := range order(Order{Do: End}).Records {
				var trial results.Trial
				if err := r.Snapshot(&trial, nil); err != nil {
					t.Fatal(err)
				}
				if got := trial.Traffic.DownBytes; got != 3 {
					t.Errorf("ahead %t, crowd %d: %d bytes in a phase that had 3 before its end and 5 after it", ahead, i, got)
				}
			}
		})
	}
}

// A parent is the other end of a player's standard input and output.
type parent struct {
	t      *testing.T
	orders *io.PipeWriter
	words  *bufio.Scanner
	ended  chan error
}

func obey(t *testing.T) *parent {
	in, orders := io.Pipe()
	words, out := io.Pipe()
	p := &parent{t, orders, bufio.NewScanner(words), make(chan error, 1)}
	go func() {
		err := newPlayer().Obey(context.Background(), in, out)
		out.Close()
		p.ended <- err
	}()
	t.Cleanup(func() { orders.Close() })
	return p
}

func (p *parent) tell(text string) {
	p.t.Helper()
	if _, err := io.WriteString(p.orders, text+"\n"); err != nil {
		p.t.Fatal(err)
	}
}

func (p *parent) word() (w Word) {
	p.t.Helper()
	if !p.words.Scan() {
		p.t.Fatalf("no word: %v", p.words.Err())
	}
	if err := json.Unmarshal(p.words.Bytes(), &w); err != nil {
		p.t.Fatal(err)
	}
	return w
}

func TestAPlayerFollowsItsParentAndEndsWithIt(t *testing.T) { // R4
	p := obey(t)
	if w := p.word(); w.ID != 0 || w.Procs < 1 {
		t.Errorf("it is ready with %+v", w)
	}
	for id, o := range []Order{{Do: Prepare, Play: two()}, {Do: Begin}, {Do: Look}} {
		o.ID = id + 1
		line, err := json.Marshal(o)
		if err != nil {
			t.Fatal(err)
		}
		p.tell(string(line))
		w := p.word()
		if w.ID != id+1 || w.Error != "" {
			t.Errorf("order %d is answered with %+v", id+1, w)
		}
		if o.Do == Look && (len(w.Looks) != 2 || w.Looks[0].Ready || !w.Looks[1].Arrived) {
			t.Errorf("%+v", w.Looks)
		}
	}
	p.tell("nonsense")
	if w := p.word(); !strings.Contains(w.Error, "read order") {
		t.Errorf("nonsense is answered with %+v", w)
	}
	p.orders.Close()
	if err := <-p.ended; err != nil {
		t.Errorf("ended with %v", err)
	}
}

// A follower that does as it is told, in a test.
type follower func(Order) (Word, error)

func (f follower) Follow(_ context.Context, o Order) (Word, error) { return f(o) }

func TestWhatSeveralSayIsAddedUp(t *testing.T) {
	say := func(n int64) follower {
		return func(o Order) (Word, error) {
			one := Glance{Ready: true, Arrived: n == 1, Refused: int(n), Why: "because"}
			one.Received, one.Joined, one.P99 = n, int(2*n), time.Duration(n)
			return Word{
				Looks: []Glance{one}, Tally: &engine.Tally{SegmentsDown: n, BytesUp: 2 * n},
				Lacks: []Want{{Clients: int(n), Away: n, Said: n, Refused: n, Pending: n, Unsaid: n}, {Clients: 1}},
			}, nil
		}
	}
	g := &Generator{followers: []Follower{say(1), say(3)}}
	look, err := g.Look(t.Context(), 0)
	if want := (Glance{Ready: true, Refused: 4, Why: "because"}); err != nil || look.Received != 4 || look.Joined != 8 || look.P99 != 3 ||
		look.Ready != want.Ready || look.Arrived || look.Refused != want.Refused || look.Why != want.Why {
		t.Errorf("%+v, %v", look, err)
	}
	lack, err := g.Lack(t.Context(), nil)
	if want := (Want{6, 4, 4, 4, 4, 4}); err != nil || lack != want {
		t.Errorf("%+v, %v; want %+v", lack, err, want)
	}
	tally, err := g.Tally(t.Context())
	if err != nil || tally.SegmentsDown != 4 || tally.BytesUp != 8 {
		t.Errorf("%+v, %v", tally, err)
	}
	// One that cannot tell leaves nothing to tell of all.
	g.followers = append(g.followers, follower(func(Order) (Word, error) { return Word{}, nil }))
	if tally, err := g.Tally(t.Context()); tally != nil || err != nil {
		t.Errorf("%+v, %v", tally, err)
	}
	failure := errors.New("no")
	g.followers = append(g.followers, follower(func(Order) (Word, error) { return Word{}, failure }))
	if _, err := g.Look(t.Context(), 0); !errors.Is(err, failure) {
		t.Errorf("%v, want what one of them says", err)
	}
}

func TestClientsAreDividedOverTheProcessesWithAddressesOfTheirOwn(t *testing.T) {
	var plays [3]*Play
	g := &Generator{}
	for i := range plays {
		g.followers = append(g.followers, follower(func(o Order) (Word, error) {
			plays[i] = o.Play
			return Word{}, nil
		}))
	}
	local := [][]netip.Addr{{netip.MustParseAddr("127.0.0.2")}, {netip.MustParseAddr("127.0.0.3")}, {netip.MustParseAddr("127.0.0.4")}}
	if err := g.Prepare(t.Context(), *two(), local); err != nil {
		t.Fatal(err)
	}
	for i, want := range crowd.Parts(4, 3) {
		for _, c := range plays[i].Crowds {
			if c.Options.Part != want || c.Options.Clients != 4 {
				t.Errorf("process %d plays %+v of %d, want %+v of 4", i, c.Options.Part, c.Options.Clients, want)
			}
		}
		if plays[i].Local[0] != local[i][0] || len(plays[i].Crowds) != 2 {
			t.Errorf("process %d: %+v", i, plays[i])
		}
	}
}
