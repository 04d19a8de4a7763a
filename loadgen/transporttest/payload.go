package transporttest

import (
	"bytes"
	"context"
	"fmt"

	"pushbench/servers/source"
	"pushbench/servers/wire"
)

// sizes are those at which the framing of some transport changes its form, and
// one that no buffer on the way holds.
var sizes = []int{0, 1, 125, 126, 65535, 65536, 1 << 20}

// payloadsArriveAsPublished compares byte by byte what a live client and one
// that resumes get, with types and instants. No payload has a CR, because an
// event stream turns that into LF on purpose.
func payloadsArriveAsPublished(ctx context.Context, s Subject) error {
	var messages []wire.Message
	for _, size := range sizes {
		next := source.Payload{Min: size, Max: size, Content: source.Random}.Maker(uint64(size))
		messages = append(messages, wire.Message{Data: next()})
	}
	for _, data := range []string{
		`null`, `-1.5e3`, `{"a":[1,{"b":"]}"}]}`, `"\"\\\u0000\n"`, "[1,\n2,\n\n3]", "\"é \u2028 😀\"", `":"`, `{"hello":"a-1"}`, `{"gap":{}}`,
	} {
		messages = append(messages, wire.Message{Data: []byte(data)})
	}
	messages = append(messages, wire.Message{Type: "tick", Data: []byte(`1`)}, wire.Message{Type: "tänk", Data: []byte(`2`)}, wire.Message{Data: []byte(`3`)})
	for i := range messages {
		messages[i].Due = wire.Now() + int64(i)
	}
	return roundTrip(ctx, s, source.Options{Epoch: "now"}, messages)
}

// barePayloadsAreCounted sends texts without envelope, and then lets a client
// count on behind a gap.
func barePayloadsAreCounted(ctx context.Context, s Subject) error {
	var messages []wire.Message
	for _, data := range []string{
		"", "one", "two\nlines", "\n", "\n\ntwo empty ones before", "ends with one\n", " a space before", ": a colon before",
		"data: a field", "id: now-77\n\ndata: injected", `{"gap":{}}`, `"quoted"`, `back\slash`, "]}", "a\tb", "é \u2028 😀", "",
	} {
		messages = append(messages, wire.Message{Data: []byte(data)})
	}
	if err := roundTrip(ctx, s, source.Options{Epoch: "now", Raw: true}, messages); err != nil {
		return err
	}
	st, err := s.open(ctx, source.Options{Epoch: "now", Raw: true, Keep: 2}, "a")
	if err != nil {
		return err
	}
	defer st.close()
	if err := st.publish("a", 9); err != nil {
		return err
	}
	c, err := st.subscribe(ctx, "a", wire.Cursor{Epoch: "now", N: 3})
	if err != nil {
		return err
	}
	defer c.hangUp()
	if err := c.notice(ctx, wire.Gap{From: 4, To: 7, Cursor: wire.Cursor{Epoch: "now", N: 7}}); err != nil {
		return err
	}
	return c.events(ctx, "a", 8, 9)
}

// roundTrip publishes the messages, to one client as they come and to another
// that asks for them afterwards.
func roundTrip(ctx context.Context, s Subject, o source.Options, messages []wire.Message) error {
	st, err := s.open(ctx, o, "a")
	if err != nil {
		return err
	}
	defer st.close()
	live, at, err := st.join(ctx, "a")
	if err != nil {
		return err
	}
	defer live.hangUp()
	for i, m := range messages {
		if _, err := st.source.Publish("a", m); err != nil {
			return fmt.Errorf("publish %.60q: %w", m.Data, err)
		}
		if err := live.message(ctx, m, at.N+uint64(i)+1, o.Raw); err != nil {
			return err
		}
	}
	back, err := st.subscribe(ctx, "a", at)
	if err != nil {
		return err
	}
	defer back.hangUp()
	for i, m := range messages {
		if err := back.message(ctx, m, at.N+uint64(i)+1, o.Raw); err != nil {
			return fmt.Errorf("resumed: %w", err)
		}
	}
	return nil
}

// message wants the next word to be that message as event n.
func (c *client) message(ctx context.Context, m wire.Message, n uint64, raw bool) error {
	w, err := c.next(ctx)
	if err != nil {
		return fmt.Errorf("want event %d %.60q: %w", n, m.Data, err)
	}
	if w.event == nil || w.event.N != n || !bytes.Equal(w.event.Data, m.Data) || w.event.Type != m.Type || !raw && w.event.Due != m.Due {
		return fmt.Errorf("got %v, want event %d %.60q of %d bytes, type %q", w, n, m.Data, len(m.Data), m.Type)
	}
	return nil
}
