package loop

import (
	"bytes"
	"io"
	"slices"
	"testing"
)

// What is shared waits in the hands of many, and is nobody's to change.
func TestSharedBytesStayAsTheyAreAndInOrder(t *testing.T) { // Q7
	l := newLoop(t, Options{MaxBacklog: 64 << 20})
	shared := noise(8 << 20)
	before := slices.Clone(shared)
	var conns []*Conn
	var peers []io.Reader
	for range 3 {
		c, _, peer := pair(t, l)
		c.Share(shared)
		if c.Backlog() == 0 {
			t.Fatal("8 MiB fit into the sockets")
		}
		if &c.out.bytes[0] != &shared[len(shared)-c.Backlog()] {
			t.Error("the backlog is a copy")
		}
		conns, peers = append(conns, c), append(peers, peer)
	}
	conns[1].Write([]byte("own"))
	conns[2].Share([]byte("more"))
	want := [][]byte{shared, append(slices.Clone(shared), "own"...), append(slices.Clone(shared), "more"...)}
	for i, c := range conns {
		got := make(chan []byte)
		go func() {
			all := make([]byte, len(want[i]))
			io.ReadFull(peers[i], all)
			got <- all
		}()
		turn(t, l, func() bool { return c.Backlog() == 0 })
		if all := <-got; !bytes.Equal(all, want[i]) {
			t.Errorf("connection %d got something else", i)
		}
	}
	if !bytes.Equal(shared, before) {
		t.Error("what is shared has changed")
	}
}

func TestASharedBacklogIsBounded(t *testing.T) { // Q7
	l := newLoop(t, Options{MaxBacklog: 100_000})
	c, w, _ := pair(t, l)
	for range 1000 {
		c.Share(make([]byte, 90_000))
	}
	turn(t, l, w.isOver)
	if w.ended[0] != ErrBacklog {
		t.Errorf("ended with %v, want %v", w.ended[0], ErrBacklog)
	}
}

func TestCloseWriteIsFINBehindTheBacklogAndReadingGoesOn(t *testing.T) {
	for _, size := range []int{5, 8 << 20} {
		l := newLoop(t, Options{MaxBacklog: 64 << 20})
		c, w, peer := pair(t, l)
		sent := noise(size)
		c.Write(sent)
		if (c.Backlog() > 0) != (size > 5) {
			t.Fatalf("a backlog of %d bytes after %d", c.Backlog(), size)
		}
		c.CloseWrite()
		got := make(chan []byte)
		go func() {
			all, _ := io.ReadAll(peer)
			peer.Write([]byte("heard"))
			got <- all
		}()
		turn(t, l, func() bool { return string(w.received) == "heard" })
		if all := <-got; !bytes.Equal(all, sent) {
			t.Errorf("the peer got %d bytes before FIN, want %d", len(all), len(sent))
		}
		if w.isOver() {
			t.Errorf("ended with %v", w.ended[0])
		}
	}
}
