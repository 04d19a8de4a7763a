package doctor

import (
	"fmt"
	"math"
	"sort"

	"pushbench/results"
)

// spare is how many descriptors a process needs beside its connections.
const spare = 64

// NeedDescriptors is how many of them a process needs for the load, on the side that
// needs more: both have an end of each connection.
func NeedDescriptors(l Load) int {
	return spare + max(ofServer(l.Connections, l.Servers), ofGenerator(l.Connections, l.Generators))
}

// ofGenerator is how many connections one of so many processes has at most that the
// clients are divided over.
func ofGenerator(connections, processes int) int {
	processes = max(1, processes)
	return (connections + processes - 1) / processes
}

// ofServer is that of a server, to whose processes the kernel gives connections by a
// hash: five standard deviations more than the mean.
func ofServer(connections, processes int) int {
	if processes <= 1 {
		return connections
	}
	mean := float64(connections) / float64(processes)
	return min(connections, int(math.Ceil(mean+5*math.Sqrt(mean))))
}

// FitClients is how many of the load's clients the descriptors allow.
func FitClients(f results.Facts, l Load) int {
	more := l
	return sort.Search(l.Clients, func(n int) bool {
		more.Connections = ((n+1)*l.Connections-1)/l.Clients + 1
		return NeedDescriptors(more) > f.Descriptors
	})
}

// MaxAddresses bounds the loopback addresses that connections are spread over.
const MaxAddresses = 64

// Addresses is how many source addresses that many connections to one server
// take, with a fifth of each one's ports to spare.
func Addresses(connections, ports int) int {
	each := max(1, ports*4/5)
	return max(1, (connections+each-1)/each)
}

// Descriptors judges the limit of open files.
func Descriptors(f results.Facts, l Load) Finding {
	const code = "descriptors"
	need := NeedDescriptors(l)
	switch {
	case f.Descriptors == 0:
		return unseen(code, "this system has no limit to check")
	case need > f.Descriptors:
		return Finding{code, Problem, fmt.Sprintf("need %d file descriptors, have %d", need, f.Descriptors), refused,
			fmt.Sprintf("ulimit -n %d, %sor lower --clients to %d", need, divided(f, l), FitClients(f, l))}
	}
	return ok(code, "need %d, have %d", need, f.Descriptors)
}

// Ports judges the ports that connections come from.
func Ports(f results.Facts, l Load) Finding {
	const code = "ports"
	addresses := Addresses(l.Connections, f.Ports)
	if addresses > MaxAddresses {
		return Finding{code, Problem, fmt.Sprintf("%d connections from %d ports on %d addresses", l.Connections, f.Ports, MaxAddresses), refused,
			"sudo sysctl -w net.ipv4.ip_local_port_range='1024 65535', or lower --clients"}
	}
	return ok(code, "%d connections from %d ports on %d address(es)", l.Connections, f.Ports, addresses)
}

// standstill is how long a server may stand still, for a collection or because
// others have its CPU, without losing who connects meanwhile.
const standstill = 0.1 // s

func backlog(f results.Facts, l Load) Finding {
	const code = "accept-queue"
	if f.Backlog == 0 {
		return unseen(code, "how many connections may wait to be accepted")
	}
	if need := int(min(float64(l.Clients), standstill*l.ConnectRate)); f.Backlog < need {
		come := fmt.Sprintf("%.4g come in a second", l.ConnectRate)
		if math.IsInf(l.ConnectRate, 1) {
			come = fmt.Sprintf("%d come at once", l.Clients)
		}
		return Finding{code, Warning,
			fmt.Sprintf("%d connections may wait to be accepted, and %s", f.Backlog, come),
			"connecting takes a second longer for those that find no room",
			fmt.Sprintf("sudo sysctl -w net.core.somaxconn=%d, or lower --connect-rate", need)}
	}
	return ok(code, "%d connections may wait to be accepted", f.Backlog)
}

func timeWait(f results.Facts, l Load) Finding {
	const code = "time-wait"
	if !Room(f.TimeWait, l.Connections, f.Ports) {
		return Finding{code, Warning, fmt.Sprintf("%d connections wait out their end", f.TimeWait),
			"the first trial waits for their ports", "start in a minute"}
	}
	return ok(code, "%d connections wait out their end", f.TimeWait)
}

// Room says whether there are ports for that many connections beside those that
// others still keep, even if all of these stood in the way.
func Room(taken, connections, ports int) bool {
	return taken+connections <= Addresses(connections, ports)*ports
}

// perClient is what a client takes of the memory in both processes and the
// kernel together, at the most: a server of net/http with its buffers, and a
// socket at each end.
const perClient = 64 << 10

func memory(f results.Facts, l Load) Finding {
	const code, mib = "memory", 1 << 20
	need := uint64(l.Connections) * perClient
	switch {
	case f.MemoryFree == 0:
		return unseen(code, "how much memory is free")
	case need > f.MemoryFree:
		return Finding{code, Warning, fmt.Sprintf("%d clients may take %d MiB, and %d are free", l.Clients, need/mib, f.MemoryFree/mib),
			"processes wait for memory, or are killed", "lower --clients, or end what else takes memory"}
	}
	return ok(code, "%d clients take at most %d MiB, and %d are free", l.Clients, need/mib, f.MemoryFree/mib)
}
