package witness

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
)

// maxTold bounds what a page may tell.
const maxTold = 64 << 10

// resumePage follows an event stream and a WebSocket with what a browser has, and
// nothing of its own that would come back.
const resumePage = `<!DOCTYPE html><meta charset="utf-8"><title>resume</title><script>
const seen = {events: [], frames: [], closed: 0};
const post = (path) => fetch(path, {method: 'POST', body: JSON.stringify(seen)});
let heard = 0;
const first = (data) => { if (data === 'first' && ++heard === 2) post('/heard'); };
const stream = new EventSource('/sse?topic=t0');
stream.onmessage = (e) => {
  seen.events.push(e.data);
  first(e.data);
  if (e.data === 'last') { stream.close(); post('/told'); }
};
const socket = new WebSocket('ws://' + location.host + '/ws?topic=t0');
socket.onmessage = (e) => { seen.frames.push(e.data); first(e.data); };
socket.onclose = () => { seen.closed++; };
</script>`

// resumeBrowser cuts a page's event stream and its WebSocket off, and sees which of
// them comes back, when, and with what it lacked.
func resumeBrowser(ctx context.Context, b Browser) (bool, string, error) {
	s, end, err := build()
	if err != nil {
		return false, "", err
	}
	defer end()
	s.mux.HandleFunc("GET /{$}", page(resumePage))
	heard, told := make(chan []byte, 1), make(chan []byte, 1)
	s.mux.HandleFunc("POST /heard", hear(heard))
	s.mux.HandleFunc("POST /told", hear(told))
	if err := b.Open(ctx, s.url("/")); err != nil {
		return false, "", fmt.Errorf("open a page: %w", err)
	}
	if err := s.subscribers(ctx, 2); err != nil {
		return false, "", err
	}
	if err := s.publish("first"); err != nil {
		return false, "", err
	}
	if _, err := wait(ctx, heard); err != nil {
		return false, "", err
	}
	s.cut()
	gone := time.Now()
	if err := s.publish("missed"); err != nil {
		return false, "", err
	}
	const astray = "cut off, the event stream did not come back for what it lacked"
	back, cancel := context.WithTimeout(ctx, 5*retry)
	defer cancel()
	if err := s.until(back, func() bool { return s.begun("/sse") > 1 }); err != nil {
		return false, astray, ctx.Err()
	}
	if err := s.publish("last"); err != nil {
		return false, "", err
	}
	late, stop := context.WithTimeout(ctx, 5*retry)
	defer stop()
	text, err := wait(late, told)
	if err != nil {
		return false, astray, ctx.Err()
	}
	var seen struct {
		Events, Frames []string
		Closed         int
	}
	if err := json.Unmarshal(text, &seen); err != nil {
		return false, "", fmt.Errorf("what the page told: %w", err)
	}
	streams, sockets := s.requests("/sse"), s.requests("/ws")
	again := streams[len(streams)-1]
	after := again.at.Sub(gone)
	resumed := len(streams) == 2 && again.lastID != "" && strings.Join(seen.Events, " ") == "first missed last"
	patient := after >= retry*9/10
	alone := len(sockets) == 1 && seen.Closed == 1 && !slices.Contains(seen.Frames, "missed")
	return resumed && patient && alone, fmt.Sprintf("cut off after the first of the events first, missed and last: the event stream asked %s, "+
		"%s after it was cut (told %s), with Last-Event-ID %q, and had %s; the WebSocket was opened %s and closed %s",
		times(len(streams)), after.Round(10*time.Millisecond), retry, again.lastID, strings.Join(seen.Events, " "), times(len(sockets)), times(seen.Closed)), nil
}

func times(n int) string {
	switch n {
	case 1:
		return "once"
	case 2:
		return "twice"
	}
	return fmt.Sprintf("%d times", n)
}

// page answers with a page.
func page(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		io.WriteString(w, text)
	}
}

// hear passes on what a page posts, the first time.
func hear(into chan<- []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxTold))
		if err != nil {
			return // and answered
		}
		select {
		case into <- text:
		default:
		}
		w.WriteHeader(http.StatusNoContent)
	}
}

func wait(ctx context.Context, from <-chan []byte) ([]byte, error) {
	select {
	case text := <-from:
		return text, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}
