package scenarios_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"pushbench/scenarios"
)

// problems are the problems that an error joins, in words.
func problems(t testing.TB, err error) []string {
	t.Helper()
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		t.Fatalf("%T %v joins no problems", err, err)
	}
	var all []string
	for _, err := range joined.Unwrap() {
		if _, ok := errors.AsType[*scenarios.Problem](err); !ok {
			t.Errorf("%T %v is no problem", err, err)
		}
		all = append(all, err.Error())
	}
	return all
}

// refuses wants the text to be no scenario, for that problem among others.
func refuses(t *testing.T, text, want string) {
	t.Helper()
	_, err := scenarios.Decode("x.yaml", []byte(text))
	if err == nil {
		t.Errorf("%q is read", text)
		return
	}
	if got := problems(t, err); !slices.Contains(got, want) {
		t.Errorf("%q: %q, want %q among them", text, got, want)
	}
}

func TestEveryProblemIsNamedAtOnceWithItsLine(t *testing.T) { // R1
	_, err := scenarios.Decode("my.yaml", []byte(`clints: 5
schedule: {rat: 10/s, kind: burts}
interval: 3s
clients: many
payload:
  size: 64X
  raw: maybe
topics: rooms
trials: -1
zzzzzzzzzz: 1
duration: 5
poll: 3s
seed: -1
transports: sse
heartbeat:
`))
	want := []string{
		`my.yaml:1: unknown key clints: did you mean clients?`,
		`my.yaml:2: unknown key schedule.rat: did you mean schedule.rate?`,
		`my.yaml:2: schedule.kind: "burts": did you mean burst? (have constant, poisson, burst, ramp, saturate, reply, none)`,
		`my.yaml:3: unknown key interval: did you mean poll.interval?`,
		`my.yaml:4: clients: want a whole number`,
		`my.yaml:6: payload.size: "64X" is not a size: want one such as 64B, 1KiB or 2kB`,
		`my.yaml:7: payload.raw: want true or false`,
		`my.yaml:9: trials: -1: want 1 to 1000`,
		`my.yaml:10: unknown key zzzzzzzzzz (have name, title, group, question, about, measured, clients, servers, generators, transports, stack, baseline, topics, room, connect, together, value, schedule, payload, uplink, poll, longpoll, reuse, heartbeat, events_per_write, log, slow, rotate, buffers, unacknowledged, vanish, churn, leave, backoff, faults, warmup, duration, drain, trials, spares, seed, axes, cross, search, slo, thresholds, published, expects)`,
		`my.yaml:11: duration: "5" is not a length of time: want one such as 400ms or 1m30s`,
		`my.yaml:12: poll: want keys with values below it, such as interval, jitter`,
		`my.yaml:13: seed: want a whole number, not below zero`,
		`my.yaml:14: transports: want a list of names, such as [sse, ws]`,
		`my.yaml:15: heartbeat: no value: want one value`,
		`my.yaml: room: topics: rooms needs the number of clients in a room`,
	}
	if diff := cmp.Diff(want, problems(t, err)); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

func TestAContradictionNamesTheLineOfItsKey(t *testing.T) { // R1
	for _, c := range []struct{ text, want string }{
		{"schedule: {kind: none}", `x.yaml: uplink.rate: with schedule kind none only clients publish: they need a rate`},
		{"schedule:\n  kind: saturate\n  rate: 1/s", `x.yaml:3: schedule.rate: schedule kind saturate publishes as fast as clients take it, so it has no rate`},
		{"schedule: {rate: 0/s}", `x.yaml:1: schedule.rate: schedule kind constant needs a rate above zero, such as 10/s`},
		{"schedule: {kind: ramp, rate: 1/s}", `x.yaml:1: schedule.to: a ramp needs the rate that it ends at, above zero, and nothing else has one`},
		{"schedule: {rate: 1/s, burst: 3}", `x.yaml:1: schedule.burst: a burst needs how many events come at once, and nothing else has that`},
		{"topics: own\nroom: 3\nschedule: {rate: 1/s}", `x.yaml:2: room: only topics: rooms has rooms, this is topics: own: leave it out, or set topics to rooms`},
		{"topics: rooms\nroom: 30\nclients: 20\nschedule: {rate: 1/s}", `x.yaml:2: room: a room of 30 has more places than there are clients (20)`},
		{"schedule: {rate: 1/s}\npayload: {raw: true}\nuplink: {rate: 1/s}", `x.yaml:2: payload.raw: raw events carry no number and no instant, so what clients send could not be told apart: set uplink.rate to 0`},
		{"schedule: {rate: 1/s}\npoll: {interval: 30s}", `x.yaml: drain: 10s is shorter than poll.interval (30s): the last events would not be waited for`},
		{"schedule: {rate: 1/s}\ntransports: [sse, ws, sse]", `x.yaml:2: transports: sse twice`},
		{"schedule: {rate: 1/s}\npayload: {size: 9MiB}", `x.yaml:2: payload.size: 9MiB: want 0B to 8MiB`},
		{"schedule: {rate: 1/s}\npoll: {interval: 0s}", `x.yaml:2: poll.interval: 0s: want above zero, at most 1m30s: servers close connections that are idle for two minutes, so slower polls would measure reconnecting`},
		{"schedule: {rate: 1/s}\npoll: {interval: 91s}\ndrain: 2m", `x.yaml:2: poll.interval: 1m31s: want above zero, at most 1m30s: servers close connections that are idle for two minutes, so slower polls would measure reconnecting`},
		{"schedule: {rate: 1/s}\nuplink: {rate: 1/s, size: 61KiB}", `x.yaml:2: uplink.size: 61KiB: want 0B to 60KiB: servers take no message over 64KiB, envelope included`},
		{"schedule: {kind: reply, rate: 1/s, length: 3}", `x.yaml: uplink.rate: schedule kind reply answers what clients send: they need a rate`},
		{"schedule: {kind: reply, rate: 1/s}\nuplink: {rate: 1/s}", `x.yaml:1: schedule.length: a reply needs how many events it has, and nothing else has that`},
		{"schedule: {rate: 1/s, length: 3}", `x.yaml:1: schedule.length: a reply needs how many events it has, and nothing else has that`},
		{"schedule: {rate: 1/s}\nuplink:\n  to: server", `x.yaml:3: uplink.to: to: server is where messages end, and clients send none: they need a rate (uplink.rate)`},
		{"schedule: {kind: none}\nuplink: {rate: 1/s, to: server}", `x.yaml:2: uplink.to: with schedule kind none there are no events but clients' messages, and to: server gives them to nobody: choose another kind, or to: topic`},
		{"schedule: {rate: 1/s}\nuplink: {rate: 1/s, to: everyone}", `x.yaml:2: uplink.to: "everyone" (have topic, server)`},
		{"schedule: {rate: 1/s}\nuplink: {rate: 4/s, apart: 300ms}", `x.yaml:2: uplink.apart: 300ms: at 4/s messages are 250ms apart on average, which is the most`},
		{"schedule: {rate: 1/s}\nuplink: {apart: 300ms}", `x.yaml:2: uplink.apart: clients send no messages that could be apart: they need a rate (uplink.rate)`},
		{"schedule: {rate: 1/s}\npayload: {content: clock}", `x.yaml:2: payload.raw: payload.content: clock is bare text of several lines: set payload.raw to true`},
		{"schedule: {kind: saturate}\npayload: {content: clock, raw: true}", `x.yaml:1: schedule.kind: payload.content: clock tells at which instant it is due, and schedule kind saturate has none`},
		{"schedule: {rate: 1/s}\nconnect: {kind: slowly}", `x.yaml:2: connect.kind: "slowly" (have ramp, burst)`},
		{"schedule: {rate: 1/s}\npoll: {jitter: 2s}", `x.yaml:2: poll.jitter: 2s is longer than poll.interval (1s): a poll would come after the next one`},
		{"schedule: {rate: 1/s}\nlongpoll: {think: 11s}", `x.yaml: drain: 10s is shorter than longpoll.think (11s): the last events would not be asked for`},
		{"schedule: {rate: 1/s}\nlongpoll: {think: 2m}\ndrain: 3m", `x.yaml:2: longpoll.think: 2m0s: want at most 1m30s: servers close connections that are idle for two minutes`},
		{"schedule: {rate: 1/s}\nfaults: [reset at 1s]\nreuse: false", `x.yaml:3: reuse: faults are told by how clients come back on a connection, and these open one for each request: set reuse to true`},
		{"schedule: {rate: 1/s}\ngroup: product", `x.yaml:2: group: "product": did you mean products? (have products, engineering, replays, claims)`},
		{"schedule: {rate: 1/s}\nstack: leen", `x.yaml:2: stack: "leen": did you mean lean? (have std, lean, both)`},
		{"schedule: {rate: 1/s}\nevents_per_write: -1", `x.yaml:2: events_per_write: -1: want 0 (all that a client lacks) to 1024`},
		{"schedule: {rate: 1/s}\nbaseline: true\ntogether: true", `x.yaml:2: baseline: it shares no server with transports that speak HTTP: leave out baseline or together`},
		{"schedule: {rate: 1/s}\naxes: {stack: [std, lean]}", `x.yaml:2: axes: stack is no axis: it is the same for a whole run`},
		{"schedule: {rate: 1/s}\nmeasured: fast", `x.yaml:2: measured: want a date and what was measured then, such as 2026-11-21: ws 20 ms at p99`},
		{"schedule: {rate: 1/s}\nquestion: |\n  a\n  b", `x.yaml:2: question: want one line`},
		{"schedule: {rate: 1/s}\nname: ../x", `x.yaml:2: name: "../x": want small letters, digits, dot and hyphen`},
	} {
		refuses(t, c.text, c.want)
	}
}

func TestWhatIsNoScenarioIsRefused(t *testing.T) { // R1
	for _, c := range []struct{ text, want string }{
		{"", "x.yaml: want one document"},
		{"# nothing\n", "x.yaml: want one document"},
		{"- a", "x.yaml: want one document"},
		{"{", "x.yaml:1: "},
		{"clients: 1\nclients: 2", "x.yaml:2: "},
		{"clients: 1\n---\nclients: 2", "x.yaml: want one document"},
		{"schedule:\n\trate: 1/s", "x.yaml:2: "},
		{"<<: {clients: 1}", "x.yaml:1: unknown key <<"},
		{strings.Repeat("#", 40<<10), "x.yaml: longer than 32KiB"},
	} {
		_, err := scenarios.Decode("x.yaml", []byte(c.text))
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%.40q: %v, want %s…", c.text, err, c.want)
		}
	}
}

