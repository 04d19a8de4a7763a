package host

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// socketMemory is what SO_MEMINFO says is charged to a socket: buffers received
// and not read, buffers written and not acknowledged, what is set aside for the
// next ones, options, and packets that wait for the socket's lock.
//
// Note: golang.org/x/sys has no function for an option that is an array.
func socketMemory(fd uintptr) int64 {
	// The order of the kernel's SK_MEMINFO_ numbers.
	const received, reserved, queued, options, backlog, all = 0, 4, 5, 6, 7, 9
	var info [all]uint32
	size := uint32(unsafe.Sizeof(info))
	_, _, errno := unix.Syscall6(unix.SYS_GETSOCKOPT, fd, unix.SOL_SOCKET, unix.SO_MEMINFO,
		uintptr(unsafe.Pointer(&info)), uintptr(unsafe.Pointer(&size)), 0)
	if errno != 0 {
		return 0
	}
	sum := int64(0)
	for _, part := range []int{received, reserved, queued, options, backlog} {
		sum += int64(info[part])
	}
	return sum
}
