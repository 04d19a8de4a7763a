package witness

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// A reading is an event stream as a plain HTTP client reads it: lines of fields.
type reading struct {
	body  io.Closer
	lines *bufio.Scanner
	last  map[string]string // the last value of each field
	data  []string
}

// read asks for the stage's stream with nothing but a GET, and with the ID of the
// last event when there was one.
func (s *stage) read(ctx context.Context, client *http.Client, lastID string) (*reading, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url("/sse?topic=t0"), nil)
	if err != nil {
		return nil, err
	}
	if lastID != "" {
		request.Header.Set("Last-Event-ID", lastID)
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	return &reading{response.Body, bufio.NewScanner(response.Body), map[string]string{}, nil}, nil
}

// until reads to the end of the block with that data.
func (r *reading) until(data string) error {
	for r.lines.Scan() {
		field, value, _ := strings.Cut(r.lines.Text(), ": ")
		switch {
		case field == "data":
			r.data = append(r.data, value)
		case field != "":
			r.last[field] = value
		case len(r.data) > 0 && r.data[len(r.data)-1] == data:
			return nil
		}
	}
	if err := r.lines.Err(); err != nil {
		return fmt.Errorf("read the stream: %w", err)
	}
	return fmt.Errorf("read the stream: it ended before %q: %w", data, io.ErrUnexpectedEOF)
}

// resumePlain cuts an event stream off and asks for it again as the standard says,
// with nothing of ours: a GET, and the ID that stood in the last block.
func resumePlain(ctx context.Context) (bool, string, error) {
	s, end, err := build()
	if err != nil {
		return false, "", err
	}
	defer end()
	return resumePlainOn(ctx, s)
}

func resumePlainOn(ctx context.Context, s *stage) (bool, string, error) {
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	before, err := s.read(ctx, client, "")
	if err != nil {
		return false, "", err
	}
	defer before.body.Close()
	if err := s.subscribers(ctx, 1); err != nil {
		return false, "", err
	}
	if err := s.publish("first"); err != nil {
		return false, "", err
	}
	if err := before.until("first"); err != nil {
		return false, "", err
	}
	s.cut()
	if err := s.subscribers(ctx, 0); err != nil {
		return false, "", err
	}
	if err := s.publish("missed"); err != nil {
		return false, "", err
	}
	id := before.last["id"]
	if id == "" {
		return false, "", errors.New("the stream names no event")
	}
	after, err := s.read(ctx, client, id)
	if err != nil {
		return false, "", err
	}
	defer after.body.Close()
	if err := s.subscribers(ctx, 1); err != nil {
		return false, "", err
	}
	if err := s.publish("last"); err != nil {
		return false, "", err
	}
	if err := after.until("last"); err != nil {
		return false, "", err
	}
	has, told := strings.Join(after.data, " "), before.last["retry"]
	holds := has == "missed last" && told == fmt.Sprint(retry.Milliseconds())
	return holds, fmt.Sprintf("of the events first, missed and last, cut off after the first: a GET with Last-Event-ID, which was told to wait %s ms, "+
		"had %s; of a WebSocket it says nothing, and comes back only because it is told to", told, has), nil
}
