package choose

import (
	"math"
	"time"

	"pushbench/results/compare"
)

// A demand is what a product wants of the servers of one transport.
type demand struct {
	amounts   compare.Amounts // in a second, of the whole product, without the base
	carried   compare.Amounts // the same without signs of life, whose bytes are known
	people    float64         // clients, connected or not
	interval  time.Duration   // from one poll of a client to the next; zero of what is not polled
	asked     float64         // requests for events that one client makes in a second
	beats     float64         // signs of life that a stream sends one client in a second
	connected float64         // connections to be told on, at the same time
	posting   float64         // connections to send on beside those
	posted    float64         // connections that are opened in a second to send on
	requests  float64         // HTTP requests in a second, handshakes among them
	// turn is what one client takes at a time: an event, or a burst. Everyone in the
	// audience gets it within window.
	turn   compare.Amounts
	window time.Duration
	keeps  bool // what it demands of latency can be kept at all
	// left and alone are the same by its own latency; see weight.after.
	left  time.Duration
	alone bool
}

// demand is what the profile wants of the transport.
func (m *Model) demand(s *server, p *Profile) demand {
	var d demand
	n, λ := p.Clients, p.turns()
	size := p.Size
	if p.Binary && s.text {
		size *= base64
	}
	d.connected, d.people = n, n
	opened := 0.0
	if p.Stay > 0 {
		opened = n / p.Stay.Seconds()
	}
	// What one client gets in a second: every event, or the latest of each turn.
	delivered := λ * p.burst()
	switch {
	case s.clock:
		d.interval, d.alone = s.pollEvery(p)
		d.asked = 1 / max(d.interval.Seconds(), 1e-9)
		if gone := idle * d.asked; gone < 1 { // the server does not keep it until the next poll
			opened = n * d.asked
			d.connected = n * gone
		}
		d.left = d.interval
		if p.Latest {
			delivered = min(delivered, d.asked)
		}
	case s.asks:
		d.asked = held(λ, p.RTT.Seconds(), m.hold.Seconds())
		d.left, d.alone = s.leaves(p)
		if p.Latest {
			delivered = min(delivered, d.asked)
		}
	default:
		d.left, d.alone = s.leaves(p)
		d.beats = silence(λ, m.beat.Seconds())
		if s.pings {
			d.beats = 1 / m.beat.Seconds()
		}
		d.amounts[compare.Write] = n * λ
		d.turn[compare.Write] = 1
		d.requests = opened // a handshake each
	}
	kib := size / (1 << 10)
	d.amounts[compare.Client] = d.connected
	d.amounts[compare.Delivery] = n * delivered
	d.amounts[compare.Payload] = n * delivered * kib
	d.amounts[compare.Event] = p.Rate * n / p.audience()
	d.amounts[compare.Request] = n * d.asked
	d.amounts[compare.Message] = n * p.Uplink
	d.requests += n * d.asked
	if s.posts && p.Uplink > 0 {
		d.requests += n * p.Uplink
		closed := math.Exp(-idle * p.Uplink) // the share of posts, at random, that come too late for the last one's
		d.posting = n * (1 - closed)
		d.posted = n * p.Uplink * closed
	}
	d.amounts[compare.Connection] = opened + d.posted
	d.carried = d.amounts
	if s.Tells(compare.Write) {
		d.amounts[compare.Write] += n * d.beats
	} else {
		d.amounts[compare.Delivery] += n * d.beats // each of which is a write
	}
	d.turn[compare.Delivery] = p.burst()
	d.turn[compare.Payload] = p.burst() * kib
	if s.asks {
		d.turn[compare.Request] = 1
	}
	d.window, d.keeps = d.left, d.alone
	return d
}

// pollEvery is the longest interval with which polls keep what is acceptable:
// an event waits for the next poll, at worst all of the interval, of a hundred
// events 99 not longer than 99 hundredths of it, and then for a round trip and the
// answer. It is not ok where a poll would be due before the one before it is
// answered.
func (s *server) pollEvery(p *Profile) (interval time.Duration, ok bool) {
	once := p.RTT + s.worst
	interval = math.MaxInt64
	if p.Staleness > 0 {
		interval = p.Staleness - once
	}
	if p.P99 > 0 {
		interval = min(interval, time.Duration(float64(p.P99-once)/0.99))
	}
	return max(interval, 0), interval > 0 && interval >= once
}

// leaves is what the acceptable latency leaves for an event to go to its whole
// audience, one client after the other.
func (s *server) leaves(p *Profile) (window time.Duration, ok bool) {
	way := time.Duration(s.trips * float64(p.RTT))
	window = math.MaxInt64
	if p.Staleness > 0 {
		window = p.Staleness - way - s.worst
	}
	if p.P99 > 0 {
		window = min(window, time.Duration(float64(p.P99-way-s.p99)/0.99))
	}
	return max(window, 0), window > 0
}

// held is how often a client of long polling asks in a second, when something is
// there for it λ times a second, at random: a question takes the round trip, in
// which what comes waits for it, and then until something comes or the hold time h
// is over.
func held(λ, rtt, h float64) float64 {
	wait := -math.Expm1(-λ*h) / λ // the mean of what comes first
	return 1 / (rtt + math.Exp(-λ*rtt)*wait)
}

// silence is how often in a second a stream has been silent for a time b, each of
// which is another one since the last, when something is there for it λ times a
// second, at random.
func silence(λ, b float64) float64 { return λ / math.Expm1(λ*b) }
