//go:build unix

package results

import "golang.org/x/sys/unix"

// descriptors is how many this process may have open; zero when it cannot be
// told. The runtime has raised the soft limit to the hard one already, and a
// child inherits that.
func descriptors() int {
	var limit unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &limit) != nil {
		return 0
	}
	return int(min(limit.Cur, 1<<30))
}
