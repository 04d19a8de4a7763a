package compare_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"pushbench/results"
	"pushbench/results/compare"
)

// taken is what servers take in truth: CPU time in µs, memory in bytes.
type taken struct {
	base, client, delivery, request float64
	idle, heap, stacks, sockets     float64
}

var truth = map[string]taken{
	"poll":     {900, 0.4, 1.5, 16, 9e6, 3000, 4096, 0},
	"longpoll": {1200, 1.1, 4, 14, 9e6, 9000, 8192, 900},
	"sse":      {700, 0.8, 9, 0, 8e6, 14000, 8192, 300},
	"ws":       {800, 0.6, 7.5, 0, 8e6, 11000, 6144, 200},
}

// measured says how the trials of a run over several loads are made.
type measured struct {
	clients   []int
	rates     []float64 // events/s
	intervals []float64 // s, of poll
	holds     []float64 // s, of longpoll
	blocks    int
	noise     float64 // share, one standard deviation
	stray     float64 // share of requests that nobody planned, one standard deviation
	bend      float64 // by how much the most clients take more than the plane says
}

// usual are the loads of the built-in scenario.
func usual() measured {
	return measured{
		clients: []int{100, 300, 1000}, rates: []float64{2, 10},
		intervals: []float64{0.25, 1}, holds: []float64{0.15, 25}, blocks: 6,
	}
}

func (m measured) run(seed uint64) *results.Run {
	dice := rand.New(rand.NewPCG(seed, 1))
	noisy := func(v float64) float64 { return v * (1 + m.noise*dice.NormFloat64()) }
	run := &results.Run{}
	add := func(block int, transport string, clients int, rate, requests float64, axes map[string]string) {
		axes["clients"], axes["schedule.rate"] = strconv.Itoa(clients), strconv.FormatFloat(rate, 'g', -1, 64)+"/s"
		is, n := truth[transport], float64(clients)
		requests += math.Abs(m.stray*dice.NormFloat64()) * max(requests, n*rate/10) // a stream is opened again at times
		const phase = 2 * time.Second
		cpu := is.base + is.client*n + is.delivery*n*rate + is.request*requests
		if clients == slices.Max(m.clients) {
			cpu *= 1 + m.bend
		}
		resident := is.idle + 200_000 + n*(is.heap+is.stacks+500)
		run.Trials = append(run.Trials, results.Trial{
			Cell:     results.Cell{Transport: transport, Stack: "std", Axes: axes},
			Block:    block,
			Clients:  clients,
			Measured: phase,
			Traffic:  results.Traffic{Delivered: int64(2 * n * rate), Requests: int64(2 * requests)},
			Usage: results.Usage{
				ServerCPU: time.Duration(2 * noisy(cpu) * float64(time.Microsecond)), Wall: phase,
				ServerIdleRSS: int64(is.idle), ServerFullRSS: int64(noisy(resident)),
				ServerIdle: results.Memory{Heap: 1e6, Stacks: 1e5, Kernel: 70e6},
				ServerFull: results.Memory{Heap: int64(1e6 + noisy(is.heap)*n), Stacks: int64(1e5 + noisy(is.stacks)*n), Sockets: int64(noisy(is.sockets) * n), Conns: int64(clients), Kernel: 70e6 + int64(noisy(5000)*n)},
			},
			Verdict: results.Verdict{State: results.Valid},
		})
	}
	for block := range m.blocks {
		for _, clients := range m.clients {
			for _, rate := range m.rates {
				deliveries := float64(clients) * rate
				add(block, "ws", clients, rate, 0, map[string]string{})
				add(block, "sse", clients, rate, 0, map[string]string{})
				for _, interval := range m.intervals {
					axes := map[string]string{"poll.interval": strconv.FormatFloat(interval, 'g', -1, 64) + "s"}
					add(block, "poll", clients, rate, float64(clients)/interval, axes)
				}
				for _, hold := range m.holds {
					axes := map[string]string{"longpoll.hold": strconv.FormatFloat(hold, 'g', -1, 64) + "s"}
					add(block, "longpoll", clients, rate, deliveries*math.Ceil(1/rate/hold), axes)
				}
			}
		}
	}
	dice.Shuffle(len(run.Trials), func(i, k int) { run.Trials[i], run.Trials[k] = run.Trials[k], run.Trials[i] })
	return run
}

