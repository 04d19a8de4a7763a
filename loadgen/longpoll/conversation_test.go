package longpoll

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"pushbench/loadgen/engine"
	"pushbench/loadgen/reads"
	"pushbench/servers/wire"
)

func TestClientAsksAgainUponAnyAnswer(t *testing.T) { // L1 L4 L11
	c := New(&engine.Endpoint{Host: "example.test", Path: "/longpoll", Topic: "news"})
	request := c.Open(nil, wire.Cursor{})
	for _, turn := range []struct {
		question, answer string
		told             reads.Told
		asking           engine.Asking
	}{
		{"?topic=news ", "200 OK\r\nContent-Length: 41\r\n\r\n" + `{"cursor":"E-4","more":false,"events":[]}`, reads.Told{"hello E-4"}, engine.Idle},
		{"?topic=news&after=E-4 ", "204 No Content\r\nETag: \"E-4\"\r\n\r\n", nil, engine.Idle},
		{"?topic=news&after=E-4 ", "200 OK\r\nContent-Length: 40\r\n\r\n" + `{"cursor":"E-9","more":true,"events":[]}`, nil, engine.Eager},
		{"?topic=news&after=E-9 ", "", nil, engine.Waiting},
	} {
		if want := "GET /longpoll" + turn.question + "HTTP/1.1\r\n"; !strings.HasPrefix(string(request), want) {
			t.Fatalf("request %q, want %q", request, want)
		}
		if turn.answer != "" {
			told, _, err := reads.Reads{[]byte("HTTP/1.1 " + turn.answer)}.To(c)
			if err != nil || !cmp.Equal(turn.told, told) {
				t.Errorf("%q: told %q, %v", turn.answer, told, err)
			}
		}
		if got := c.(engine.Asker).Asking(); got != turn.asking {
			t.Errorf("asking after %q is %d, want %d", turn.answer, got, turn.asking)
		}
		if turn.asking != engine.Waiting {
			request = c.(engine.Asker).Ask(nil)
		}
	}
}
