//go:build unix

package results

import "golang.org/x/sys/unix"

// descriptors is how many files this process may have open.
func descriptors() (uint64, bool) {
	var limit unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &limit) != nil {
		return 0, false
	}
	return uint64(limit.Cur), true
}