// want are the coefficients that are found when there is no noise.
func (is taken) want() map[string]float64 {
	all := map[string]float64{
		"cpu base": is.base, "cpu client": is.client, "cpu delivery": is.delivery,
		"memory base": is.idle + 200_000, "memory heap": is.heap, "memory stacks": is.stacks, "memory sockets": is.sockets, "memory kernel": 5000,
		"memory resident": is.heap + is.stacks + 500,
	}
	if is.request > 0 {
		all["cpu request"] = is.request
	}
	return all
}

func coefficients(c results.Cost) map[string]results.Coefficient {
	all := map[string]results.Coefficient{}
	for _, one := range c.CPU {
		all["cpu "+one.Name] = one
	}
	for _, one := range c.Memory {
		all["memory "+one.Name] = one
	}
	return all
}

func TestCostsAreThoseThatTheTrialsWereMadeOf(t *testing.T) {
	costs := compare.Costs(usual().run(1))
	var order []string
	for _, c := range costs {
		order = append(order, c.Transport)
		got, want := coefficients(c), truth[c.Transport].want()
		if len(got) != len(want) || len(c.Notes) > 0 || c.Stack != "std" {
			t.Errorf("%s on %q: %d coefficients, want %d; %q", c.Transport, c.Stack, len(got), len(want), c.Notes)
		}
		for name, v := range want {
			one := got[name]
			// Bytes and ns are whole numbers.
			if math.Abs(one.Median-v) > 1e-4*v+1e-3 || one.Lo == nil || *one.Hi-*one.Lo > 1e-4*v+1e-3 {
				t.Errorf("%s of %s: %+v, want %v", name, c.Transport, one, v)
			}
		}
		if c.CPUMisfit > 1e-4 || c.MemoryMisfit > 1e-4 {
			t.Errorf("%s: a plane misses itself by %v and %v", c.Transport, c.CPUMisfit, c.MemoryMisfit)
		}
	}
	if want := []string{"poll", "longpoll", "sse", "ws"}; !slices.Equal(order, want) {
		t.Errorf("costs of %v, want %v", order, want)
	}
	for _, one := range costs[0].CPU {
		if want := map[string]string{"base": "µs/s", "client": "µs/s", "delivery": "µs", "request": "µs"}[one.Name]; one.Unit != want {
			t.Errorf("%s in %q, want %q", one.Name, one.Unit, want)
		}
	}
}

// An interval over six blocks holds the truth 31 times out of 32; with noise of
// five per cent it must do so nearly as often for each coefficient.
func TestCostsWithNoiseAreWithinTheirIntervals(t *testing.T) {
	const runs = 60
	held := map[string]int{}
	for seed := range uint64(runs) {
		m := usual()
		m.noise = 0.05
		for _, c := range compare.Costs(m.run(seed)) {
			got := coefficients(c)
			for name, v := range truth[c.Transport].want() {
				one, ok := got[name]
				if !ok {
					t.Fatalf("seed %d: %s of %s is not told: %q", seed, name, c.Transport, c.Notes)
				}
				if *one.Lo <= v && v <= *one.Hi {
					held[c.Transport+" "+name]++
				}
			}
			if c.CPUMisfit > 0.1 {
				t.Errorf("seed %d: the plane of %s misses by %.2f", seed, c.Transport, c.CPUMisfit)
			}
		}
	}
	for name, n := range held {
		if n < runs*88/100 {
			t.Errorf("%s: within its interval in %d of %d runs", name, n, runs)
		}
	}
	if len(held) != 38 {
		t.Errorf("%d coefficients are ever within their intervals, want 38", len(held))
	}
}

// What comes out small by chance must not count for more than what comes out
// large.
func TestNoiseDoesNotMakeServersCheaper(t *testing.T) {
	const runs = 60
	means := map[string]float64{}
	for seed := range uint64(runs) {
		m := usual()
		m.noise = 0.15
		for _, c := range compare.Costs(m.run(seed)) {
			means[c.Transport] += coefficients(c)["cpu delivery"].Median / truth[c.Transport].delivery / runs
		}
	}
	for _, transport := range []string{"sse", "ws"} {
		if means[transport] < 0.98 || means[transport] > 1.02 {
			t.Errorf("%s: a delivery takes %.3f of what it takes, on average", transport, means[transport])
		}
	}
}

