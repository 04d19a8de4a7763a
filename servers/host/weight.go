package host

import (
	"runtime"
	"sync"
	"syscall"
)

// A Memory is what a server's memory is used for, in bytes.
type Memory struct {
	Heap    int64 `json:"heap"`    // objects, and room between them
	Stacks  int64 `json:"stacks"`  // of goroutines and threads
	Runtime int64 `json:"runtime"` // what else the Go runtime holds
	Sockets int64 `json:"sockets"` // the kernel's, for what is queued on the connections
	Conns   int64 `json:"conns"`   // open connections; Sockets is of those whose kernel can be asked
}

// Plus is what two processes use together.
func (m Memory) Plus(other Memory) Memory {
	return Memory{
		Heap: m.Heap + other.Heap, Stacks: m.Stacks + other.Stacks, Runtime: m.Runtime + other.Runtime,
		Sockets: m.Sockets + other.Sockets, Conns: m.Conns + other.Conns,
	}
}

// weigh says what the server's memory is used for at the moment, after a
// collection: what clients cost is what is kept for them, and not the garbage
// that their arrival has left, of which there is more or less of it by chance.
// It takes the processor for a while, so it is for when nothing is measured.
func (s *Server) weigh() Memory {
	runtime.GC()
	m := memoryOfRuntime()
	m.Conns, m.Sockets = s.stack.sockets()
	return m
}

func (k *std) sockets() (conns, bytes int64) {
	open := k.open.all()
	for i, c := range open {
		bytes += queued(c.Conn)
		if i%chunk == chunk-1 {
			runtime.Gosched()
		}
	}
	return int64(len(open)), bytes
}

// chunk is how many connections are asked before others have their turn.
const chunk = 64

// queued is the kernel's memory for what is queued on a connection, in both
// directions; zero of one that is no socket or has ended meanwhile.
func queued(c any) (bytes int64) {
	socket, ok := c.(syscall.Conn)
	if !ok {
		return 0
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return 0
	}
	if raw.Control(func(fd uintptr) { bytes = socketMemory(fd) }) != nil {
		return 0
	}
	return bytes
}

// A register knows the open connections. It is safe for concurrent use.
type register struct {
	mu    sync.Mutex
	conns map[*countingConn]struct{}
}

func (r *register) add(c *countingConn) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.conns == nil {
		r.conns = map[*countingConn]struct{}{}
	}
	r.conns[c] = struct{}{}
}

// remove says whether it was open.
func (r *register) remove(c *countingConn) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, open := r.conns[c]
	delete(r.conns, c)
	return open
}

func (r *register) all() []*countingConn {
	r.mu.Lock()
	defer r.mu.Unlock()
	conns := make([]*countingConn, 0, len(r.conns))
	for c := range r.conns {
		conns = append(conns, c)
	}
	return conns
}
