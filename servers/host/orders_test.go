package host

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"pushbench/servers/poll"
	"pushbench/servers/source"
	"pushbench/servers/wire"
)

// A parent is the other end of a server's standard input and output.
type parent struct {
	t      *testing.T
	orders *io.PipeWriter
	words  *bufio.Scanner
	ended  chan error
}

// A half makes the same server half on one stack.
type half func(*source.Source) Mount

func stdPoll(s *source.Source) Mount {
	return Mount{Path: "/poll", Handler: poll.New(s, poll.Options{})}
}

func leanPoll(s *source.Source) Mount {
	return Mount{Path: "/poll", Lean: poll.NewLean(s, poll.Options{})}
}

// onEachStack runs a test with a polling server of each stack there is.
func onEachStack(t *testing.T, test func(t *testing.T, h half)) {
	t.Run("std", func(t *testing.T) { test(t, stdPoll) })
	if CanLean {
		t.Run("lean", func(t *testing.T) { test(t, leanPoll) })
	}
}

// obey starts a server of the standard stack that follows the orders of a parent.
func obey(t *testing.T, set ...func(*Server)) (*parent, Word) {
	t.Helper()
	return obeyAs(t, stdPoll, set...)
}

func obeyAs(t *testing.T, h half, set ...func(*Server)) (*parent, Word) {
	t.Helper()
	journal := &source.Journal{}
	src := source.New(source.Options{Epoch: "e", Journal: journal}, "t0")
	server := New(src, h(src))
	for _, f := range set {
		f(server)
	}
	in, orders := io.Pipe()
	words, out := io.Pipe()
	p := &parent{t, orders, bufio.NewScanner(words), make(chan error, 1)}
	go func() {
		err := server.Obey(context.Background(), "127.0.0.1:0", journal, in, out)
		out.Close()
		p.ended <- err
	}()
	t.Cleanup(func() { orders.Close() })
	return p, p.word()
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

func (p *parent) tell(o Order) {
	p.t.Helper()
	if err := json.NewEncoder(p.orders).Encode(o); err != nil {
		p.t.Fatal(err)
	}
}

func (p *parent) ask(o Order) Word {
	p.t.Helper()
	p.tell(o)
	return p.word()
}

func TestAServerFollowsItsParentsOrders(t *testing.T) {
	onEachStack(t, func(t *testing.T, h half) {
		p, ready := obeyAs(t, h)
		answer, err := http.Get("http://" + ready.Address + "/poll?topic=t0")
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if w := p.ask(Order{Do: Count}); w.Writes != 1 {
			t.Errorf("%d writes after one answer", w.Writes)
		}
		start := wire.Now()
		load := source.Load{
			Schedule: source.Schedule{Kind: source.Burst, Rate: 20, Burst: 20},
			Payload:  source.Payload{Min: 8, Max: 8, Content: source.Text},
			Start:    start, End: start + int64(time.Second/2),
		}
		if w := p.ask(Order{Do: Drive, Load: &load}); w.Error != "" {
			t.Error(w.Error)
		}
		w := p.ask(Order{Do: Journal, From: start, To: load.End})
		if w.Driven != 20 || len(w.Topics) != 1 || len(w.Topics[0].Due) != 20 || w.Topics[0].First != 1 {
			t.Errorf("journal %+v, want the 20 events of one burst", w)
		}
		for _, due := range w.Topics[0].Due {
			if due != start {
				t.Errorf("due at %d, want %d", due, start)
			}
		}
		p.orders.Close() // a server ends with its parent
		if err := <-p.ended; err != nil {
			t.Errorf("ended with %v", err)
		}
	})
}

func TestHaltEndsALoadThatWouldGoOn(t *testing.T) {
	p, _ := obey(t)
	load := endless()
	p.ask(Order{Do: Drive, Load: load})
	p.ask(Order{Do: Halt})
	if w := p.ask(Order{Do: Journal, From: load.Start, To: load.End}); w.Error != "" || w.Driven > 1 {
		t.Errorf("journal after a halt: %+v", w)
	}
}

// endless is a load that ends only when it is told to.
func endless() *source.Load {
	start := wire.Now()
	return &source.Load{
		Schedule: source.Schedule{Kind: source.Constant, Rate: 0.001},
		Payload:  source.Payload{Content: source.Text},
		Start:    start, End: start + int64(time.Hour),
	}
}

func TestAServerThatWaitsForALoadEndsWithItsParent(t *testing.T) {
	p, _ := obey(t)
	p.ask(Order{Do: Drive, Load: endless()})
	p.tell(Order{Do: Journal})
	p.orders.Close()
	if w := p.word(); w.Error == "" {
		t.Errorf("the journal of a load whose parent is gone is %+v, want an error", w)
	}
	if err := <-p.ended; err != nil {
		t.Errorf("ended with %v", err)
	}
}

func TestHaltReachesALoadThatAJournalWaitsFor(t *testing.T) {
	p, _ := obey(t)
	p.ask(Order{Do: Drive, Load: endless()})
	p.tell(Order{Do: Journal})
	p.tell(Order{Do: Halt})
	for _, of := range []Do{Journal, Halt} {
		if w := p.word(); w.Error != "" {
			t.Errorf("%s: %s", of, w.Error)
		}
	}
}

func TestASecondLoadIsRefusedWhileOneIsUnderWay(t *testing.T) {
	p, _ := obey(t)
	p.ask(Order{Do: Drive, Load: endless()})
	if w := p.ask(Order{Do: Drive, Load: endless()}); w.Error != errDriving.Error() {
		t.Errorf("a second load is answered with %q", w.Error)
	}
	p.ask(Order{Do: Halt})
	p.ask(Order{Do: Journal})
	if w := p.ask(Order{Do: Drive, Load: endless()}); w.Error != "" {
		t.Errorf("a load after the end of another is answered with %q", w.Error)
	}
}

func TestOrdersThatMakeNoSenseAreAnsweredWithTheReason(t *testing.T) {
	p, _ := obey(t)
	for order, want := range map[string]string{
		`{"do":"dance"}`: `unknown order "dance"`,
		`{"do":"drive"}`: "without a load",
		`nonsense`:       "read order",
	} {
		if _, err := io.WriteString(p.orders, order+"\n"); err != nil {
			t.Fatal(err)
		}
		if w := p.word(); !strings.Contains(w.Error, want) {
			t.Errorf("%s is answered with %q, want %q in it", order, w.Error, want)
		}
	}
	bad := source.Load{Schedule: source.Schedule{Kind: "sometimes"}}
	p.ask(Order{Do: Drive, Load: &bad})
	if w := p.ask(Order{Do: Journal}); !strings.Contains(w.Error, "sometimes") {
		t.Errorf("the journal of an impossible load says %q", w.Error)
	}
}

func TestWhatALiveSubscriptionHasNotBeenWrittenIsCounted(t *testing.T) {
	src := source.New(source.Options{Journal: &source.Journal{}}, "t0", "t1")
	topic := src.Topics()[0]
	stamps := source.Stamps{First: 1}
	reads, idle := topic.Subscribe(0), topic.Subscribe(0)
	defer reads.Close()
	for due := range int64(10) {
		if _, err := topic.Publish(wire.Message{Due: due + 1, Data: []byte("1")}); err != nil {
			t.Fatal(err)
		}
		stamps.Due = append(stamps.Due, due+1)
	}
	reads.Next(4, nil)
	reads.Next(4, nil) // so the first four are written
	// Due from 3 to 8: five events, of which one has had two.
	if got := unwritten(src, []source.Stamps{stamps}, 3, 8); got != 3+5 {
		t.Errorf("%d unwritten, want 3 of one subscription and 5 of the other", got)
	}
	idle.Close()
	if got := unwritten(src, []source.Stamps{stamps}, 3, 8); got != 3 {
		t.Errorf("%d unwritten after one has left, want 3", got)
	}
}
