// Package results is a run as data: what was executed, on what, and every
// trial's histograms, counters and verdict. Everything that is ever shown is
// rendered from this, so a file outlives the code that made it.
package results

import (
	"encoding/json"
	"time"

	"pushbench/results/hdr"
)

// Schema is the version of the run file that this code writes.
const Schema = 1

// A Run is one execution of one scenario: all its trials.
type Run struct {
	Schema   int             `json:"schema"`
	Scenario string          `json:"scenario"`
	Executed json.RawMessage `json:"executed"` // the scenario as executed, flags applied
	Seed     uint64          `json:"seed"`
	Command  []string        `json:"command"` // repeats the run
	Started  time.Time       `json:"started"`
	Status   Status          `json:"status"`
	Planned  int             `json:"planned"` // trials
	Machine  Machine         `json:"machine"`
	Trials   []Trial         `json:"trials"`
}

// Status is how far a run came.
type Status string

const (
	Running     Status = "running" // what a file says whose process was killed
	Complete    Status = "complete"
	Interrupted Status = "interrupted"
	Failed      Status = "failed"
)

// A Machine is what a run was executed on and by.
type Machine struct {
	OS            string            `json:"os"`
	Kernel        string            `json:"kernel"`
	CPU           string            `json:"cpu"`
	CPUs          int               `json:"cpus"`
	MemoryBytes   uint64            `json:"memory_bytes"`
	Go            string            `json:"go"`
	Version       string            `json:"version"` // of pushbench
	Binary        string            `json:"binary"`  // SHA-256 of the executable
	Libraries     map[string]string `json:"libraries,omitempty"`
	ServerCPUs    []int             `json:"server_cpus"`
	GeneratorCPUs []int             `json:"generator_cpus"`
	Limits        map[string]string `json:"limits,omitempty"` // descriptors, ports, somaxconn, GOGC …
}

// A Cell is what is compared: a transport on a stack at a point of the axes.
type Cell struct {
	Transport string            `json:"transport"`
	Stack     string            `json:"stack"`
	Axes      map[string]string `json:"axes,omitempty"`
}

// A Trial is one execution of a cell. It is the unit of statistics.
type Trial struct {
	Cell
	Block    int           `json:"block"` // every cell once, in seeded random order
	Order    int           `json:"order"` // in the run
	Started  time.Time     `json:"started"`
	Clients  int           `json:"clients"`
	Measured time.Duration `json:"measured_ns"` // the phase as it was

	// Untimed is set when nothing had an instant at which it was due: throughput
	// counts, latency does not exist.
	Untimed bool `json:"untimed,omitempty"`

	Events     Accounting                `json:"events"`
	Traffic    Traffic                   `json:"traffic"`
	Usage      Usage                     `json:"usage"`
	Histograms map[string]*hdr.Histogram `json:"histograms"` // by the names below, ns
	Verdict    Verdict                   `json:"verdict"`
}

// Names of a trial's histograms.
const (
	Latency  = "latency"  // received − due, per delivery
	Delivery = "delivery" // received − published, per delivery
	Lag      = "lag"      // published − due, per event
	Connect  = "connect"  // first byte sent → subscribed, per connection
	Fanout   = "fanout"   // due → the last owed client has it, per event
)

// An Accounting is where every event that a client was owed has gone. Owed =
// Delivered + the sum of Lost + InFlight + Unexplained, exactly.
type Accounting struct {
	Published   int64            `json:"published"` // events due in the measured phase
	Owed        int64            `json:"owed"`      // deliveries owed of them
	Delivered   int64            `json:"delivered"`
	Lost        map[string]int64 `json:"lost,omitempty"` // by reason: gap, epoch, disconnected, corrupt
	InFlight    int64            `json:"in_flight"`
	Unexplained int64            `json:"unexplained"`
	Duplicated  int64            `json:"duplicated"`
	Reordered   int64            `json:"reordered"`
	Gaps        int64            `json:"gaps"`     // notices
	Negative    int64            `json:"negative"` // received before it was due
	Clipped     int64            `json:"clipped"`  // beyond a histogram's range
	// Intended and InTime are the events that the schedule says were due in the
	// phase, and those of them that were published within it.
	Intended int64 `json:"intended"`
	InTime   int64 `json:"in_time"`
}

// Traffic is what happened within the measured phase, whatever was due; what
// failed or ended is of the whole trial.
type Traffic struct {
	Delivered     int64            `json:"delivered"` // events received
	Requests      int64            `json:"requests"`  // HTTP, handshakes and uplink included
	Opened        int64            `json:"connections_opened"`
	ConnectFailed int64            `json:"connect_failed"`              // in the whole trial
	Refused       map[string]int64 `json:"connect_failed_by,omitempty"` // the same, by reason
	Closed        map[string]int64 `json:"closed,omitempty"`
	MissedPolls   int64            `json:"missed_polls,omitempty"`
	DownBytes     int64            `json:"down_bytes"`     // read from sockets
	UpBytes       int64            `json:"up_bytes"`       // written to sockets
	Said          int64            `json:"said,omitempty"` // messages sent by clients
	SayFailed     int64            `json:"say_failed,omitempty"`
	Writes        int64            `json:"writes"` // write calls of the server
}

// Usage is what the kernel charged both processes for within the measured
// phase, and their memory.
type Usage struct {
	ServerCPU     time.Duration `json:"server_cpu_ns"`
	GeneratorCPU  time.Duration `json:"generator_cpu_ns"`
	Wall          time.Duration `json:"wall_ns"`           // between the two readings
	ServerIdleRSS int64         `json:"server_idle_rss"`   // bytes, before the first client
	ServerFullRSS int64         `json:"server_full_rss"`   // with all clients subscribed
	ServerPeakRSS int64         `json:"server_peak_rss"`   //
	GeneratorRSS  int64         `json:"generator_rss"`     // grown by the clients
	SoftIRQ       []float64     `json:"softirq,omitempty"` // seconds by CPU
	ServerBusy    float64       `json:"server_busy"`       // share of its CPU set, 0–1
	GeneratorBusy float64       `json:"generator_busy"`
	ServerProcs   int           `json:"server_gomaxprocs,omitempty"`
}

// A Verdict says whether a trial's numbers can be trusted.
type Verdict struct {
	State   State    `json:"state"`
	Reasons []Reason `json:"reasons,omitempty"`
}

// State is the verdict in a word.
type State string

const (
	Valid   State = "valid"
	Suspect State = "suspect"
	Invalid State = "invalid"
)

// A Reason is why a verdict is what it is, or a finding worth a footnote.
type Reason struct {
	Code  string `json:"code"`  // stable, for machines
	State State  `json:"state"` // what it makes of a trial; Valid for a finding
	Text  string `json:"text"`  // what happened, with the number
	Hint  string `json:"hint"`  // what to try next
}

// Reasons for which an event owed to a client is lost.
const (
	LostGap          = "gap"          // the server said that it is gone
	LostEpoch        = "epoch"        // the server said that it knows nothing of it
	LostDisconnected = "disconnected" // the client was not connected at the end
	LostCorrupt      = "corrupt"      // it arrived damaged
)
