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
	Engine   string          `json:"engine,omitempty"` // what drove the clients
	Again    string          `json:"again,omitempty"`  // the transport that was also compared with itself
	Command  []string        `json:"command"`          // as it was typed
	// Repeat is a command line that repeats the run from its file: the scenario as
	// executed, the engine and the settings of the environment that move results.
	Repeat  string    `json:"repeat,omitempty"`
	Started time.Time `json:"started"`
	Status  Status    `json:"status"`
	Planned int       `json:"planned"`          // trials; of a run without a fixed number, those so far
	Spares  int       `json:"spares,omitempty"` // blocks beyond those asked for, because trials were not valid
	Until   *Until    `json:"until,omitempty"`
	Machine Machine   `json:"machine"`
	Trials  []Trial   `json:"trials"`
	Costs   []Cost    `json:"costs,omitempty"` // of a run over a grid of loads
	// Capacity is what a search has found so far, of each transport.
	Capacity []Capacity `json:"capacity,omitempty"`
	// Thresholds are what was demanded of the rows, and the SLO what they shall
	// keep; a run that breaks the first has failed.
	Thresholds []Judgment `json:"thresholds,omitempty"`
	SLO        []Judgment `json:"slo,omitempty"`
}

// Blocks is how many blocks of the run have begun.
func (r *Run) Blocks() (n int) {
	for i := range r.Trials {
		n = max(n, r.Trials[i].Block+1)
	}
	return n
}

// Until is how a run without a fixed number of blocks came to its end.
type Until struct {
	Width   float64       `json:"width"`       // the interval's width asked for, over its median
	MaxTime time.Duration `json:"max_time_ns"` // the longest that it could take
	Reached float64       `json:"reached"`     // the width of the leading ratio's interval; zero without one
	Ratio   string        `json:"ratio"`       // which ratio leads, in words
	Ended   string        `json:"ended"`       // UntilWidth, UntilTime or UntilUnranked; empty while it runs
}

// What ended a run without a fixed number of blocks.
const (
	UntilWidth = "width"
	UntilTime  = "time"
	// UntilUnranked: blocks enough for an interval, and not one cell with enough
	// valid trials.
	UntilUnranked = "unranked"
)

// A Cost is what one transport takes of a server, as coefficients of a plane
// through the valid trials of a run:
//
//	amount = base + perClient·clients + perDelivery·deliveries + perRequest·requests
//
// and so on for what else the run varies: connections being made, messages from
// clients, events published, payload delivered, writes. It holds between the loads
// that the run has measured.
type Cost struct {
	Transport string `json:"transport"`
	Stack     string `json:"stack"`
	// CPU is in µs of CPU per second, of clients, and of deliveries and requests
	// per second. A term is absent when the run has nothing of it, or cannot tell
	// it from the others, which then hold it.
	CPU []Coefficient `json:"cpu"`
	// Memory is in bytes, of clients alone: the resident memory without clients
	// (base), and per client.
	Memory []Coefficient `json:"memory"`
	// Misfits are the largest shares by which the planes miss what a load takes,
	// in the median over the blocks; of memory it is the resident one.
	CPUMisfit    float64  `json:"cpu_misfit"`
	MemoryMisfit float64  `json:"memory_misfit"`
	Notes        []string `json:"notes,omitempty"` // what could not be told, and why
}

// A Coefficient is one term of a cost.
type Coefficient struct {
	Name   string   `json:"name"` // base, client, delivery, request, connection, message, event, payload (for a KiB), write; of memory: base, heap, stacks, sockets, kernel, resident
	Unit   string   `json:"unit"`
	Median float64  `json:"median"` // over the blocks
	Lo     *float64 `json:"lo"`     // 95 %; nil below six blocks
	Hi     *float64 `json:"hi"`
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
	// Warnings are what could be told beforehand of how this machine would spoil
	// the run.
	Warnings []string `json:"warnings,omitempty"`
}

// A Cell is what is compared: a transport on a stack at a point of the axes.
type Cell struct {
	Transport string            `json:"transport"`
	Stack     string            `json:"stack"`
	Axes      map[string]string `json:"axes,omitempty"`
	// Arm tells the second of two cells that are the same on purpose (Again): what
	// differs between them is noise.
	Arm string `json:"arm,omitempty"`
}

