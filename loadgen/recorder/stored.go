package recorder

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"pushbench/results"
	"pushbench/results/hdr"
)

// Join makes one recorder of those whose clients were parts of one crowd, in the
// order of their numbers: a part is nothing but more shards, so all that is merged
// is merged as ever. They must have measured the same phase, and are used up.
func Join(parts ...*Recorder) (*Recorder, error) {
	all := *parts[0]
	first := all.shards[0]
	for i, part := range parts[1:] {
		for _, s := range part.shards {
			if part.topics != all.topics || s.from != first.from || s.to != first.to || len(s.slices) != len(first.slices) || len(s.epochs) != len(first.epochs) {
				return nil, fmt.Errorf("part %d of the record has measured %d to %d of %d lives and %d topics, part 0 %d to %d of %d and %d",
					i+1, s.from, s.to, len(s.epochs), part.topics, first.from, first.to, len(first.epochs), all.topics)
			}
		}
		all.shards = append(all.shards, part.shards...)
		all.clients = append(all.clients, part.clients...)
	}
	return &all, nil
}

// stored is a recorder on its way to another process, with nothing left out that is
// not there for recording alone.
type stored struct {
	Topics  int            `json:"topics"`
	Shards  []storedShard  `json:"shards"`
	Clients []storedClient `json:"clients"`
}

type storedShard struct {
	From     int64          `json:"from"`
	To       int64          `json:"to"`
	Raw      bool           `json:"raw,omitempty"`
	Every    int64          `json:"every"`
	Slices   []storedSlice  `json:"slices"`
	Rest     storedSlice    `json:"rest"`
	P99      time.Duration  `json:"p99"`
	Total    *hdr.Histogram `json:"total"`
	Received int64          `json:"received"`
	Joined   int            `json:"joined"`

	Delivery  *hdr.Histogram      `json:"delivery"`
	Connect   *hdr.Histogram      `json:"connect"`
	Delay     *hdr.Histogram      `json:"delay"`
	Jitter    *hdr.Histogram      `json:"jitter"`
	Disturbed results.Disturbance `json:"disturbed"`
	Traffic   results.Traffic     `json:"traffic"`
	Uplink    results.Uplink      `json:"uplink"`
	Events    results.Accounting  `json:"events"`

	Fanout  [][]storedArrival `json:"fanout"`
	Epochs  []string          `json:"epochs,omitempty"`
	Pasts   []storedPast      `json:"pasts,omitempty"`
	Strikes []storedStrike    `json:"strikes,omitempty"`
	Ages    storedAges        `json:"ages"`
	Lacks   []storedLack      `json:"lacks,omitempty"`

	Asides   [roles]*hdr.Histogram `json:"asides"`
	Present  *hdr.Histogram        `json:"present"`
	Recalled *hdr.Histogram        `json:"recalled"`
	Catchup  *hdr.Histogram        `json:"catchup"`
	Returned int64                 `json:"returned,omitempty"`
	Current  int64                 `json:"current,omitempty"`
}

type storedSlice struct {
	Delivered int64           `json:"n,omitempty"`
	Due       int64           `json:"due,omitempty"`
	Sum       int64           `json:"sum,omitempty"`
	Packed    *hdr.Histogram  `json:"packed,omitempty"`
	Strays    []time.Duration `json:"strays,omitempty"`
}

// A storedArrival has first, last and how many; of those there are as many as events
// and topics.
type storedArrival [3]int64

type storedPast struct {
	Topic int32        `json:"topic"`
	Life  uint8        `json:"life"`
	Until uint8        `json:"until"`
	Hello uint64       `json:"hello"`
	Next  uint64       `json:"next"`
	Spans []storedSpan `json:"spans,omitempty"`
}

type storedSpan struct {
	From uint64 `json:"from"`
	To   uint64 `json:"to"`
	Why  string `json:"why,omitempty"`
}

type storedStrike struct {
	At       int64            `json:"at"`
	Over     int64            `json:"over,omitempty"`
	Cut      int64            `json:"cut"`
	Restored int64            `json:"restored"`
	Refused  int64            `json:"refused,omitempty"`
	Vain     map[string]int64 `json:"vain,omitempty"`
	Ended    map[string]int64 `json:"ended,omitempty"`
	Again    map[string]int64 `json:"again,omitempty"`
	Attempts []int32          `json:"attempts,omitempty"`
	Back     *hdr.Histogram   `json:"back"`
}

// storedAges are ages with their steps that are not empty: which, in part and in
// whole.
type storedAges struct {
	Steps [][3]int64 `json:"steps,omitempty"`
	Ramps int64      `json:"ramps"`
	Peak  int64      `json:"peak"`
	Area  float64    `json:"area"`
}

