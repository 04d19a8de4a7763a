package engine

import (
	"errors"
	"net/netip"
)

// A Pauser is a Line whose reading can be stopped: what arrives fills the
// kernel's buffers, and then the peer has to wait. Like Line's, its methods are
// for the Caller's own callbacks, and do nothing without a connection. A new
// connection is read from.
type Pauser interface {
	Pause()
	Resume()
}

// A Vanisher is a Line that can lose its network.
type Vanisher interface {
	// Vanish lets the connection go silent without an end: nothing that arrives for
	// it is acknowledged any more, and the Caller is told of nothing. It lasts until
	// the engine ends. Where that cannot be done, on anything but Linux, it is
	// ErrVanish.
	Vanish() error
	// Local is this side's address; the zero value without a connection.
	Local() netip.AddrPort
}

// ErrVanish says that a connection cannot be made to vanish.
var ErrVanish = errors.New("cannot vanish")
