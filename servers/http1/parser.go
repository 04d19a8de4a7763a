package http1

// A Parser reads requests, of many connections one after the other. It remembers
// the last one: clients of one kind who stand at one place ask in the same words,
// byte for byte, and what a thousand say alike has to be understood once.
type Parser struct {
	Request Request // the last one, valid until the next Parse
	head    []byte  // of it; empty when the last bytes were none
	heads   uint64  // how many different ones there have been in a row
}

// Parse is Request.Parse.
func (p *Parser) Parse(b []byte) (int, error) {
	// A head ends where it ends whatever follows, so bytes that begin with one that
	// was whole are that one again.
	if n := len(p.head); n > 0 && len(b) >= n && string(b[:n]) == string(p.head) {
		return n, nil
	}
	head := append(p.head[:0], b[:min(len(b), MaxHead)]...)
	p.head = head[:0]
	n, err := p.Request.Parse(head)
	if n > 0 {
		p.heads++
		p.head, p.Request.serial = head[:n], p.heads
	}
	return n, err
}

// Serial is a number that requests of one Parser share when they are the same, so
// that what was made of one can be used for the next; zero when nothing is known.
func (r *Request) Serial() uint64 { return r.serial }
