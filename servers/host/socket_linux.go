package host

import (
	"net"
	"time"

	"golang.org/x/sys/unix"
)

// CanTimeOut says whether this system knows Socket.Unacknowledged.
const CanTimeOut = true

func timeOut(c *net.TCPConn, after time.Duration) {
	raw, err := c.SyscallConn()
	if err != nil {
		return
	}
	raw.Control(func(fd uintptr) {
		unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(after.Milliseconds()))
	})
}
