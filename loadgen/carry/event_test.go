package carry

import "testing"

func TestAnEventThatIsGivenBackHoldsNothingThatWasRead(t *testing.T) {
	for range 100 { // until one comes round
		e := TakeEvent()
		if e.Data != nil {
			t.Fatalf("an event with %q in it", e.Data)
		}
		e.Data = []byte("read")
		GiveEvent(e)
	}
}
