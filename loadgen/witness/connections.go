package witness

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"
)

// wanted are the event streams that a page opens: more than a browser allows, if it
// allows as few as is said.
const wanted = 8

// plateau is how long no further stream is opened until that is taken for all that
// are allowed.
const plateau = 1500 * time.Millisecond

// connectionsPage opens event streams to its own origin and closes each that ends.
var connectionsPage = fmt.Sprintf(`<!DOCTYPE html><meta charset="utf-8"><title>connections</title><script>
for (let i = 0; i < %d; i++) {
  const stream = new EventSource('/hold?n=' + i);
  stream.addEventListener('end', () => stream.close());
}
</script>`, wanted)

// A hold is an event stream that is open until it is let go.
type hold struct {
	proto string
	free  chan struct{}
}

// connections counts how many of a page's event streams a browser opens at once,
// and whether another one follows when one ends.
func connections(ctx context.Context, b Browser, plateau time.Duration) (bool, string, error) {
	s, end, err := build()
	if err != nil {
		return false, "", err
	}
	defer end()
	arrived := make(chan hold, 2*wanted)
	s.mux.HandleFunc("GET /{$}", page(connectionsPage))
	s.mux.HandleFunc("GET /hold", func(w http.ResponseWriter, r *http.Request) {
		h := hold{r.Proto, make(chan struct{})}
		w.Header().Set("Content-Type", "text/event-stream")
		io.WriteString(w, ": held\n\n")
		if http.NewResponseController(w).Flush() != nil {
			return
		}
		select {
		case arrived <- h:
		case <-r.Context().Done():
			return
		}
		select {
		case <-h.free:
			io.WriteString(w, "event: end\ndata: \n\n")
			_ = http.NewResponseController(w).Flush() // a browser that is gone needs no word
			<-r.Context().Done()                      // the browser closes it
		case <-r.Context().Done():
		}
	})
	if err := b.Open(ctx, s.url("/")); err != nil {
		return false, "", fmt.Errorf("open a page: %w", err)
	}
	open, err := gather(ctx, arrived, plateau)
	if err != nil {
		return false, "", err
	}
	proto := open[0].proto
	if len(open) >= wanted {
		return false, fmt.Sprintf("all of %d event streams to one origin were opened at once (%s)", wanted, proto), nil
	}
	close(open[0].free)
	next := time.NewTimer(5 * plateau)
	defer next.Stop()
	select {
	case <-arrived:
	case <-ctx.Done():
		return false, "", context.Cause(ctx)
	case <-next.C:
		return false, fmt.Sprintf("of %d event streams to one origin %d were opened at once (%s), and no other one when one of them had ended", wanted, len(open), proto), nil
	}
	return len(open) == 6 && proto == "HTTP/1.1", fmt.Sprintf("of %d event streams to one origin %d were opened at once (%s), and another one when one of them had ended", wanted, len(open), proto), nil
}

// gather takes streams until no other one arrives for so long; there is at least
// one.
func gather(ctx context.Context, arrived <-chan hold, plateau time.Duration) ([]hold, error) {
	var open []hold
	quiet := time.NewTimer(plateau)
	defer quiet.Stop()
	for len(open) < wanted {
		var enough <-chan time.Time
		if len(open) > 0 {
			enough = quiet.C
		}
		select {
		case h := <-arrived:
			open = append(open, h)
			quiet.Reset(plateau)
		case <-enough:
			return open, nil
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
	return open, nil
}
