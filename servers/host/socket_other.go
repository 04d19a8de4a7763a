//go:build !linux

package host

import (
	"net"
	"time"
)

// CanTimeOut says whether this system knows Socket.Unacknowledged.
const CanTimeOut = false

func timeOut(*net.TCPConn, time.Duration) {}
