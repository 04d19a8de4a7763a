// Package loop is an event loop over TCP connections: one thread that accepts,
// dials, reads, writes and keeps timers for thousands of them. It knows no
// protocol; servers and the load generator stand on the same one, so neither
// has an advantage over the other. Observed, it measures how late it is itself.
//
// A loop exists on Linux only (epoll). Everything of a Loop but Post belongs to
// the goroutine that runs it: its methods, its connections and its timers are
// for use before Run and in the callbacks that Run makes, which come one at a
// time. Work is spread over CPUs by running several loops.
package loop
