package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"strconv"
	"testing"
)

// The plain server and the generator speak the same wire as the floor does:
// each transport's line must be one that counts.
func TestGeneratorPrintsALineAsTheFloorsClientDoes(t *testing.T) {
	for transport := range halves {
		t.Run(transport, func(t *testing.T) {
			t.Parallel()
			port, err := freePort()
			if err != nil {
				t.Fatal(err)
			}
			ctx, stop := context.WithCancel(t.Context())
			served := make(chan error, 1)
			go func() {
				served <- servePlain(ctx, []string{"-transport", transport, "-port", strconv.Itoa(port), "-clients", "20", "-rate", "100"}, nil, io.Discard)
			}()
			if err := listening(ctx, port); err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			err = generate(ctx, []string{"-transport", transport, "-server", address(port), "-clients", "20", "-warmup", lead.String(), "-window", "1s"}, &out, io.Discard)
			if err != nil {
				t.Fatal(err)
			}
			stop()
			if err := <-served; err != nil {
				t.Error(err)
			}
			var keys map[string]any
			if err := json.Unmarshal(out.Bytes(), &keys); err != nil {
				t.Fatal(err)
			}
			for _, key := range []string{"msgs", "resps", "cli_us", "lat_us", "cli_rss_kb", "err", "neg", "closed"} {
				if _, there := keys[key]; !there {
					t.Errorf("no %q in %s", key, out.Bytes())
				}
			}
			r, err := parseReading(out.Bytes())
			if err != nil {
				t.Fatal(err)
			}
			if err := r.fault(load{Transport: transport, Clients: 20, Rate: 100}); err != nil {
				t.Errorf("%v in %s", err, out.Bytes())
			}
			if r.GeneratorCPU <= 0 || r.Latency.P50 <= 0 {
				t.Errorf("no CPU time or latency in %s", out.Bytes())
			}
		})
	}
}
