package textbook_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"pushbench/servers/source"
	"pushbench/servers/textbook"
)

func TestEveryKindOfEventHasItsTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		src := textbook.New("e")
		topic, err := src.Topic(textbook.Topic)
		if err != nil {
			t.Fatal(err)
		}
		ctx, end := context.WithTimeout(t.Context(), 8*textbook.Every-1)
		defer end()
		if err := textbook.Drive(ctx, src, source.Timer{}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("ended with %v", err)
		}
		seen := topic.Since(0, 100, nil).Entries
		if len(seen) != 8 {
			t.Fatalf("%d events, want 8", len(seen))
		}
		for i, e := range seen {
			text := string(e.Bytes)
			if want := []string{"greeting", "price", "poem", ""}[i%4]; e.Type != want {
				t.Errorf("event %d is a %q, want %q", i+1, e.Type, want)
			}
			if got := json.Valid(e.Bytes); got != (e.Type == "price") {
				t.Errorf("%s: JSON %v", text, got)
			}
			if got := strings.Count(text, "\n"); got > 0 != (e.Type == "poem") {
				t.Errorf("%q has %d ends of lines", text, got)
			}
		}
	})
}
