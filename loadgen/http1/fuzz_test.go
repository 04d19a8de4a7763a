package http1

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"pushbench/loadgen/reads"
)

// FuzzReader reads bytes as net/http does or refuses them, in every split alike.
func FuzzReader(f *testing.F) {
	for _, seed := range []string{
		"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloHTTP/1.0 404 \r\n\r\nrest",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x\r\nhello\r\n0\r\nA: b\r\n\r\nHTTP/1.1 204 No\r\n\r\n",
		"HTTP/1.1 100 C\r\n\r\nHTTP/1.1 304 N\r\nContent-Length: 7\r\nConnection: close\r\n\r\n",
		"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Type: a/b\r\nContent-Length: 1\r\n\r\nx",
		"HTTP/1.1 101 S\r\nUpgrade: x\r\n\r\n\x81\x00",
		"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
	} {
		f.Add([]byte(seed), uint64(1))
	}
	f.Fuzz(func(t *testing.T, stream []byte, seed uint64) {
		got, err := read(reads.Reads{stream})
		split, splitErr := read(reads.Random(stream, seed))
		if !slices.Equal(got, split) || (err == nil) != (splitErr == nil) {
			t.Fatalf("split: %v (-whole +split)\n%s", splitErr, cmp.Diff(got, split))
		}
		if err != nil && len(got) > 0 && !got[len(got)-1].Whole {
			got = got[:len(got)-1] // where we stop, others may read on
		}
		want := readByStandardLibrary(stream)
		if len(got) > len(want) || err == nil && len(got) < len(want) {
			t.Fatalf("%d responses, others read %d\n%+v\n%+v", len(got), len(want), got, want)
		}
		if !slices.Equal(want[:len(got)], got) {
			t.Fatalf("%v (-others +ours)\n%s", err, cmp.Diff(want[:len(got)], got))
		}
	})
}

// readByStandardLibrary is read as net/http does it.
func readByStandardLibrary(stream []byte) (all []response) {
	in := bufio.NewReader(bytes.NewReader(stream))
	for {
		r, err := http.ReadResponse(in, nil)
		if err != nil {
			return all
		}
		if r.StatusCode < 200 && r.StatusCode != 101 {
			continue
		}
		body, err := io.ReadAll(r.Body)
		all = append(all, response{r.StatusCode, r.Header.Get("Content-Type"), string(body), r.Close, err == nil && r.StatusCode != 101})
		if err != nil || r.StatusCode == 101 {
			return all
		}
	}
}

// FuzzWrittenResponse reads exactly what net/http wrote, so strictness costs nothing.
func FuzzWrittenResponse(f *testing.F) {
	f.Add(uint16(200), "text/plain", []byte("hello"), true, false, uint64(1))
	f.Add(uint16(404), "", []byte{}, false, true, uint64(2))
	f.Add(uint16(204), "a/b; c=d", []byte{}, false, false, uint64(3))
	f.Fuzz(func(t *testing.T, status uint16, contentType string, body []byte, chunked, closing bool, seed uint64) {
		status = 200 + status%400
		for _, r := range contentType {
			if r < ' ' || r > '~' {
				return
			}
		}
		w := &http.Response{StatusCode: int(status), ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{}, Close: closing,
			ContentLength: int64(len(body)), Body: io.NopCloser(bytes.NewReader(body))}
		if contentType != "" {
			w.Header.Set("Content-Type", contentType)
		}
		if chunked {
			w.ContentLength, w.TransferEncoding, w.Trailer = -1, []string{"chunked"}, http.Header{"X": {"y"}}
		}
		if status == 204 || status == 304 {
			body, w.Body, w.ContentLength = nil, nil, 0
			w.TransferEncoding, w.Trailer = nil, nil
		}
		var stream bytes.Buffer
		if err := w.Write(&stream); err != nil {
			t.Skip(err)
		}
		got, err := read(reads.Random(stream.Bytes(), seed))
		want := response{int(status), strings.Trim(contentType, " "), string(body), closing, true}
		if err != nil || !slices.Equal([]response{want}, got) {
			t.Fatalf("%v\n%q\n(-want +got)\n%s", err, stream.Bytes(), cmp.Diff([]response{want}, got))
		}
	})
}