type storedLack struct {
	Topic int32  `json:"topic"`
	Life  uint8  `json:"life"`
	Until uint8  `json:"until"`
	N     uint64 `json:"n"`
	Since int64  `json:"since"`
	Upto  int64  `json:"upto"`
}

type storedClient struct {
	Topic     int32        `json:"topic"`
	Joined    bool         `json:"joined"`
	Foreign   bool         `json:"foreign,omitempty"`
	State     State        `json:"state,omitempty"`
	Holed     bool         `json:"holed,omitempty"`
	Life      uint8        `json:"life,omitempty"`
	Hello     uint64       `json:"hello"`
	Next      uint64       `json:"next"`
	Current   int64        `json:"current"`
	Delivered int64        `json:"delivered"`
	Waited    int64        `json:"waited"`
	Spans     []storedSpan `json:"spans,omitempty"`
	Aside     *storedAside `json:"aside,omitempty"`
}

type storedAside struct {
	Role     Role       `json:"role"`
	Back     int64      `json:"back,omitempty"`
	Recalled bool       `json:"recalled,omitempty"`
	Open     [][2]int64 `json:"open,omitempty"` // back and caught
}

// MarshalJSON writes all that a recorder of another process needs to go on from, for
// after the engine has stopped.
func (r *Recorder) MarshalJSON() ([]byte, error) {
	s := stored{Topics: r.topics}
	for _, shard := range r.shards {
		if err := shard.settle(); err != nil {
			return nil, err
		}
		s.Shards = append(s.Shards, shard.store())
	}
	for i := range r.clients {
		s.Clients = append(s.Clients, r.clients[i].store())
	}
	return json.Marshal(s)
}

// errPart says that what was read is no recorder.
var errPart = errors.New("not a recorder")

// UnmarshalJSON makes it a recorder for Join and Snapshot. Nothing can be recorded
// with it any more.
func (r *Recorder) UnmarshalJSON(b []byte) error {
	var s stored
	if err := json.Unmarshal(b, &s); err != nil {
		return fmt.Errorf("%w: %w", errPart, err)
	}
	if s.Topics < 1 || len(s.Shards) == 0 {
		return fmt.Errorf("%w: %d topics and %d shards", errPart, s.Topics, len(s.Shards))
	}
	*r = Recorder{topics: s.Topics}
	for i := range s.Shards {
		shard, err := s.Shards[i].shard(s.Topics)
		if err != nil {
			return err
		}
		r.shards = append(r.shards, shard)
	}
	lives := max(1, len(s.Shards[0].Epochs))
	for i := range s.Clients {
		c := s.Clients[i].client()
		if c.topic < 0 || int(c.topic) >= s.Topics || int(c.life) >= lives || c.role() >= roles {
			return fmt.Errorf("%w: client %d has topic %d of %d, life %d of %d and role %d", errPart, i, c.topic, s.Topics, c.life, lives, c.role())
		}
		r.clients = append(r.clients, c)
	}
	return nil
}

// store is what of a settled shard is worth keeping.
func (s *Shard) store() storedShard {
	t := storedShard{
		From: s.from, To: s.to, Raw: s.raw, Every: s.every, Rest: s.rest.store(), P99: s.p99, Total: &s.total,
		Received: s.received, Joined: s.joined,
		Delivery: s.delivery, Connect: s.connect, Delay: s.delay, Jitter: s.jitter,
		Disturbed: s.disturbed, Traffic: s.traffic, Uplink: s.uplink, Events: s.events,
		Fanout: make([][]storedArrival, len(s.fanout)), Epochs: s.epochs,
		Ages:   storedAges{Ramps: s.ages.ramps, Peak: s.ages.peak, Area: s.ages.area},
		Asides: s.asides, Present: s.present, Recalled: s.recalled, Catchup: s.catchup,
		Returned: s.returned, Current: s.current,
	}
	for i := range s.slices {
		t.Slices = append(t.Slices, s.slices[i].store())
	}
	for log, track := range s.fanout {
		for _, a := range track {
			t.Fanout[log] = append(t.Fanout[log], storedArrival{a.first, a.last, int64(a.got)})
		}
	}
	for _, p := range s.pasts {
		t.Pasts = append(t.Pasts, storedPast{p.topic, p.life, p.until, p.hello, p.next, storeSpans(p.spans)})
	}
	for _, k := range s.strikes {
		t.Strikes = append(t.Strikes, storedStrike{k.at, k.over, k.cut, k.restored, k.refused, k.vain, k.ended, k.again, k.attempts, k.back})
	}
	for i, a := range s.ages.steps {
		if a != (step{}) {
			t.Ages.Steps = append(t.Ages.Steps, [3]int64{int64(i), a.part, a.whole})
		}
	}
	for _, l := range s.lacks {
		t.Lacks = append(t.Lacks, storedLack{l.topic, l.life, l.until, l.n, l.since, l.upto})
	}
	return t
}

