package selftest

import "strconv"

// framed is how many bytes sockets must have carried for the events of the
// phase, by the standards alone; known says whether they settle it. Heads of
// HTTP answers are a server's own choice, so polling has bounds and no formula.
func (e evidence) framed() (bytes int64, known bool) {
	if !e.raw {
		return 0, false // instants have as many digits as they have
	}
	var each func(n int) int
	switch e.trial.Transport {
	case "ws":
		each = func(int) int { return frame(e.size) }
	case "sse":
		each = func(n int) int { return chunk(block(n, e.size)) }
	default:
		return 0, false
	}
	for n := e.before + 1; n <= e.before+e.events; n++ {
		bytes += int64(each(n) * e.clients)
	}
	return bytes, true
}

// frame is an unmasked WebSocket frame (RFC 6455, section 5.2): two bytes, and
// two or eight more for a length that does not fit in seven bits.
func frame(payload int) int {
	switch {
	case payload <= 125:
		return 2 + payload
	case payload <= 65535:
		return 4 + payload
	}
	return 10 + payload
}

// epoch is how long a trial's is: r, seconds since 1970, t, its place in the run.
const epoch = len("r1790000000t0")

// block is an event of one line in the event stream format (WHATWG HTML, section
// 9.2): the fields id and data and an empty line.
func block(n, payload int) int {
	id := len("id: ") + epoch + len("-") + len(strconv.Itoa(n)) + len("\n")
	data := len("data: ") + payload + len("\n")
	return id + data + len("\n")
}

// chunk is one chunk of the chunked coding (RFC 9112, section 7.1): its length
// in hexadecimal digits and two line ends. A server that does not know the
// length of its answer must use it.
func chunk(content int) int {
	return len(strconv.FormatInt(int64(content), 16)) + 2 + content + 2
}
