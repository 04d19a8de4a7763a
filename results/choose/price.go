package choose

import "fmt"

// Prices are what a provider takes. Zero is for nothing.
type Prices struct {
	Currency string `json:"currency"`
	// What is rented by the hour: a CPU, and a GiB of memory, of whole servers.
	CPUHour    float64 `json:"cpu_hour"`
	MemoryHour float64 `json:"memory_gib_hour"`
	// What is counted: 10⁹ bytes to clients, a million requests, a million minutes
	// of a connection.
	Egress            float64 `json:"egress_gb"`
	Requests          float64 `json:"million_requests"`
	ConnectionMinutes float64 `json:"million_connection_minutes"`
}

// Of a bill, what it is made of.
const (
	forCPU = iota
	forMemory
	forEgress
	forRequests
	forConnections
	posts
)

// postNames are their names: those of the prices.
var postNames = [posts]string{"cpu_hour", "memory_gib_hour", "egress_gb", "million_requests", "million_connection_minutes"}

// A bill is what a month costs.
type bill [posts]float64

func (b bill) total() (sum float64) {
	for _, v := range b {
		sum += v
	}
	return sum
}

// month is the bill of a need.
func (p *Prices) month(w *weight, n need, is Machine) bill {
	const hours = month / 3600
	return bill{
		forCPU:         n.servers * is.CPUs * hours * p.CPUHour,
		forMemory:      n.servers * is.Memory / (1 << 30) * hours * p.MemoryHour,
		forEgress:      n.down * month / 1e9 * p.Egress,
		forRequests:    w.requests * month / 1e6 * p.Requests,
		forConnections: (w.connected + w.posting) * month / 60 / 1e6 * p.ConnectionMinutes,
	}
}

// server is what one costs in a month.
func (p *Prices) server(is Machine) float64 {
	return (is.CPUs*p.CPUHour + is.Memory/(1<<30)*p.MemoryHour) * month / 3600
}

// at returns the price of that name.
func (p *Prices) at(post int) *float64 {
	return [...]*float64{&p.CPUHour, &p.MemoryHour, &p.Egress, &p.Requests, &p.ConnectionMinutes}[post]
}

// Of is the price of that name, zero of one that there is not.
func (p Prices) Of(name string) float64 {
	for post := range posts {
		if postNames[post] == name {
			return *p.at(post)
		}
	}
	return 0
}

// A Sensitivity is what would win at another price.
type Sensitivity struct {
	Price   string   `json:"price"`
	Times   float64  `json:"times"` // of what was given
	Value   float64  `json:"value"`
	Winners []string `json:"winners"`
	Total   float64  `json:"total"` // of the first winner, a month
	Changed bool     `json:"changed"`
}

// factors are by what prices are multiplied, to see what hangs on them.
var factors = []float64{0.1, 0.5, 2, 10}

// sensitivity asks for the winners at other prices.
func (m *Model) sensitivity(p *Profile, prices *Prices, now []string) []Sensitivity {
	var all []Sensitivity
	for post := range posts {
		for _, factor := range factors {
			other := *prices
			price := other.at(post)
			if *price == 0 {
				break
			}
			*price *= factor
			weights := m.weigh(p, &other)
			names := named(weights, winners(weights, p, &other))
			s := Sensitivity{Price: postNames[post], Times: factor, Value: *price, Winners: names, Changed: fmt.Sprint(sorted(names)) != fmt.Sprint(sorted(now))}
			if len(names) > 0 {
				s.Total = weights[0].cost.Median
			}
			all = append(all, s)
		}
	}
	return all
}
