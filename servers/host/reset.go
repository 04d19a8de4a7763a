package host

import (
	"math"
	"math/rand/v2"
	"sync"
	"syscall"
)

// reset ends that share of the open connections, chosen at random, the way a
// crash or a firewall does: with RST, without a farewell, and without what was not
// sent yet. The halves notice, and the source lives on. It returns how many that
// were.
//
// Note: closing alone would do it, and takes until whoever reads from the connection
// has let go of it: of ten thousand on a busy server that is no reset at once. So
// all peers are told first.
func (k *std) reset(share float64) int64 {
	conns := k.open.all()
	rand.Shuffle(len(conns), func(i, k int) { conns[i], conns[k] = conns[k], conns[i] })
	chosen := conns[:min(len(conns), int(math.Round(share*float64(len(conns)))))]
	for _, c := range chosen {
		if socket, ok := c.Conn.(interface{ SetLinger(int) error }); ok {
			_ = socket.SetLinger(0) // of one that has ended meanwhile
		}
		if socket, ok := c.Conn.(syscall.Conn); ok {
			abort(socket)
		}
	}
	var closing sync.WaitGroup
	for _, c := range chosen {
		closing.Go(func() { c.Close() })
	}
	closing.Wait()
	return int64(len(chosen))
}
