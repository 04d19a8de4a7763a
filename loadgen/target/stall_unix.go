//go:build unix

package target

import "syscall"

// Freeze lets the process stand still until Thaw.
func (c *Child) Freeze() error { return c.signal(syscall.SIGSTOP) }

// Thaw lets it go on.
func (c *Child) Thaw() error { return c.signal(syscall.SIGCONT) }

func (c *Child) signal(s syscall.Signal) error {
	l, err := c.current()
	if err != nil {
		return err
	}
	return l.command.Process.Signal(s)
}
