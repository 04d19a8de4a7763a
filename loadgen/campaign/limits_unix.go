//go:build unix

package campaign

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// descriptors is how many this process may have open. The runtime has raised
// the soft limit to the hard one already, and a child inherits that.
func descriptors() (int, error) {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return 0, fmt.Errorf("read limit of file descriptors: %w", err)
	}
	return int(min(limit.Cur, 1<<30)), nil
}