// shard is what was stored.
func (t *storedShard) shard(topics int) (*Shard, error) {
	s := &Shard{
		from: t.From, to: t.To, raw: t.Raw, topics: topics,
		timeline: timeline{every: t.Every, rest: t.Rest.slice(), p99: t.P99},
		delivery: t.Delivery, connect: t.Connect, delay: t.Delay, jitter: t.Jitter,
		disturbed: t.Disturbed, traffic: t.Traffic, uplink: t.Uplink, events: t.Events,
		received: t.Received, joined: t.Joined,
		fanout: make([][]arrival, len(t.Fanout)), epochs: t.Epochs, ages: newAges(),
		asides: t.Asides, present: t.Present, recalled: t.Recalled, catchup: t.Catchup,
		returned: t.Returned, current: t.Current,
	}
	if t.Total != nil {
		s.total = *t.Total
	}
	lives := max(1, len(t.Epochs))
	if len(t.Fanout) != topics*lives {
		return nil, fmt.Errorf("%w: fan-out of %d logs, of %d topics in %d lives", errPart, len(t.Fanout), topics, lives)
	}
	for i := range t.Slices {
		s.slices = append(s.slices, t.Slices[i].slice())
	}
	for log, track := range t.Fanout {
		for _, a := range track {
			s.fanout[log] = append(s.fanout[log], arrival{a[0], a[1], int32(a[2])})
		}
	}
	for _, p := range t.Pasts {
		s.pasts = append(s.pasts, past{p.Topic, p.Life, p.Until, p.Hello, p.Next, spansOf(p.Spans)})
	}
	for _, k := range t.Strikes {
		s.strikes = append(s.strikes, strike{k.At, k.Over, k.Cut, k.Restored, k.Refused, k.Vain, k.Ended, k.Again, k.Attempts, k.Back})
	}
	s.ages.ramps, s.ages.peak, s.ages.area = t.Ages.Ramps, t.Ages.Peak, t.Ages.Area
	for _, a := range t.Ages.Steps {
		if a[0] < 0 || a[0] >= allStep {
			return nil, fmt.Errorf("%w: step %d of staleness", errPart, a[0])
		}
		s.ages.steps[a[0]] = step{part: a[1], whole: a[2]}
	}
	for _, l := range t.Lacks {
		s.lacks = append(s.lacks, lack{l.Topic, l.Life, l.Until, l.N, l.Since, l.Upto})
	}
	return s, nil
}

func (s *slice) store() storedSlice {
	return storedSlice{s.delivered, s.due, s.sum, s.packed, s.strays}
}

func (t *storedSlice) slice() slice { return slice{t.Delivered, t.Due, t.Sum, t.Packed, t.Strays} }

func storeSpans(spans []span) (all []storedSpan) {
	for _, s := range spans {
		all = append(all, storedSpan{s.from, s.to, s.why})
	}
	return all
}

func spansOf(stored []storedSpan) (all []span) {
	for _, s := range stored {
		all = append(all, span{s.From, s.To, s.Why})
	}
	return all
}

func (c *Client) store() storedClient {
	t := storedClient{
		Topic: c.topic, Joined: c.joined, Foreign: c.foreign, State: c.state, Holed: c.holed, Life: c.life,
		Hello: c.hello, Next: c.next, Current: c.current, Delivered: c.delivered, Waited: c.waited, Spans: storeSpans(c.spans()),
	}
	if a := c.aside(); a != nil {
		t.Aside = &storedAside{Role: a.role, Back: a.back, Recalled: a.recalled}
		for _, o := range a.open {
			t.Aside.Open = append(t.Aside.Open, [2]int64{o.back, o.caught})
		}
	}
	return t
}

func (t *storedClient) client() Client {
	c := Client{
		topic: t.Topic, joined: t.Joined, foreign: t.Foreign, state: t.State, holed: t.Holed, life: t.Life,
		hello: t.Hello, next: t.Next, current: t.Current, delivered: t.Delivered, waited: t.Waited,
	}
	if len(t.Spans) > 0 {
		c.oddity().spans = spansOf(t.Spans)
	}
	if a := t.Aside; a != nil {
		kept := &aside{role: a.Role, back: a.Back, recalled: a.Recalled}
		for _, o := range a.Open {
			kept.open = append(kept.open, comeback{o[0], o[1]})
		}
		c.oddity().aside = kept
	}
	return c
}
