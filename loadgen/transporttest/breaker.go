package transporttest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync/atomic"

	"pushbench/loadgen/engine"
)

// A breaker breaks a client's connections: of n bytes that have just arrived it
// lets the client see the first ones, and the error ends the connection. The
// error nil lets all pass. It is for one goroutine at a time.
type breaker func(n int) (seen int, err error)

var errBroken = errors.New("broken on purpose")

// atRandom breaks count connections, each after up to reach bytes: wherever in
// an event, a header or a handshake that is.
func atRandom(seed uint64, count, reach int) breaker {
	dice := rand.New(rand.NewPCG(seed, 0xb4ea))
	left := 1 + dice.IntN(reach)
	return func(n int) (int, error) {
		if count == 0 || n < left {
			left -= n
			return n, nil
		}
		seen := left
		count--
		left = 1 + dice.IntN(reach)
		return seen, errBroken
	}
}

// forGood ends the client's last connection after that many bytes.
func forGood(after int) breaker {
	return func(n int) (int, error) {
		if after -= n; after > 0 {
			return n, nil
		}
		return n, fmt.Errorf("%w: %w", errBroken, engine.ErrStop)
	}
}

// whileSet breaks every connection as soon as anything arrives.
func whileSet(away *atomic.Bool) breaker {
	return func(n int) (int, error) {
		if away.Load() {
			return 0, errBroken
		}
		return n, nil
	}
}
