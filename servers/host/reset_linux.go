package host

import (
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// abort sends RST at once: a TCP socket that is connected to no address gives its
// connection up (connect(2), AF_UNSPEC). What it cannot end, closing will.
func abort(c syscall.Conn) {
	raw, err := c.SyscallConn()
	if err != nil {
		return
	}
	nobody := unix.RawSockaddr{Family: unix.AF_UNSPEC}
	_ = raw.Control(func(fd uintptr) {
		unix.RawSyscall(unix.SYS_CONNECT, fd, uintptr(unsafe.Pointer(&nobody)), unsafe.Sizeof(nobody))
	})
}
