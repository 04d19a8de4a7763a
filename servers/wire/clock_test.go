package wire_test

import (
	"testing"
	"testing/synctest"
	"time"

	"pushbench/servers/wire"
)

func TestNowIsVirtualWhereTimeIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := wire.Now()
		timer := time.NewTimer(wire.Until(start + int64(time.Hour)))
		<-timer.C
		if got, want := wire.Now()-start, int64(time.Hour); got != want {
			t.Errorf("an hour's timer took %d ns of Now, want %d", got, want)
		}
		if got, want := time.Until(wire.Deadline(time.Minute)), time.Minute; got != want {
			t.Errorf("a deadline in a minute is in %v", got)
		}
	})
}