func TestAFileSaysOnlyWhatDiffersFromTheDefault(t *testing.T) {
	file := filepath.Join(t.TempDir(), "my-product.yaml")
	if err := os.WriteFile(file, []byte("schedule: {rate: 2/s}\npayload: {size: 32B..1KiB}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	got, err := scenarios.Read(file)
	if err != nil {
		t.Fatal(err)
	}
	want := scenarios.Default()
	want.Name = "my-product"
	want.Schedule.Rate = 2
	want.Payload.Size = scenarios.Sizes{Min: 32, Max: 1024}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("scenario (-want +got):\n%s", diff)
	}
}

func TestReadSaysWhichFileIsMissing(t *testing.T) {
	_, err := scenarios.Read(filepath.Join(t.TempDir(), "none.yaml"))
	if !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), "none.yaml") {
		t.Errorf("Read of no file = %v", err)
	}
}

func TestAnUnknownNameListsTheRightOnes(t *testing.T) { // R1
	_, err := scenarios.Load("quik")
	unknown, ok := errors.AsType[*scenarios.UnknownError](err)
	if !ok || !slices.Equal(unknown.Have, scenarios.Names()) {
		t.Fatalf("Load of an unknown name = %v", err)
	}
	if want := `unknown scenario "quik": did you mean quick? (have ` + strings.Join(scenarios.Names(), ", ") + `)`; err.Error() != want {
		t.Errorf("%q, want %q", err, want)
	}
	if _, err := scenarios.Load("../quick"); err == nil {
		t.Error("a path is taken for a name")
	}
}