func TestWhatLoadsCannotTellApartIsNotGuessed(t *testing.T) {
	const (
		deliveriesGo = "deliveries go with the other terms at these loads, and what they take is in those"
		requestsGo   = "requests go with the other terms at these loads, and what they take is in those"
		clientsGo    = "clients go with the other terms at these loads, and what they take is in those"
		deliveriesOf = "3 loads are too few for what deliveries take, which is in the other terms"
		requestsOf   = "4 loads are too few for what requests take, which is in the other terms"
	)
	two := []int{100, 1000}
	for name, c := range map[string]struct {
		loads     func(*measured)
		transport string
		terms     []string
		notes     []string
	}{
		"one rate":            {func(m *measured) { m.clients, m.rates = []int{10, 100, 500, 1000}, []float64{5} }, "ws", []string{"base", "client"}, []string{deliveriesGo}},
		"three loads":         {func(m *measured) { m.rates = []float64{5} }, "ws", []string{"base", "client"}, []string{deliveriesOf}},
		"one number":          {func(m *measured) { m.clients, m.rates = []int{500}, []float64{1, 2, 5, 10} }, "ws", []string{"base", "delivery"}, []string{clientsGo}},
		"one interval":        {func(m *measured) { m.intervals = []float64{1} }, "poll", []string{"base", "client", "delivery"}, []string{requestsGo}},
		"a request per event": {func(m *measured) { m.holds = []float64{25} }, "longpoll", []string{"base", "client", "delivery"}, []string{requestsGo}},
		"four loads":          {func(m *measured) { m.clients, m.holds = two, []float64{25} }, "longpoll", []string{"base", "client", "delivery"}, []string{requestsOf}},
		"streams":             {func(m *measured) {}, "sse", []string{"base", "client", "delivery"}, nil},
		"streams that break":  {func(m *measured) { m.stray = 0.03 }, "sse", []string{"base", "client", "delivery"}, nil},
		"stray requests":      {func(m *measured) { m.holds, m.stray = []float64{25}, 0.03 }, "longpoll", []string{"base", "client", "delivery"}, []string{requestsGo}},
		"no events":           {func(m *measured) { m.rates = []float64{0} }, "ws", []string{"base", "client"}, nil},
	} {
		m := usual()
		m.noise = 0.02
		c.loads(&m)
		costs := compare.Costs(m.run(1))
		at := slices.IndexFunc(costs, func(cost results.Cost) bool { return cost.Transport == c.transport })
		if at < 0 {
			t.Errorf("%s: no costs of %s", name, c.transport)
			continue
		}
		var terms []string
		for _, one := range costs[at].CPU {
			terms = append(terms, one.Name)
		}
		if !slices.Equal(terms, c.terms) || !slices.Equal(costs[at].Notes, c.notes) {
			t.Errorf("%s: %v and %q, want %v and %q", name, terms, costs[at].Notes, c.terms, c.notes)
		}
	}
}

// A request in four that ends in vain is cost as well: the others hold it.
func TestATermThatIsNotToldIsInTheOthers(t *testing.T) {
	m := usual()
	m.intervals = []float64{0.5}
	got := coefficients(compare.Costs(m.run(1))[0])["cpu client"].Median
	if is := truth["poll"]; math.Abs(got-(is.client+is.request/0.5)) > 1e-3 {
		t.Errorf("a client that polls twice a second takes %v, want %v", got, is.client+is.request/0.5)
	}
}

func TestLoadsThatHaveNoPlaneHaveNoCosts(t *testing.T) {
	for name, c := range map[string]struct {
		loads func(*measured)
		spoil func(i int, t *results.Trial)
	}{
		"one load": {func(m *measured) {
			m.clients, m.rates, m.intervals, m.holds = []int{100}, []float64{5}, []float64{1}, []float64{25}
		}, func(int, *results.Trial) {}},
		"two loads": {func(m *measured) {
			m.clients, m.rates, m.intervals, m.holds = []int{100}, []float64{2, 10}, []float64{1}, []float64{25}
		}, func(int, *results.Trial) {}},
		"other policies": {func(*measured) {}, func(i int, t *results.Trial) {
			t.Axes["slow.policy"] = []string{"skip", "disconnect"}[i%2]
		}},
		"invalid": {func(*measured) {}, func(_ int, t *results.Trial) { t.Verdict.State = results.Invalid }},
		"suspect": {func(*measured) {}, func(_ int, t *results.Trial) { t.Verdict.State = results.Suspect }},
		"no CPU":  {func(*measured) {}, func(_ int, t *results.Trial) { t.Usage.ServerCPU = 0 }},
	} {
		m := usual()
		c.loads(&m)
		run := m.run(1)
		for i := range run.Trials {
			c.spoil(i, &run.Trials[i])
		}
		if costs := compare.Costs(run); costs != nil {
			t.Errorf("%s: %+v", name, costs)
		}
	}
	if costs := compare.Costs(&results.Run{}); costs != nil {
		t.Errorf("no trials: %+v", costs)
	}
}

