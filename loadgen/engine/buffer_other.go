//go:build !unix

package engine

import (
	"errors"
	"syscall"
)

func receiveBuffer(syscall.RawConn, int) error { return errors.ErrUnsupported }
