package crowd

import (
	"errors"
	"io"
	"net"
	"syscall"

	"pushbench/loadgen/engine"
)

// Reason is a short, stable word for why a connection ended.
func Reason(why error) string {
	if refused, ok := errors.AsType[*engine.StatusError](why); ok {
		return refused.Error()
	}
	if said, ok := errors.AsType[*engine.CloseError](why); ok {
		return (&engine.CloseError{Code: said.Code}).Error()
	}
	for _, known := range []struct {
		is   error
		word string
	}{
		{ErrSilent, "silent"},
		{ErrLeft, "left"},
		{engine.ErrEnded, "ended"},
		{engine.ErrStop, "stopped"},
		{engine.ErrProtocol, "protocol"},
		{engine.ErrLimit, "limit"},
		{io.EOF, "closed"},
		{io.ErrUnexpectedEOF, "closed"},
		{net.ErrClosed, "closed"},
		{syscall.ECONNRESET, "reset"},
		{syscall.EPIPE, "reset"},
		{syscall.ECONNREFUSED, "refused"},
		{syscall.EADDRNOTAVAIL, "no port"},
		{syscall.EMFILE, "no descriptor"},
	} {
		if errors.Is(why, known.is) {
			return known.word
		}
	}
	if timeout, ok := errors.AsType[net.Error](why); ok && timeout.Timeout() {
		return "timeout"
	}
	return "other"
}
