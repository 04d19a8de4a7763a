package generator

import (
	"bytes"
	"encoding/base64"
	"encoding/gob"
	"net/netip"
	"time"

	"pushbench/loadgen/crowd"
	"pushbench/loadgen/engine"
	"pushbench/loadgen/recorder"
	"pushbench/servers/host"
)

// An Order is what a player of clients is to do, as a line of JSON where it is another
// process. It is answered with one Word of the same number. All instants are of
// wire.Now.
type Order struct {
	ID    int             `json:"id"`
	Do    Do              `json:"do"`
	Play  *Play           `json:"play,omitempty"` // Prepare
	From  int64           `json:"from,omitempty"` // Measure, Speak: the phase
	To    int64           `json:"to,omitempty"`
	Start int64           `json:"start,omitempty"` // Begin: when the first client arrives; Speak: from when on
	At    int64           `json:"at,omitempty"`
	Epoch string          `json:"epoch,omitempty"` // Enter
	Goals []recorder.Goal `json:"goals,omitempty"` // Lack: by crowd
}

// Do is what an order asks for.
type Do string

const (
	// Prepare makes the record and the engine, but no client yet.
	Prepare Do = "prepare"
	// Begin makes the clients, and lets them arrive.
	Begin Do = "begin"
	// Look asks how many have.
	Look Do = "look"
	// Slow lets those that have not come yet come half as fast from At on.
	Slow Do = "slow"
	// Settle gives back what making the clients has left, for when nothing is measured.
	Settle Do = "settle"
	// Measure sets the phase.
	Measure Do = "measure"
	// Speak lets clients say what they have to say until the end of the phase, and do
	// what they do beside receiving from its beginning on.
	Speak Do = "speak"
	// Enter tells of a life of the source that begins.
	Enter Do = "enter"
	// Struck and Over tell of a fault, and of its end, at that instant.
	Struck Do = "struck"
	Over   Do = "over"
	// Hush ends what clients say at that instant.
	Hush Do = "hush"
	// Cut ends the phase at that instant, which is to come; zero: now.
	Cut Do = "cut"
	// Calm ends what they do beside receiving.
	Calm Do = "calm"
	// Lack asks who lacks what, and what was said.
	Lack Do = "lack"
	// Tally asks the kernel for what TCP has done on all connections.
	Tally Do = "tally"
	// Count asks what the runtime has done.
	Count Do = "count"
	// Freeze holds up all clients until that instant.
	Freeze Do = "freeze"
	// End ends all connections and asks for the record.
	End Do = "end"
)

// A Word is the answer to an order. The one of a player that is ready to begin has
// the number zero.
type Word struct {
	ID      int                  `json:"id"`
	Error   string               `json:"error,omitempty"`
	Looks   []Glance             `json:"looks,omitempty"` // by crowd
	To      int64                `json:"to,omitempty"`    // Cut: where the phase has ended
	Lacks   []Want               `json:"lacks,omitempty"` // by crowd
	Tally   *engine.Tally        `json:"tally,omitempty"`
	Procs   int                  `json:"procs,omitempty"`   // Count: GOMAXPROCS
	Runtime *host.Runtime        `json:"runtime,omitempty"` // Count
	Records []*recorder.Recorder `json:"records,omitempty"` // End: by crowd
	Stalls  [][]crowd.Stall      `json:"stalls,omitempty"`  // End: by crowd
}

// A Glance is how far a crowd has come.
type Glance struct {
	recorder.Live
	Ready   bool   `json:"ready"`   // everybody has arrived, or never will
	Refused int    `json:"refused"` // who never will
	Why     string `json:"why"`     // the first of those
	Arrived bool   `json:"arrived"` // everybody was to have arrived by At
}

// A Want is what a crowd still waits for, and what it has said.
type Want struct {
	Clients int   `json:"clients"` // that lack something they can still get
	Away    int64 `json:"away"`    // that a fault has cut and that are not back
	Said    int64 `json:"said"`    // messages
	Refused int64 `json:"refused"` // of those, known not to have arrived
	Pending int64 `json:"pending"` // messages, or answers to them, that are still to come
	Unsaid  int64 `json:"unsaid"`  // clients that have something to say yet
}

// A Play is who is to be played, against whom.
type Play struct {
	Crowds        []Crowd // all at the same time, on one engine
	Remote        netip.AddrPort
	Local         []netip.Addr // source addresses; none: the kernel's choice
	ReceiveBuffer int
	Shards        int
	Epoch         string // of the source's first life
}

// A Crowd is the clients of one transport.
type Crowd struct {
	Transport string
	Options   crowd.Options // but its Half, which the transport has
	Raw       bool          // events are without instants
	Turn      time.Duration // how long after the others' its first client arrives
}

// MarshalText writes it for UnmarshalText of the same program.
//
// Note: it is no JSON, because that has no infinity, which is how fast a burst of
// clients arrives.
func (p *Play) MarshalText() ([]byte, error) {
	var b bytes.Buffer
	err := gob.NewEncoder(&b).Encode((*play)(p))
	return []byte(base64.StdEncoding.EncodeToString(b.Bytes())), err
}

// UnmarshalText reads what MarshalText wrote.
func (p *Play) UnmarshalText(text []byte) error {
	b, err := base64.StdEncoding.DecodeString(string(text))
	if err != nil {
		return err
	}
	return gob.NewDecoder(bytes.NewReader(b)).Decode((*play)(p))
}

// play is a Play without its methods.
type play Play
