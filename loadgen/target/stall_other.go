//go:build !unix

package target

import "errors"

var errSignal = errors.New("a process cannot be made to stand still on this system")

// Freeze cannot let the process stand still here.
func (c *Child) Freeze() error { return errSignal }

// Thaw has nothing to undo here.
func (c *Child) Thaw() error { return nil }
