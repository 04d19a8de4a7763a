//go:build unix

package target

import (
	"errors"
	"syscall"
)

// Freeze lets the server's processes stand still until Thaw.
func (c *Child) Freeze() error { return c.signal(syscall.SIGSTOP) }

// Thaw lets them go on.
func (c *Child) Thaw() error { return c.signal(syscall.SIGCONT) }

func (c *Child) signal(s syscall.Signal) error {
	lives, err := c.current()
	for _, l := range lives {
		err = errors.Join(err, l.Signal(s))
	}
	return err
}
