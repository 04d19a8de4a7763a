package scenarios_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"pushbench/scenarios"
)

func TestAProfileIsReadAsItIsWritten(t *testing.T) {
	got, err := scenarios.DecodeProfile("ticker.yaml", []byte(`
name: stock ticker
clients: 200000
rate: 2/s
size: 200B
value: latest
staleness: 1s
p99: 250ms
rtt: 40ms
uplink: {rate: 0.1/s}
browsers: true
buffering_proxy: false
server: {cpus: 8}
`))
	if err != nil {
		t.Fatal(err)
	}
	want := scenarios.DefaultProfile()
	want.Name, want.Clients, want.Rate, want.Value = "stock ticker", 200_000, 2, scenarios.Latest
	want.P99, want.RTT = scenarios.Duration(250*time.Millisecond), scenarios.Duration(40*time.Millisecond)
	want.Uplink.Rate, want.Browsers, want.Server.CPUs = 0.1, true, 8
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("read (-want +got):\n%s", diff)
	}
}

func TestAProfileIsReadAsStrictlyAsAScenario(t *testing.T) { // R1
	for text, want := range map[string][]string{
		"clints: 5":                        {`p.yaml:1: unknown key clints: did you mean clients?`},
		"interval: 5s":                     {`p.yaml:1: unknown key interval (have name, clients, rate`},
		"clients: many\nrate: 2":           {`p.yaml:1: clients: want a whole number`, `p.yaml:2: rate: "2" is not a rate`},
		"clients: 10\naudience: 20":        {`p.yaml:2: audience: 20: want 0 (everyone) to 10, the number of clients`},
		"staleness: 0s":                    {`p.yaml:1: staleness: neither staleness nor p99`},
		"staleness: -1s":                   {`p.yaml:1: staleness: "-1s" is not a length of time`},
		"value: newest":                    {`p.yaml:1: value: "newest"`},
		"uplink: 0.1/s":                    {`p.yaml:1: uplink: want keys with values below it, such as rate, size`},
		"uplink:\n  rat: 0.1/s":            {`p.yaml:2: unknown key uplink.rat: did you mean uplink.rate?`},
		"server: {cpus: 0}":                {`p.yaml:1: server.cpus: 0: want 1 to 1024`},
		"server: {utilisation: 0%}":        {`p.yaml:1: server.utilisation: 0%: want 1% to 100%`},
		"stay: 10ms":                       {`p.yaml:1: stay: 10ms: want 0s (for ever), or one second or more`},
		"budget: cheap":                    {`p.yaml:1: budget: want a number`},
		"budget: .nan":                     {`p.yaml:1: budget: NaN: want 0`},
		"browsers: perhaps":                {`p.yaml:1: browsers: want true or false`},
		"- 1":                              {`p.yaml: want one document with keys and values`},
		"rate: 0":                          {`p.yaml:1: rate: 0/s: a product without events needs no transport`},
		strings.Repeat("# much\n", 10_000): {`p.yaml: longer than 32KiB`},
	} {
		_, err := scenarios.DecodeProfile("p.yaml", []byte(text))
		if err == nil {
			t.Errorf("%.40q is read", text)
			continue
		}
		if got := problems(t, err); !slices.EqualFunc(got, want, strings.HasPrefix) {
			t.Errorf("%.40q:\n%q, want\n%q", text, got, want)
		}
	}
}

// Who fills in a profile hears of what was said last.
func TestWhatIsWrongWithOneKeyIsToldApart(t *testing.T) {
	p := scenarios.DefaultProfile()
	p.Clients, p.Rate = 0, 0
	for key, want := range map[string]string{"clients": "clients: 0: want 1 to", "rate": "rate: 0/s", "size": ""} {
		err := p.Wrong(key)
		if (err == nil) != (want == "") || err != nil && (!strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "\n")) {
			t.Errorf("%s: %v, want %q", key, err, want)
		}
	}
}

