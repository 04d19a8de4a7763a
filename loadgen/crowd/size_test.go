package crowd

import (
	"runtime"
	"testing"
	"unsafe"

	"pushbench/loadgen/reads"
)

// What ten thousand clients take decides not only how many there can be: it is
// what the CPU's cache has to hold while all of them get an event.
func TestAClientIsSmall(t *testing.T) { // G20
	if got := unsafe.Sizeof(member{}); got > 128 {
		t.Errorf("a member has %d bytes, want at most two lines of the cache", got)
	}
	const clients = 10_000
	for _, s := range speeches {
		t.Run(s.name, func(t *testing.T) {
			var one, all *audience
			alone := reads.Grown(func() { one = newAudience(s, 1) })
			together := reads.Grown(func() { all = newAudience(s, 1+clients) })
			runtime.KeepAlive(one)
			runtime.KeepAlive(all)
			if most := 5 << 18; alone > most {
				t.Errorf("%d bytes for a crowd of one, want at most %d", alone, most)
			}
			// Its line and its connection are the engine's.
			if got, most := (together-alone)/clients, 320; got > most {
				t.Errorf("%d bytes for each client, want at most %d", got, most)
			} else {
				t.Logf("%d bytes for each client", got)
			}
		})
	}
}