func TestAPlaneSaysByHowMuchItMisses(t *testing.T) {
	m := usual()
	m.bend = 0.3
	for _, c := range compare.Costs(m.run(1)) {
		if c.CPUMisfit < 0.03 || c.CPUMisfit > 0.3 {
			t.Errorf("%s: a bend of 0.3 is missed by %v", c.Transport, c.CPUMisfit)
		}
		if c.MemoryMisfit > 1e-3 {
			t.Errorf("%s: memory has no bend, and is missed by %v", c.Transport, c.MemoryMisfit)
		}
	}
}

func TestABlockWithTooFewTrialsIsLeftOut(t *testing.T) {
	for name, valid := range map[string]func(*results.Trial) bool{
		"two loads": func(t *results.Trial) bool { return t.Clients == 100 },
		// Through three loads there is a plane of three terms that misses none.
		"as many loads as terms": func(t *results.Trial) bool {
			return t.Clients == 100 || t.Clients == 300 && t.Axes["schedule.rate"] == "2/s"
		},
	} {
		t.Run(name, func(t *testing.T) { blockLeftOut(t, valid) })
	}
}

func blockLeftOut(t *testing.T, valid func(*results.Trial) bool) {
	run := usual().run(1)
	for i := range run.Trials {
		if t := &run.Trials[i]; t.Block == 2 && t.Transport == "sse" && !valid(t) {
			t.Verdict.State = results.Invalid
		}
	}
	for _, c := range compare.Costs(run) {
		one := coefficients(c)["cpu delivery"]
		if math.Abs(one.Median-truth[c.Transport].delivery) > 1e-3 {
			t.Errorf("%s: a delivery takes %v, want %v", c.Transport, one.Median, truth[c.Transport].delivery)
		}
		var notes []string
		if c.Transport == "sse" {
			notes = []string{"1 of 6 blocks have too few valid trials"}
		}
		if !slices.Equal(c.Notes, notes) || (one.Lo == nil) != (c.Transport == "sse") {
			t.Errorf("%s: %q, interval from %v", c.Transport, c.Notes, one.Lo)
		}
	}
}

// Memory that nobody could read is absent, not zero.
func TestWhatRanTogetherHasNoCostsOfItsOwn(t *testing.T) {
	run := usual().run(1)
	for i := range run.Trials {
		if run.Trials[i].Transport != "ws" {
			run.Trials[i].Together = &results.Together{Transports: []string{"poll", "longpoll", "sse"}}
		}
	}
	if costs := compare.Costs(run); len(costs) != 1 || costs[0].Transport != "ws" {
		t.Errorf("%d transports have costs, want only the one that ran alone", len(costs))
	}
}

func TestUnknownMemoryHasNoCost(t *testing.T) {
	run := usual().run(1)
	for i := range run.Trials {
		run.Trials[i].Usage.ServerFull, run.Trials[i].Usage.ServerIdle = results.Memory{}, results.Memory{}
	}
	for _, c := range compare.Costs(run) {
		if got := coefficients(c); len(c.Memory) != 2 || got["memory resident"].Median == 0 || got["memory base"].Median == 0 {
			t.Errorf("%s: %+v", c.Transport, c.Memory)
		}
	}
	m := usual()
	m.clients = []int{500}
	m.rates = []float64{1, 2, 5}
	for _, c := range compare.Costs(m.run(1)) {
		// One number of clients: a line from nothing, which holds what is fixed.
		want := truth[c.Transport].heap + truth[c.Transport].stacks + 500 + 200_000/500
		if got := coefficients(c)["memory resident"].Median; math.Abs(got-want) > 0.01 {
			t.Errorf("%s: %v bytes per client, want %v", c.Transport, got, want)
		}
	}
}

func TestNothingHasNoSign(t *testing.T) {
	for _, rates := range [][]float64{{5}, {2, 10}, {1, 2, 5}} {
		m := usual()
		m.rates = rates
		run := m.run(1)
		for i := range run.Trials {
			run.Trials[i].Usage.ServerFull.Sockets = 0
		}
		for _, c := range compare.Costs(run) {
			if got := coefficients(c)["memory sockets"]; got.Median != 0 || math.Signbit(got.Median) || math.Signbit(*got.Lo) {
				t.Errorf("%s at %v: sockets take %v from %v", c.Transport, rates, got.Median, *got.Lo)
			}
		}
	}
}