func TestPricesAreReadAsStrictlyAsAScenario(t *testing.T) { // R1
	got, err := scenarios.DecodePrices("p.yaml", []byte("cpu_hour: 0.04\negress_gb: 0.05\n"))
	if want := (&scenarios.Prices{Currency: "EUR", CPUHour: 0.04, Egress: 0.05}); err != nil || *got != *want {
		t.Errorf("%+v, %v; want %+v", got, err, want)
	}
	for text, want := range map[string]string{
		"cpu_hours: 1":                      `p.yaml:1: unknown key cpu_hours: did you mean cpu_hour?`,
		"cpu_hour: -1":                      `p.yaml:1: cpu_hour: -1: want a price`,
		"cpu_hour: .inf":                    `p.yaml:1: cpu_hour: +Inf: want a price`,
		"currency: USD":                     `p.yaml: no price is above zero`,
		"currency: doubloons\negress_gb: 1": `p.yaml:1: currency: "doubloons": want a short name`,
	} {
		_, err := scenarios.DecodePrices("p.yaml", []byte(text))
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

func TestAProfileIsReadFromAFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "mine.yaml")
	if _, err := scenarios.ReadProfile(file); err == nil || !strings.HasPrefix(err.Error(), "read profile: ") {
		t.Errorf("a file that is not there: %v", err)
	}
	if err := os.WriteFile(file, []byte("clients: 7"), 0o644); err != nil {
		t.Fatal(err)
	}
	if p, err := scenarios.ReadProfile(file); err != nil || p.Clients != 7 {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestAxesThatAreNotCrossedMakeAStar(t *testing.T) {
	s, err := scenarios.Decode("x.yaml", []byte("cross: false\nschedule: {kind: constant}\naxes:\n  clients: [20, 10, 30]\n  schedule.rate: [1/s, 5/s]\n  topics: [broadcast, own]\n"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range s.Points() {
		got = append(got, p.String())
		if p.Scenario.Axes != nil || p.Axes["topics"] != p.Scenario.Topics || p.Axes["schedule.rate"] != p.Scenario.Schedule.Rate.String() {
			t.Errorf("at %s the scenario has %d clients at %s on %s", p, p.Scenario.Clients, p.Scenario.Schedule.Rate, p.Scenario.Topics)
		}
	}
	want := []string{
		"clients=20 schedule.rate=1/s topics=broadcast",
		"clients=10 schedule.rate=1/s topics=broadcast",
		"clients=30 schedule.rate=1/s topics=broadcast",
		"clients=20 schedule.rate=5/s topics=broadcast",
		"clients=20 schedule.rate=1/s topics=own",
	}
	if !slices.Equal(got, want) {
		t.Errorf("points\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	// One axis is what it is, crossed or not, and that nobody combines is said.
	one, err := scenarios.Decode("x.yaml", []byte("cross: false\nschedule: {rate: 1/s}\naxes: {clients: [20, 10]}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if n := len(one.Points()); n != 2 {
		t.Errorf("%d points of one axis with two values", n)
	}
	if remarks := one.Remarks(); !slices.ContainsFunc(remarks, func(r string) bool { return strings.HasPrefix(r, "cross: false is not heeded") }) {
		t.Errorf("remarks %q", remarks)
	}
}

// Whatever the product, what is measured for it is a scenario, with loads enough to
// tell each of what it does.
func TestAProductsOwnLoadsAreAScenario(t *testing.T) {
	of, err := scenarios.Load("choose")
	if err != nil {
		t.Fatal(err)
	}
	full := len(of.Points())
	for name, change := range map[string]func(*scenarios.Profile){
		"usual":        func(*scenarios.Profile) {},
		"bursts":       func(p *scenarios.Profile) { p.Burst = 30 },
		"comes, goes":  func(p *scenarios.Profile) { p.Stay = scenarios.Duration(time.Minute) },
		"a topic each": func(p *scenarios.Profile) { p.Audience = 1 },
		"rooms":        func(p *scenarios.Profile) { p.Audience = 20 },
		"classes":      func(p *scenarios.Profile) { p.Audience = 100 },
		"halls":        func(p *scenarios.Profile) { p.Audience = 5000 },
		"large":        func(p *scenarios.Profile) { p.Size = 8 << 20 },
		"nothing":      func(p *scenarios.Profile) { p.Size = 0 },
		"all of it": func(p *scenarios.Profile) {
			p.Burst, p.Stay, p.Audience, p.Size = 5, scenarios.Duration(time.Hour), 2, 5000
		},
	} {
		p := scenarios.DefaultProfile()
		change(p)
		if err := p.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		s := p.Narrow(of)
		if err := s.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if n := len(s.Points()); n >= full || n < 6 {
			t.Errorf("%s: %d points, of %d", name, n, full)
		}
		if !slices.ContainsFunc(s.Points(), silent) {
			t.Errorf("%s: no load tells what clients take that nothing happens to", name)
		}
		if len(of.Points()) != full {
			t.Fatalf("%s has changed the scenario itself", name)
		}
	}
}

// silent says whether a client of the point gets no event in the phase, or hardly one.
func silent(p scenarios.Point) bool {
	s := p.Scenario
	return s.Clients >= 300 && float64(s.Schedule.Rate)*time.Duration(s.Duration).Seconds() < 0.2
}

// What it takes that clients are there is told by a load in which there is nothing
// else, and from what a server takes by itself by one with next to no clients: without,
// it is what is left of others, and follows their noise.
func TestTheRunForChooseHasLoadsInWhichNextToNothingHappens(t *testing.T) {
	s, err := scenarios.Load("choose")
	if err != nil {
		t.Fatal(err)
	}
	points := s.Points()
	if !slices.ContainsFunc(points, silent) {
		t.Error("no load in which nothing happens to many clients")
	}
	if !slices.ContainsFunc(points, func(p scenarios.Point) bool { return 20*p.Scenario.Clients <= s.Clients }) {
		t.Error("no load with next to no clients")
	}
	if !slices.ContainsFunc(points, func(p scenarios.Point) bool {
		return time.Duration(p.Scenario.Poll.Interval) >= 2*time.Second
	}) {
		t.Error("no load in which short polls are rare")
	}
}

func FuzzDecodeProfile(f *testing.F) {
	f.Add([]byte("clients: 5\nuplink: {rate: 1/s}\nserver: {cpus: 2}"))
	f.Add([]byte("budget: .inf\nrate: 1e400/s"))
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := scenarios.DecodeProfile("p.yaml", text)
		if err == nil && p.Validate() != nil {
			t.Errorf("%q is read, and is none", text)
		}
		if _, err := scenarios.DecodePrices("p.yaml", text); err != nil && err.Error() == "" {
			t.Error("an error without a word")
		}
	})
}

// around is what a trial takes beside its phases, without its clients' arrival: a
// process is started and stopped, memory and connections are looked at, what there is
// is saved. Of the first trials of results/published/choose it is the median.
const around = 260 * time.Millisecond

// Who asks without a run waits for two minutes at most, where nothing disturbs.
func TestAProductsOwnLoadsTakeLessThanTwoMinutes(t *testing.T) {
	of, err := scenarios.Load("choose")
	if err != nil {
		t.Fatal(err)
	}
	for _, rate := range []scenarios.Rate{1, 100} {
		for _, stay := range []time.Duration{0, time.Minute} {
			for _, burst := range []int{1, 8} {
				p := scenarios.DefaultProfile()
				p.Rate, p.Stay, p.Burst = rate, scenarios.Duration(stay), burst
				s := p.Narrow(of)
				var all time.Duration
				for _, transport := range []string{"poll", "longpoll", "sse", "ws"} {
					for _, point := range s.Points() {
						all += time.Duration(s.Trials) * trialOf(transport, point, s.Axes)
					}
				}
				t.Logf("rate %s, stay %s, burst %d: %s", rate, stay, burst, all.Round(time.Second))
				if all > 2*time.Minute {
					t.Errorf("%s to each, clients stay for %s, %d at once: measured in %s, want less than two minutes", rate, stay, burst, all.Round(time.Second))
				}
			}
		}
	}
}

// trialOf is how long a trial takes, zero of one that the transport has measured at
// another point.
func trialOf(transport string, point scenarios.Point, axes map[string][]string) time.Duration {
	for axis, heeds := range map[string]string{"poll.interval": "poll", "longpoll.hold": "longpoll"} {
		if transport != heeds && point.Axes[axis] != axes[axis][0] {
			return 0
		}
	}
	s := point.Scenario
	arrival := time.Duration(float64(s.Clients) / float64(s.Connect.Rate) * float64(time.Second))
	took := around + arrival + time.Duration(s.Warmup) + time.Duration(s.Duration)
	if transport == "poll" { // it warms up for an interval, and the last event waits for what is left of another
		interval := time.Duration(s.Poll.Interval)
		took += max(0, interval-time.Duration(s.Warmup)) + max(0, interval-time.Duration(float64(time.Second)/float64(s.Schedule.Rate)))
	}
	return took
}
