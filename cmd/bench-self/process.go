package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// A process is a child on one CPU.
type process struct {
	command   *exec.Cmd
	out, errs bytes.Buffer
	end       context.CancelFunc
}

// start starts a program on a CPU. It is ended when ctx is: with SIGTERM, and
// two seconds later for good.
func start(ctx context.Context, cpu int, program string, args ...string) (*process, error) {
	ctx, end := context.WithCancel(ctx)
	// Note: taskset becomes the program, so the process number is the program's,
	// and the Go runtime sees one CPU from its start.
	c := exec.CommandContext(ctx, "taskset", append([]string{"-c", strconv.Itoa(cpu), program}, args...)...)
	p := &process{command: c, end: end}
	c.Stdout, c.Stderr = &p.out, &p.errs
	c.Cancel = func() error { return c.Process.Signal(syscall.SIGTERM) }
	c.WaitDelay = 2 * time.Second
	// An interrupt from the terminal is for us: we end our children in good order.
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := c.Start(); err != nil {
		end()
		return nil, fmt.Errorf("start %s: %w", program, err)
	}
	return p, nil
}

func (p *process) pid() int { return p.command.Process.Pid }

// stop ends the process and waits for that.
func (p *process) stop() {
	p.end()
	p.command.Wait()
}

// output waits for the process to end by itself and returns what it printed.
func (p *process) output() ([]byte, error) {
	defer p.end()
	if err := p.command.Wait(); err != nil {
		return nil, fmt.Errorf("%s: %w: %s", p.command.Args[3], err, strings.TrimSpace(p.errs.String()))
	}
	return p.out.Bytes(), nil
}

// freePort is a port that nobody listens on. Every run has another, so what the
// last one left in TIME_WAIT is not in its way.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// listening waits until somebody accepts connections on the port.
func listening(ctx context.Context, port int) error {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		c, err := new(net.Dialer).DialContext(ctx, "tcp", address(port))
		if err == nil {
			return c.Close()
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("wait for port %d: %w", port, context.Cause(ctx))
		}
	}
}

func address(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }
