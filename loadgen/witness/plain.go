package witness

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"

	sseclient "pushbench/loadgen/sse"
	"pushbench/servers/wire"
)

// plainClient reads our event stream with nothing but an HTTP client, and asks a
// WebSocket's address in the same way.
func plainClient(ctx context.Context) (bool, string, error) {
	s, end, err := build()
	if err != nil {
		return false, "", err
	}
	defer end()
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	get := func(path string) (*http.Response, error) {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url(path+"?topic=t0"), nil)
		if err != nil {
			return nil, err
		}
		return client.Do(request)
	}
	stream, err := get("/sse")
	if err != nil {
		return false, "", err
	}
	defer stream.Body.Close()
	kind := stream.Header.Get("Content-Type")
	ordinary := stream.StatusCode == http.StatusOK && stream.Header.Get("Upgrade") == "" && strings.HasPrefix(kind, "text/event-stream")
	lines := bufio.NewScanner(stream.Body)
	if ordinary {
		if err := line(lines, "id: "); err != nil { // from there on it is subscribed
			return false, "", err
		}
		if err := s.publish("hello"); err != nil {
			return false, "", err
		}
		if err := line(lines, "data: hello"); err != nil {
			return false, "", err
		}
	}
	socket, err := get("/ws")
	if err != nil {
		return false, "", err
	}
	defer socket.Body.Close()
	read := "which is no stream"
	if ordinary {
		read = "and an event as the line data: hello"
	}
	return ordinary, fmt.Sprintf("a GET is answered by %s %s with %s, %s; a GET of the WebSocket's address by %s",
		stream.Proto, stream.Status, kind, read, socket.Status), nil
}

// line reads until a line begins so.
func line(lines *bufio.Scanner, begins string) error {
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), begins) {
			return nil
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("read the stream: %w", err)
	}
	return fmt.Errorf("read the stream: it ended before a line %q: %w", begins, io.ErrUnexpectedEOF)
}

// minimal is an event stream as short as one can be: any server that can answer
// without ending the answer has it.
func minimal(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	fmt.Fprint(w, "id: plain-0\n\nid: plain-1\ndata: hello\n\n")
	if http.NewResponseController(w).Flush() == nil {
		<-r.Context().Done()
	}
}

// plainServer reads such a handler's stream with our client half.
func plainServer(ctx context.Context) (bool, string, error) {
	return plainHandler(ctx, minimal)
}

func plainHandler(ctx context.Context, h http.HandlerFunc) (bool, string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return false, "", fmt.Errorf("listen: %w", err)
	}
	server := &http.Server{Handler: h, ReadHeaderTimeout: patience}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		server.Serve(l) // until it is closed
	}()
	defer func() { server.Close(); <-ended }()
	f := newFollower(l.Addr().String(), "/", sseclient.New)
	defer f.close()
	if err := f.connect(ctx, wire.Cursor{}); err != nil {
		return false, "", err
	}
	if err := f.until(ctx, func() bool { return f.said("hello") }); err != nil {
		if ctx.Err() != nil {
			return false, "", err
		}
		return false, fmt.Sprintf("a handler with nothing but net/http and three lines of text is not understood: %v", err), nil
	}
	return true, "a handler with nothing but net/http and three lines of text is understood as an event stream", nil
}
