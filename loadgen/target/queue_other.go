//go:build !linux

package target

import (
	"errors"
	"net/netip"
)

// A Queue is that of a listening socket. Here nobody can be asked for it.
type Queue struct{}

var errQueue = errors.New("the accept queue is not told on this system")

// NewQueue is an error here.
func NewQueue(netip.AddrPort) (*Queue, error) { return nil, errQueue }

// Len is an error here.
func (q *Queue) Len() (int64, error) { return 0, errQueue }

// Close has nothing to end.
func (q *Queue) Close() {}
