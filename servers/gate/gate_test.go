package gate

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
)

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

func TestClosedGateIsEmptyWhenTheLastHasLeft(t *testing.T) { // F1
	ending := errors.New("ending")
	g := New(ending)
	for range 2 {
		if !g.Enter() {
			t.Fatal("an open gate lets nobody in")
		}
	}
	if g.Count() != 2 {
		t.Fatalf("%d inside, want two who entered", g.Count())
	}
	if g.Context().Err() != nil {
		t.Error("those inside are told to leave before Close")
	}
	empty := g.Close()
	if cause := context.Cause(g.Context()); cause != ending {
		t.Errorf("those inside are told %v, want the gate's cause", cause)
	}
	if g.Enter() {
		t.Error("somebody entered a closed gate")
	}
	g.Leave()
	if isClosed(empty) {
		t.Error("empty with one inside")
	}
	if g.Leave(); !isClosed(empty) || !isClosed(g.Close()) || g.Count() != 0 {
		t.Errorf("not empty, or not for the second who closes, with %d inside", g.Count())
	}
}

func TestGateThatIsLeftBeforeItClosesIsEmpty(t *testing.T) {
	g := New(nil)
	g.Enter()
	g.Leave()
	if !isClosed(g.Close()) {
		t.Error("not empty with nobody inside")
	}
}

func TestWhoEntersWhileTheGateClosesIsWaitedFor(t *testing.T) { // F1
	synctest.Test(t, func(t *testing.T) {
		g := New(context.Canceled)
		var all sync.WaitGroup
		for range 100 {
			all.Go(func() {
				for g.Enter() {
					g.Leave()
				}
			})
		}
		<-g.Close()
		if n := g.Count(); n != 0 {
			t.Errorf("%d inside of an empty gate", n)
		}
		all.Wait()
	})
}
