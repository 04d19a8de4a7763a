// Package control lets whoever has a server's token change what it does while it
// runs: how much it publishes, and how it fares.
package control

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"pushbench/servers/source"
	"pushbench/servers/wire"
)

// An Order is what a POST asks for; its parts may be combined.
type Order struct {
	// Rate is the events a second on each topic from now on, zero for none.
	Rate *float64 `json:"rate,omitempty"`
	// Size is the bytes of their data.
	Size *int `json:"size,omitempty"`
	// Stall is how long the server is to stand still, in milliseconds.
	Stall int `json:"stall_ms,omitempty"`
	// Reset breaks all connections, the one of this order after its answer.
	Reset bool `json:"reset,omitempty"`
}

// Bounds of orders: a page is to look at, and a slip of its hand must not take the
// machine down.
const (
	maxRate  = 10_000
	maxStall = time.Minute
	maxBody  = 1 << 10
)

// Check says what is impossible about the order.
func (o Order) Check() error {
	switch {
	case o.Rate == nil && o.Size == nil && o.Stall == 0 && !o.Reset:
		return errors.New("nothing is ordered: want rate, size, stall_ms or reset")
	case o.Rate != nil && (!(*o.Rate >= 0) || *o.Rate > maxRate):
		return fmt.Errorf("rate %g: want 0 to %d events a second", *o.Rate, maxRate)
	case o.Size != nil && (*o.Size < 0 || *o.Size > source.MaxPayload):
		return fmt.Errorf("size %d: want 0 to %d bytes", *o.Size, source.MaxPayload)
	case o.Stall < 0 || o.Stall > int(maxStall.Milliseconds()):
		return fmt.Errorf("stall_ms %d: want 0 to %d", o.Stall, maxStall.Milliseconds())
	}
	return nil
}

// NewToken makes a token that nobody guesses: 26 letters and digits.
func NewToken() string { return rand.Text() }

// MinToken is how long a token must be at least.
const MinToken = 16

// A Desk takes orders from whoever shows the token.
type Desk struct {
	token [sha256.Size]byte
	obey  func(Order) error
}

// New makes a Desk for the token. Obey carries an order out that is possible, and
// says why it cannot; it is called on any goroutine.
func New(token string, obey func(Order) error) *Desk {
	return &Desk{sha256.Sum256([]byte(token)), obey}
}

// Knows says whether a request's Authorization field shows the token (RFC 6750,
// section 2.1). How long that takes tells nothing of the token, not even its
// length: it is digests that are compared.
func (d *Desk) Knows(authorization string) bool {
	scheme, shown, _ := strings.Cut(authorization, " ")
	sum := sha256.Sum256([]byte(shown))
	return subtle.ConstantTimeCompare(sum[:], d.token[:]) == 1 && strings.EqualFold(scheme, "Bearer")
}

// Take reads an order, which has to be one JSON object of known members, and
// carries it out, except for its Reset.
func (d *Desk) Take(body io.Reader) (Order, error) {
	var o Order
	in := json.NewDecoder(body)
	in.DisallowUnknownFields()
	if err := in.Decode(&o); err != nil {
		return o, fmt.Errorf("read order: %w", err)
	}
	if _, err := in.Token(); err != io.EOF {
		return o, errors.New("read order: more than one JSON object")
	}
	if err := o.Check(); err != nil {
		return o, err
	}
	now := o
	now.Reset = false
	if now == (Order{}) {
		return o, nil
	}
	return o, d.obey(now)
}

// ServeHTTP implements http.Handler: 204, or 401 without the token, 405, 408, 413,
// 415 or 400.
func (d *Desk) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Method != http.MethodPost:
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "order with POST", http.StatusMethodNotAllowed)
		return
	case !d.Knows(r.Header.Get("Authorization")):
		w.Header().Set("WWW-Authenticate", `Bearer realm="control"`)
		http.Error(w, "the controls want their token: Authorization: Bearer TOKEN", http.StatusUnauthorized)
		return
	}
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(wire.Deadline(bodyTime)) // a writer that has no deadlines does without
	o, err := d.Take(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		status := http.StatusBadRequest
		if _, long := errors.AsType[*http.MaxBytesError](err); long {
			status = http.StatusRequestEntityTooLarge
		}
		http.Error(w, err.Error(), status)
		return
	}
	w.WriteHeader(http.StatusNoContent)
	if o.Reset {
		// The answer first: it goes the way of the other connections.
		if control.Flush() == nil {
			_ = d.obey(Order{Reset: true})
		}
	}
}

// bodyTime is how long a client may take to send an order.
const bodyTime = 10 * time.Second
