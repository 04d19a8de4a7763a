package choose

import (
	"time"

	"pushbench/results/compare"
)

// An Answer is which transport a product should take, with all that it rests on.
type Answer struct {
	Profile Profile `json:"profile"`
	Prices  *Prices `json:"prices,omitempty"`
	Source  Source  `json:"source"`
	// Ranking has those that meet every requirement first, the cheapest first.
	Ranking []Place `json:"ranking"`
	// Winners are the first of them: several where none can be shown to cost less,
	// and none where no transport meets the requirements.
	Winners   []string `json:"winners"`
	Text      string   `json:"text"` // the answer in a sentence
	DecidedBy Decision `json:"decided_by"`
	// Flips are how far the profile must move before the answer changes.
	Flips []Flip `json:"flips"`
	// Assumptions are what nobody has measured, and what was taken for it.
	Assumptions []string      `json:"assumptions"`
	Sensitivity []Sensitivity `json:"sensitivity,omitempty"`
}

// A Source is the run that the numbers are from.
type Source struct {
	File     string    `json:"file,omitempty"`
	Scenario string    `json:"scenario"`
	Started  time.Time `json:"started"`
	CPU      string    `json:"cpu"`
	Go       string    `json:"go"`
	CPUs     []int     `json:"server_cpus"`
}

// A Decision is what has decided, first of all.
type Decision struct {
	By   string `json:"by"`             // requirement, cpu, memory, connections, latency, a price, or nothing
	Term string `json:"term,omitempty"` // of CPU time: what most of the difference is
	Text string `json:"text"`
}

// A Place is one transport's in the ranking.
type Place struct {
	Transport    string        `json:"transport"`
	Stack        string        `json:"stack"`
	Fits         bool          `json:"fits"` // every requirement is met
	Winner       bool          `json:"winner"`
	Requirements []Requirement `json:"requirements"`
	Cautions     []string      `json:"cautions,omitempty"`

	Interval time.Duration `json:"poll_interval_ns,omitempty"`
	// P99 and Worst are the latency that it promises at so many servers.
	P99   time.Duration `json:"p99_ns,omitempty"`
	Worst time.Duration `json:"worst_ns,omitempty"`

	// Misfit is the share by which the sums that it is predicted from miss what was
	// measured, at the load where they miss most. Intervals of what follows from CPU
	// time are wider by it: their lower end is of that much less, their upper end of
	// that much more.
	Misfit float64 `json:"misfit"`
	// Below are the parts of the CPU time that count as nothing although the loads, in
	// earnest, say that they are less.
	Below []Below `json:"below_zero,omitempty"`

	// Predicted is absent of what cannot keep what is demanded of latency.
	Predicted *Prediction `json:"predicted,omitempty"`
	// Beside is by how much it costs more than the first, block by block; its ends are
	// as if both missed by their misfits, in opposite directions.
	Beside *compare.Stat `json:"beside_first,omitempty"`
}

// A Prediction is what a transport takes at the product's scale.
type Prediction struct {
	Servers   compare.Stat  `json:"servers"` // as a fraction of one; one at least
	CPUs      compare.Stat  `json:"cpus"`    // that are busy
	Memory    compare.Stat  `json:"memory"`  // bytes, without the servers' own
	Egress    compare.Stat  `json:"egress"`  // bytes a month, headers and framing included, without TCP's own
	Ingress   compare.Stat  `json:"ingress"`
	Requests  float64       `json:"requests"` // a month
	Cost      *compare.Stat `json:"cost,omitempty"`
	Posts     []Post        `json:"posts,omitempty"`
	BoundBy   string        `json:"bound_by"` // what the number of servers is decided by
	Bounds    []Bound       `json:"bounds"`
	Terms     []Term        `json:"terms"`
	Memories  []Holding     `json:"memories"`
	Extent    float64       `json:"extent"` // clients on a server, over the most that were measured
	PerServer float64       `json:"clients_per_server"`
}

// A Bound is how many servers one thing needs.
type Bound struct {
	By      string       `json:"by"`
	Servers compare.Stat `json:"servers"`
	Text    string       `json:"text"`
}

// A Term is a part of the CPU time: so much each, so often in a second.
type Term struct {
	Term   string  `json:"term"`
	Amount float64 `json:"amount"` // in a second; clients: in all
	// Each is in µs; of a client in a second, of payload for a KiB. Its median is that
	// of the blocks in the middle of the whole, so that the terms add up to it; its
	// interval is that of all blocks, of this term alone.
	Each compare.Stat `json:"each"`
	CPUs float64      `json:"cpus"`
	Hi   *float64     `json:"cpus_hi"` // at the upper end of Each; null without one
}

// A Below is a part of the CPU time that straight lines through the loads want below
// zero, with an interval that ends there.
type Below struct {
	Term string       `json:"term"`
	Each compare.Stat `json:"each"`
}

// A Holding is a part of the memory.
type Holding struct {
	Of   string       `json:"of"`
	N    float64      `json:"n"`
	Each compare.Stat `json:"each"` // bytes
}

// A Post is a part of a month's bill.
type Post struct {
	Price string  `json:"price"`
	Cost  float64 `json:"cost"`
}

// A Requirement is something that the product cannot do without.
type Requirement struct {
	Key  string `json:"key"` // of the profile
	Met  bool   `json:"met"`
	Text string `json:"text"`
}
