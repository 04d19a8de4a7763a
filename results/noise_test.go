package results

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

func TestAQuietMachineMakesNoNoise(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := Listen(t.Context(), 300*time.Millisecond)
		if n.Over != 300*time.Millisecond || n.Timers != 300 || n.LateP99 != 0 || n.LateMax != 0 {
			t.Errorf("in time that nobody takes: %+v", n)
		}
	})
}

func TestListeningEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 20500*time.Microsecond)
		defer cancel()
		if n := Listen(ctx, time.Hour); n.Timers != 20 || n.Over != 20500*time.Microsecond {
			t.Errorf("cut short: %+v", n)
		}
	})
}
