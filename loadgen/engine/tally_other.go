//go:build !linux

package engine

import (
	"errors"
	"net"
)

// tallyOf has no TCP_INFO to read here.
func tallyOf(net.Conn) (Tally, error) {
	return Tally{}, errors.New("read TCP_INFO: needs Linux")
}
