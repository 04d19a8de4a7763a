package host

import (
	"math"
	"math/rand/v2"
)

// reset ends that share of the open connections, chosen at random, the way a
// crash or a firewall does: with RST, without a farewell, and without what was not
// sent yet. The halves notice, and the source lives on. It returns how many that
// were.
func (s *Server) reset(share float64) int64 {
	conns := s.open.all()
	rand.Shuffle(len(conns), func(i, k int) { conns[i], conns[k] = conns[k], conns[i] })
	chosen := conns[:min(len(conns), int(math.Round(share*float64(len(conns)))))]
	for _, c := range chosen {
		if socket, ok := c.Conn.(interface{ SetLinger(int) error }); ok {
			_ = socket.SetLinger(0) // of one that has ended meanwhile
		}
		c.Close()
	}
	return int64(len(chosen))
}