// Baseline is the transport that is none: frames straight on TCP. Others are told
// their distance from it, and nobody ranks or chooses it.
const Baseline = "tcp"

// Again is the arm of a cell that is measured a second time in each block.
const Again = "again"

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
	Uplink     Uplink                    `json:"uplink,omitzero"`
	Wire       *Wire                     `json:"wire,omitempty"` // nil where the kernel cannot be asked
	Usage      Usage                     `json:"usage"`
	Recovery   *Recovery                 `json:"recovery,omitempty"` // nil without faults
	Disturbed  Disturbance               `json:"disturbed"`
	Series     Series                    `json:"series"`
	Staleness  *Staleness                `json:"staleness,omitempty"` // nil of what has no due instant
	Fairness   *Fairness                 `json:"fairness,omitempty"`
	Together   *Together                 `json:"together,omitempty"` // nil of a trial that ran alone
	Histograms map[string]*hdr.Histogram `json:"histograms"`         // by the names below, ns
	Verdict    Verdict                   `json:"verdict"`
	// Groups are the clients that do more than receive, or less; see group.go.
	Groups map[string]Group `json:"groups,omitempty"`
}

// Names of a trial's histograms.
const (
	Latency  = "latency"  // received − due, per delivery
	Delivery = "delivery" // received − published, per delivery
	Lag      = "lag"      // published − due, per event of the source's own
	Connect  = "connect"  // first byte sent → subscribed, per connection
	Fanout   = "fanout"   // due → the last owed client has it, per event
	Spread   = "spread"   // the first of several owed clients has it → the last, per event
	// UplinkTime is due → published or taken, per message that a client sent. It is
	// there only where clients speak.
	UplinkTime = "uplink"

	// Stale is how long ago the oldest event was due that a client lacked, over time:
	// a count for each microsecond of a client. See Staleness.
	Stale = "staleness"

	// GeneratorDelay is kernel arrival → the generator's read has returned, of a
	// share of the reads. Each is a lower bound: of bytes that came in several
	// segments the kernel tells the last one's arrival. A value below zero says that
	// the wall clock has jumped and nobody noticed.
	GeneratorDelay = "generator_delay"
	// GeneratorJitter is how late a timer of the generator's fires that does
	// nothing else, at equal distances in time.
	GeneratorJitter = "generator_jitter"
	// Injected is by how much a server that misbehaves on purpose has held back
	// what it wrote; only in trials of the self-test.
	Injected = "injected"
)

// A Series is the measured phase in slices of equal length; the last of a phase
// that was cut short may be shorter.
type Series struct {
	Every  time.Duration `json:"every_ns"`
	Slices []Slice       `json:"slices,omitempty"`
}

// A Slice is what happened in one of them, and how what was due in it fared.
type Slice struct {
	Delivered int64 `json:"delivered"` // events received in it
	// Of the latencies of events received in it and due in the phase; zero when
	// Timed is. What is received after the phase is in the trial's histogram alone.
	Timed int64         `json:"timed"`
	P50   time.Duration `json:"p50_ns"`
	P99   time.Duration `json:"p99_ns"`
	// Of the deliveries, whenever received, of events due in it: all slices together
	// hold every latency of the trial.
	Due  int64         `json:"due"`
	Mean time.Duration `json:"mean_ns"` // latency, to the nanosecond; zero when Due is
	// CPU time of both processes; zero in a slice nobody could read at its ends.
	ServerCPU    time.Duration `json:"server_cpu_ns"`
	GeneratorCPU time.Duration `json:"generator_cpu_ns"`
}

