//go:build !linux

package host

// socketMemory cannot be asked for here.
func socketMemory(uintptr) int64 { return 0 }
