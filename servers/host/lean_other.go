//go:build !linux

package host

import (
	"context"
	"errors"
)

// CanLean says whether this system has event loops.
const CanLean = false

// A noLoops is the lean stack where there is none.
type noLoops struct{}

func newLean(*Server) stack { return noLoops{} }

func (noLoops) listen(context.Context, string) (Listener, error) {
	return nil, errors.New("the lean stack needs Linux: its event loop is epoll's")
}

func (noLoops) serve(context.Context, Listener) error { return nil }
func (noLoops) writes() int64                         { return 0 }
func (noLoops) sockets() (conns, bytes int64)         { return 0, 0 }
func (noLoops) reset(float64) int64                   { return 0 }
