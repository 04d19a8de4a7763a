package target

import (
	"encoding/binary"
	"fmt"
	"net/netip"

	"golang.org/x/sys/unix"
)

// A Queue is that of a listening socket, in which connections wait to be accepted.
// It asks the kernel and not the server, which may be too busy to answer just when
// the queue is long.
type Queue struct {
	fd      int
	request []byte
	answer  [4096]byte
}

// The layout of sock_diag(7): a netlink header, then inet_diag_req_v2 in what is
// asked and inet_diag_msg in what is answered.
const (
	diagHeader  = 16
	diagRequest = diagHeader + 56
	diagByType  = 20 // SOCK_DIAG_BY_FAMILY
	diagSource  = diagHeader + 8
	diagCookie  = diagHeader + 48
	diagQueue   = diagHeader + 56 // idiag_rqueue: of a listener, who waits
)

// NewQueue asks for the queue of whoever listens at the IPv4 address.
func NewQueue(of netip.AddrPort) (*Queue, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_SOCK_DIAG)
	if err != nil {
		return nil, fmt.Errorf("ask for sockets: %w", err)
	}
	// One that does not answer must not hold up who asks.
	wait := unix.Timeval{Sec: 1}
	if err := unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &wait); err != nil {
		unix.Close(fd)
		return nil, fmt.Errorf("ask for sockets: %w", err)
	}
	r := make([]byte, diagRequest)
	binary.NativeEndian.PutUint32(r[0:], diagRequest)
	binary.NativeEndian.PutUint16(r[4:], diagByType)
	binary.NativeEndian.PutUint16(r[6:], unix.NLM_F_REQUEST)
	r[diagHeader], r[diagHeader+1] = unix.AF_INET, unix.IPPROTO_TCP
	binary.NativeEndian.PutUint32(r[diagHeader+4:], 0xffffffff) // sockets in any state
	binary.BigEndian.PutUint16(r[diagSource:], of.Port())
	address := of.Addr().As4()
	copy(r[diagSource+4:], address[:])
	binary.NativeEndian.PutUint64(r[diagCookie:], 0xffffffffffffffff) // whichever socket it is
	return &Queue{fd: fd, request: r}, nil
}

// Len is how many connections wait now. It takes some microseconds. While nobody
// listens it is an error.
func (q *Queue) Len() (int64, error) {
	if err := unix.Sendto(q.fd, q.request, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return 0, fmt.Errorf("ask for sockets: %w", err)
	}
	n, _, err := unix.Recvfrom(q.fd, q.answer[:], 0)
	if err != nil {
		return 0, fmt.Errorf("ask for sockets: %w", err)
	}
	if n < diagQueue+4 || binary.NativeEndian.Uint16(q.answer[4:]) != diagByType {
		return 0, fmt.Errorf("ask for sockets: %w", unix.ENOENT)
	}
	return int64(binary.NativeEndian.Uint32(q.answer[diagQueue:])), nil
}

// Close ends the asking.
func (q *Queue) Close() { unix.Close(q.fd) }