func TestOwnScenariosAreSound(t *testing.T) {
	for _, name := range scenarios.Names() {
		s, err := scenarios.Load(name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if s.Name != name || s.Title == "" || s.About == "" || !strings.HasSuffix(s.Question, "?") || s.Group == "" {
			t.Errorf("%s: name %q, title %q, group %q, question %q, about %q: the catalogue has all of them", name, s.Name, s.Title, s.Group, s.Question, s.About)
		}
		took := time.Duration(0)
		for _, point := range s.Points() {
			s := point.Scenario
			// Beyond p99 of each trial there must be ten deliveries, and thirty events in
			// all trials, else the table is empty: only costs, and what choose needs, have another one.
			audience := float64(s.Clients) / float64(s.TopicCount())
			if deliveries := s.Events() * audience; name != "costs" && name != "choose" && (deliveries < 1000 || s.Events()*float64(s.Trials) < 30) {
				t.Errorf("%s: %v events and %v deliveries in a trial", name, s.Events(), deliveries)
			}
			took += fourTrials(s) * time.Duration(s.Trials)
		}
		limit := 15 * time.Minute
		switch name {
		case "quick":
			limit = 90 * time.Second
		case "costs":
			took /= 3 // of the combinations, polls halve and streams quarter
		}
		if took > limit {
			t.Errorf("%s takes about %v, want at most %v", name, took, limit)
		}
	}
}

// fourTrials is how long one of each transport takes: connecting, both phases
// and a drain of one poll.
func fourTrials(s *scenarios.Scenario) time.Duration {
	arrive := time.Duration(float64(s.Clients) / s.Connect.PerSecond() * float64(time.Second))
	return 4 * (arrive + s.Warmup.Duration() + s.Duration.Duration() + s.Poll.Interval.Duration())
}

func TestQuickIsWhatTheHelpPromises(t *testing.T) {
	s, err := scenarios.Load("quick")
	if err != nil {
		t.Fatal(err)
	}
	if s.Clients != 1000 || s.Schedule.Rate != 10 || s.Poll.Interval.Duration() != time.Second || s.Trials != 6 || s.TopicCount() != 1 || len(s.Transports) != 0 {
		t.Errorf("quick is %+v", *s)
	}
}

func TestTopicCountFollowsWhoShares(t *testing.T) {
	s := scenarios.Default()
	s.Clients = 41
	for topics, want := range map[string]int{scenarios.Broadcast: 1, scenarios.Rooms: 3, scenarios.Own: 41} {
		s.Topics, s.Room = topics, 20
		if got := s.TopicCount(); got != want {
			t.Errorf("%s of 41 clients: %d topics, want %d", topics, got, want)
		}
	}
	s.Topics, s.Room = scenarios.Rooms, 0 // not yet validated
	if got := s.TopicCount(); got < 1 {
		t.Errorf("rooms of nobody: %d topics", got)
	}
}

func TestRemarksSayWhatStaysEmpty(t *testing.T) {
	s := scenarios.Default()
	s.Schedule.Rate = 1
	if got := s.Remarks(); len(got) != 0 {
		t.Errorf("60 events in six trials: %q", got)
	}
	s.Trials = 1
	if got := s.Remarks(); len(got) != 2 || !strings.Contains(got[0], "about 10 events") || !strings.Contains(got[1], "need 6 trials") {
		t.Errorf("ten events in one trial: %q", got)
	}
	s.Payload.Raw = true
	if got := s.Remarks(); len(got) != 2 || !strings.Contains(got[0], "latency is not measured") {
		t.Errorf("raw: %q", got)
	}
}

func TestRemarksSayThatALogKeepsFewerEventsThanAskedFor(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*scenarios.Scenario)
		cut    bool
	}{
		{"all fit", func(s *scenarios.Scenario) { s.Payload.Size.Max = 16<<10 - 256 }, false},
		{"one byte more", func(s *scenarios.Scenario) { s.Payload.Size.Max = 16<<10 - 255 }, true},
		{"one event more", func(s *scenarios.Scenario) { s.Payload.Size.Max, s.Log.Keep = 16<<10-256, 1025 }, true},
		{"messages of clients", func(s *scenarios.Scenario) {
			s.Uplink = scenarios.Uplink{Rate: 1, Size: scenarios.Sizes{Max: 32 << 10}}
		}, true},
		{"clients that are silent", func(s *scenarios.Scenario) { s.Uplink.Size.Max = 32 << 10 }, false},
	} {
		s := scenarios.Default()
		s.Schedule.Rate = 1
		c.change(s)
		got := s.Remarks()
		if cut := len(got) == 1 && strings.Contains(got[0], "keeps 16MiB at most"); cut != c.cut || !cut && len(got) > 0 {
			t.Errorf("%s: %q, want the cut named: %v", c.name, got, c.cut)
		}
	}
}

func FuzzDecode(f *testing.F) { // R11
	for _, name := range scenarios.Names() {
		text, err := scenarios.Source(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte("a: &x [*x, *x]\nb: {<<: *x}\n? [a, b]\n: c\n"))
	f.Add([]byte("clients: !!binary aGVsbG8=\nseed: 0x7f\ntrials: 1e2\nroom: .inf\nname: ~\nclients: |\n  a\n"))
	f.Add([]byte(strings.Repeat("[", 1000)))
	f.Add([]byte("poll:\n poll:\n  poll: {poll: {}}\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := scenarios.Decode("f.yaml", text)
		if err != nil {
			if s != nil {
				t.Error("a scenario and an error")
			}
			problems(t, err)
			return
		}
		if err := s.Validate(); err != nil {
			t.Errorf("decoded, and then %v", err)
		}
	})
}
