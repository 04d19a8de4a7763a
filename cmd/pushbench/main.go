// Pushbench measures which transport should carry updates to a product's
// clients: short polling, long polling, Server-Sent Events or WebSocket.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // the second interrupt ends us at once
	// Who reads us and goes away is an error like a full disk, not the end of us: what
	// is measured is still to be saved.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}
