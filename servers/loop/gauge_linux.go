package loop

import (
	"math/rand/v2"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"pushbench/servers/wire"
)

// share is how many reads there are for one that is asked when its bytes
// arrived: few enough to cost nothing, and a thousand in a second of 10,000.
const share = 7

// A gauge measures how late its loop is: how long bytes have waited to be read,
// and how late a timer is that does nothing else.
type gauge struct {
	timer    Timer
	loop     *Loop
	observer Observer
	wall     wall
	due      int64 // of the timer
	skip     int   // reads until the next one that is asked
	dice     *rand.Rand
	message  unix.Msghdr
	vector   unix.Iovec
	control  stamp
}

// A stamp is what the kernel tells beside the bytes: when they arrived, by the
// wall clock.
type stamp struct {
	header unix.Cmsghdr
	at     unix.Timespec
}

func newGauge(l *Loop, o Observer) *gauge {
	g := &gauge{loop: l, observer: o, dice: rand.New(rand.NewPCG(1, 2))}
	g.vector.Base = unsafe.SliceData(l.buffer)
	g.vector.SetLen(len(l.buffer))
	g.message.Iov = &g.vector
	g.message.SetIovlen(1)
	g.message.Control = (*byte)(unsafe.Pointer(&g.control))
	return g
}

// start arms the timer.
func (g *gauge) start() {
	g.due = wire.Now() + int64(Tick)
	g.loop.At(&g.timer, g.due, g)
}

// Alarm implements Alarmer. One call tells one instant: those that a pause has
// left behind come in turns with what else is due, and in bounded batches.
func (g *gauge) Alarm(now int64) {
	g.observer.Late(now, time.Duration(now-g.due))
	g.due += int64(Tick)
	g.loop.At(&g.timer, g.due, g)
	// The shorter the time between two looks, the smaller the step that slewing
	// does not explain.
	if step := g.look(now); step != 0 {
		g.observer.Stepped(now, step, 0)
	}
}

// look reads the wall clock; now has just been read.
func (g *gauge) look(now int64) time.Duration {
	reading := wire.Wall()
	return g.wall.look(now, reading, wire.Now())
}

// timestamps asks the kernel to note when what the socket receives arrives.
// Where it cannot, no read has anything to tell.
func (g *gauge) timestamps(fd int) {
	if g != nil {
		unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1)
	}
}

// asks says whether the coming read is one to be asked. The distance between two
// is random, because in any fixed one the same connections would be asked again
// and again when their number is a multiple of it.
func (g *gauge) asks() bool {
	if g == nil {
		return false
	}
	if g.skip > 0 {
		g.skip--
		return false
	}
	g.skip = g.dice.IntN(2*share - 1)
	return true
}

// receive is receive into the loop's buffer that also tells when the bytes
// arrived, by the wall clock. Zero means that the kernel did not say.
func (g *gauge) receive(fd int) (int, int64, unix.Errno) {
	for {
		g.message.SetControllen(int(unsafe.Sizeof(g.control)))
		n, _, errno := unix.RawSyscall(unix.SYS_RECVMSG, uintptr(fd),
			uintptr(unsafe.Pointer(&g.message)), unix.MSG_DONTWAIT)
		if errno == unix.EINTR {
			continue
		}
		h := &g.control.header
		if errno != 0 || g.message.Controllen == 0 || h.Level != unix.SOL_SOCKET || h.Type != unix.SCM_TIMESTAMPNS {
			return int(n), 0, errno
		}
		return int(n), g.control.at.Nano(), 0
	}
}

// arrived tells the observer of a read that returned at now.
func (g *gauge) arrived(now, stamp int64) {
	step := g.look(now)
	at, sound := g.wall.instant(stamp, now)
	if step != 0 || !sound {
		g.observer.Stepped(now, step, 1)
		return
	}
	g.observer.Delayed(now, time.Duration(now-at))
}
