package control_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"pushbench/servers/control"
)

const token = "0123456789abcdef"

// ask posts an order as bearer of a token.
func ask(d *control.Desk, authorization, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, "/control", strings.NewReader(body))
	if authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	return w
}

func TestOrdersAreCarriedOut(t *testing.T) { // X9
	var got []control.Order
	d := control.New(token, func(o control.Order) error {
		got = append(got, o)
		return nil
	})
	for _, body := range []string{
		`{"rate":20,"size":64}`, `{"stall_ms":3000}`, `{"reset":true}`, `{"rate":0,"reset":true}`,
	} {
		if w := ask(d, "Bearer "+token, body); w.Code != http.StatusNoContent {
			t.Errorf("%s: %d %s", body, w.Code, w.Body)
		}
	}
	// What breaks connections comes behind the answer, so by itself.
	want := []control.Order{
		{Rate: new(20.0), Size: new(64)}, {Stall: 3000}, {Reset: true}, {Rate: new(0.0)}, {Reset: true},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestWhoDoesNotKnowTheTokenOrdersNothing(t *testing.T) { // X9
	d := control.New(token, func(control.Order) error {
		t.Error("obeyed")
		return nil
	})
	for _, authorization := range []string{
		"", token, "Bearer", "Bearer ", "Bearer x", "Bearer " + token[:15], "Bearer " + token + "0", "Bearer  " + token,
		"Basic " + token, "Bearer " + strings.ToUpper(token),
	} {
		w := ask(d, authorization, `{"reset":true}`)
		if w.Code != http.StatusUnauthorized || !strings.HasPrefix(w.Header().Get("WWW-Authenticate"), "Bearer") {
			t.Errorf("%q: %d, %v", authorization, w.Code, w.Header())
		}
	}
	r := httptest.NewRequest(http.MethodGet, "/control", nil)
	r.Header.Set("Authorization", "Bearer "+token)
	w := httptest.NewRecorder()
	if d.ServeHTTP(w, r); w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "POST" {
		t.Errorf("GET: %d, %v", w.Code, w.Header())
	}
}

func TestOrdersThatMakeNoSenseAreRefused(t *testing.T) { // X7
	d := control.New(token, func(control.Order) error {
		t.Error("obeyed")
		return nil
	})
	for body, want := range map[string]int{
		``: 400, `{}`: 400, `[]`: 400, `{"rate":`: 400, `{"rate":1}{"rate":2}`: 400, `{"rate":1} x`: 400,
		`{"rates":1}`: 400, `{"rate":-1}`: 400, `{"rate":10001}`: 400, `{"rate":"1"}`: 400,
		`{"size":-1}`: 400, `{"size":8388609}`: 400, `{"size":1.5}`: 400,
		`{"stall_ms":-1}`: 400, `{"stall_ms":60001}`: 400, `{"stall_ms":0}`: 400, `{"reset":false}`: 400,
		`{"rate":1,"pad":"` + strings.Repeat("x", 1<<10) + `"}`: 413,
		strings.Repeat(" ", 2<<10) + `{"rate":1}`:               413,
	} {
		if w := ask(d, "Bearer "+token, body); w.Code != want || w.Body.Len() == 0 || w.Body.Len() > 300 {
			t.Errorf("%.40s: %d %s, want %d", body, w.Code, w.Body, want)
		}
	}
}

func TestWhatCannotBeDoneIsSaid(t *testing.T) {
	d := control.New(token, func(control.Order) error { return errors.New("not on Sundays") })
	if w := ask(d, "Bearer "+token, `{"stall_ms":1}`); w.Code != 400 || !strings.Contains(w.Body.String(), "not on Sundays") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestTokensAreNotAlike(t *testing.T) {
	if a, b := control.NewToken(), control.NewToken(); a == b || len(a) < control.MinToken {
		t.Errorf("%s, %s", a, b)
	}
}
