package loop

import (
	"os"

	"golang.org/x/sys/unix"
)

// Vanish makes the connection that of a peer that has lost its network: nothing
// that arrives for it from now on is seen or acknowledged by this side's TCP, and
// its handler is told of nothing any more. It stays like that until the loop
// ends; that reset the peer does see.
//
// Note: what this side had sent, and not seen acknowledged when it vanished, it
// goes on to send again, which a lost network would not deliver.
func (c *Conn) Vanish() error {
	if c.state != open {
		return unix.ENOTCONN
	}
	if err := Deafen(int(c.fd)); err != nil {
		return err
	}
	c.Pause()
	return nil
}

// Deafen makes a socket drop every segment that arrives for it: a packet filter
// that accepts no byte of any, which needs no privilege. TCP asks it before it
// looks at the segment itself.
func Deafen(fd int) error {
	const nothing = 0
	filter := []unix.SockFilter{{Code: unix.BPF_RET | unix.BPF_K, K: nothing}}
	program := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	return os.NewSyscallError("setsockopt SO_ATTACH_FILTER",
		unix.SetsockoptSockFprog(fd, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, &program))
}
