//go:build unix

package engine

import (
	"errors"
	"os"
	"syscall"
)

// receiveBuffer sets SO_RCVBUF of a socket that is not connected yet: in the
// handshake the peer is told how far its window scales.
func receiveBuffer(c syscall.RawConn, bytes int) error {
	var refused error
	err := c.Control(func(fd uintptr) {
		refused = os.NewSyscallError("setsockopt SO_RCVBUF", syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, bytes))
	})
	return errors.Join(err, refused)
}