// Wire is what TCP has done on the clients' connections in the measured phase:
// the difference of the kernel's TCP_INFO at its two edges, ended connections
// included. What the system has counted is of a window as long with edges of its
// own, some milliseconds off, and of all connections: neither is a part of the
// other.
type Wire struct {
	SegmentsDown  int64 `json:"segments_down"` // to the clients, bare acknowledgements included
	SegmentsUp    int64 `json:"segments_up"`
	Retransmitted int64 `json:"retransmitted"`        // segments sent again by the clients, by loss probes too
	Everyone      int64 `json:"retransmitted_system"` // segments sent again on all connections of this system, by loss probes too
	Probes        int64 `json:"loss_probes_system"`   // loss probes on all of them; those with new data are not in Everyone
	BytesDown     int64 `json:"bytes_down"`           // what TCP carried for sockets
	BytesUp       int64 `json:"bytes_up"`
}

// An Accounting is where every event that a client was owed has gone. Owed =
// Delivered + the sum of Lost + InFlight + Unexplained, exactly.
type Accounting struct {
	Published   int64            `json:"published"` // events due in the measured phase
	Owed        int64            `json:"owed"`      // deliveries owed of them
	Delivered   int64            `json:"delivered"`
	Lost        map[string]int64 `json:"lost,omitempty"` // by reason: gap, epoch, disconnected, corrupt, vanished
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
	PayloadBytes  int64            `json:"payload_bytes"`  // data of the events received, without any framing
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
	// GeneratorProcs is the generator's with its event loops at work, each of which
	// has a processor to itself beside those of the CPU set.
	GeneratorProcs int    `json:"generator_gomaxprocs,omitempty"`
	ServerIdle     Memory `json:"server_idle"` // before the first client
	ServerFull     Memory `json:"server_full"` // with all clients subscribed
	// ServerEnd is at the end of the phase; only with groups of clients.
	ServerEnd Memory `json:"server_end,omitzero"`
	// ServerConns are the server's connections by process, with all clients subscribed;
	// only where it has several.
	ServerConns []int64 `json:"server_connections,omitempty"`
	Server      Runtime `json:"server_runtime"`
	Generator   Runtime `json:"generator_runtime"`
}

// Memory is what a server's memory is used for, in bytes; zero where it cannot
// be told.
type Memory struct {
	Heap    int64 `json:"heap"`    // objects, and room between them
	Stacks  int64 `json:"stacks"`  // of goroutines
	Runtime int64 `json:"runtime"` // what else the Go runtime holds
	Sockets int64 `json:"sockets"` // the kernel's, for queued data of the server's connections
	Conns   int64 `json:"conns"`   // connections that Sockets is of
	Kernel  int64 `json:"kernel"`  // the kernel's that it cannot give back, of this system: both ends of each connection are in it
}

// Runtime is what the Go runtime of a process did in the measured phase.
type Runtime struct {
	Collections int64         `json:"collections"`
	PauseMax    time.Duration `json:"pause_max_ns"`   // the longest stop of the world
	PauseTotal  time.Duration `json:"pause_total_ns"` // of all
	SchedP99    time.Duration `json:"sched_p99_ns"`   // runnable goroutines waited for a processor
	SchedMax    time.Duration `json:"sched_max_ns"`
}

// A Disturbance is what others did to a trial in its measured phase.
type Disturbance struct {
	Steal       time.Duration `json:"steal_ns"`        // CPU time of our sets that the hypervisor gave to others
	CPUs        int           `json:"cpus"`            // in both sets together: what Steal is of
	MemoryStall time.Duration `json:"memory_stall_ns"` // some task waited for memory (pressure stall information)
	MajorFaults int64         `json:"major_faults"`    // of both processes: pages read back from disk
	// Throttled is for how long CPU quotas held both processes up, and what else is
	// in their cgroups: on all CPUs together.
	Throttled time.Duration `json:"throttled_ns,omitempty"`
	// ClockStep is the largest jump of the wall clock against the monotonic one,
	// with its sign; the clock's ordinary correction is none.
	ClockStep time.Duration `json:"clock_step_ns"`
	// Dropped are kernel timestamps that a step made worthless.
	Dropped int64 `json:"dropped_timestamps"`
}

// Stepped notes a jump of the wall clock, if it is larger than those before.
func (d *Disturbance) Stepped(by time.Duration) {
	if by.Abs() > d.ClockStep.Abs() {
		d.ClockStep = by
	}
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
