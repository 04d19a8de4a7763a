//go:build !linux

package host

import (
	"errors"
	"net"
	"syscall"
	"time"
)

// CanShare says whether this system knows Socket.Share.
const CanShare = false

func share(string, string, syscall.RawConn) error {
	return errors.New("sharing a port needs Linux")
}

// CanTimeOut says whether this system knows Socket.Unacknowledged.
const CanTimeOut = false

func timeOut(*net.TCPConn, time.Duration) {}
