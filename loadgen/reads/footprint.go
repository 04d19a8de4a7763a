package reads

import "runtime"

// Footprint is how many bytes of heap each of many live values keeps that
// prepare makes.
func Footprint[T any](prepare func() T) int {
	live := make([]T, 10000)
	grown := Grown(func() {
		for i := range live {
			live[i] = prepare()
		}
	})
	runtime.KeepAlive(live)
	return grown / len(live)
}

// Grown is by how many bytes the heap grows by what f makes and the caller keeps.
func Grown(f func()) int {
	before := heap()
	f()
	return heap() - before
}

// heap is what is reachable.
func heap() int {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC() // Note: the first one leaves finalizable objects and pools' victims
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}
