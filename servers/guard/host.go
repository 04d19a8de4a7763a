// Package guard keeps out of a server whoever has no business with it: pages of
// other origins, names that are not its own, and more connections than it is to
// carry.
package guard

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// Loopback says whether an address that is listened on is of this machine alone.
func Loopback(a net.Addr) bool {
	at, err := netip.ParseAddrPort(a.String())
	return err == nil && at.Addr().Unmap().IsLoopback()
}

// Local says whether the value of a Host field names the loopback interface: as an
// address, or as localhost and what is below it (RFC 6761, section 6.3).
func Local(host string) bool {
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	}
	name = strings.TrimSuffix(strings.TrimPrefix(name, "["), "]")
	if address, err := netip.ParseAddr(name); err == nil {
		return address.Unmap().IsLoopback()
	}
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	return name == "localhost" || strings.HasSuffix(name, ".localhost")
}

// foreign is what others are told: 421 because that is the status of a request
// that came to a server which does not answer for its host (RFC 9110, section
// 15.5.20), where 403 would say that it does.
const foreign = "this server answers for localhost and loopback addresses alone"

// Hosts answers 421 to requests for hosts that are not local: a page of anybody's
// can be given a name that leads to this machine a second time round, and would
// then be of the same origin as the server (DNS rebinding).
func Hosts(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !Local(r.Host) {
			http.Error(w, foreign, http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}
