package recorder

import (
	"bytes"
	"encoding/json"
	"math"
	"runtime"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"pushbench/results"
	"pushbench/results/hdr"
	"pushbench/servers/source"
	"pushbench/servers/wire"
)

func TestSlicesAreAboutASecondAndAtLeastTen(t *testing.T) {
	for _, c := range []struct {
		phase time.Duration
		every time.Duration
		n     int
	}{
		{0, 0, 0},
		{-time.Second, 0, 0},
		{1, 1, 1},
		{1700 * time.Millisecond, 170 * time.Millisecond, 10},
		{5 * time.Second, 500 * time.Millisecond, 10},
		{10 * time.Second, time.Second, 10},
		{10500 * time.Millisecond, 1050 * time.Millisecond, 10},
		{time.Minute, time.Second, 60},
		{time.Minute + 1, time.Second + 1, 60},
		{time.Hour, time.Second, 3600},
		{2 * time.Hour, 2 * time.Second, 3600},
		{math.MaxInt64, math.MaxInt64/3600 + 1, 3600},
	} {
		if got := Slices(0, int64(c.phase)); got.Every != c.every || len(got.Slices) != c.n {
			t.Errorf("%s is %d slices of %s, want %d of %s", c.phase, len(got.Slices), got.Every, c.n, c.every)
		}
	}
}

func TestSlicesCoverThePhaseAndNothingElse(t *testing.T) { // G15
	rapid.Check(t, func(t *rapid.T) {
		length := rapid.Int64Range(1, int64(10*time.Hour)).Draw(t, "length")
		layout := Slices(7, 7+length)
		n, every := int64(len(layout.Slices)), int64(layout.Every)
		if (n-1)*every >= length || n*every < length {
			t.Errorf("%d slices of %d ns for %d ns", n, every, length)
		}
		if short := n*every - length; short >= n {
			t.Errorf("the last of %d slices is %d ns shorter than the others", n, short)
		}
	})
}

// A delivery is what an event's way to a client comes to, and a script many of
// them in the order in which the recorder is told.
type delivery struct {
	client, n int
	took      time.Duration
	size      int
}

// run plays the script to a recorder of so many shards.
func run(t interface{ Fatal(...any) }, j Journal, clients, shards int, script []delivery) results.Trial {
	r := New(Options{Clients: clients, Topics: 1, Shards: shards})
	r.Measure(j.From, j.To)
	for i := range clients {
		r.Shard(i).Hello(r.Client(i), 0, time.Millisecond, 0)
		r.Client(i).Is(Up)
	}
	for _, d := range script {
		r.Shard(d.client).play(r.Client(d.client), d)
	}
	var trial results.Trial
	if err := r.Snapshot(&trial, r.Books(j)); err != nil {
		t.Fatal(err)
	}
	return trial
}

func (s *Shard) play(c *Client, d delivery) {
	due := at(d.n)
	s.hand(c, &wire.Event{N: uint64(d.n), Due: due, Pub: due, Data: make([]byte, d.size)}, due+int64(d.took))
}

// scripts draws deliveries of a journal's events to clients, in order for each
// client. Their instants of receipt go back and forth, beyond the phase too.
func scripts(t *rapid.T, events, clients int) (script []delivery) {
	for n := 1; n <= events; n++ {
		for client := range clients {
			d := delivery{
				client: client, n: n,
				took: time.Duration(rapid.Int64Range(-int64(2*time.Millisecond), int64(20*time.Millisecond)).Draw(t, "took")),
				size: rapid.IntRange(0, 9).Draw(t, "size"),
			}
			if rapid.IntRange(0, 50).Draw(t, "stuck") == 0 {
				d.took = 2 * hdr.Highest
			}
			script = append(script, d)
			if rapid.IntRange(0, 20).Draw(t, "twice") == 0 {
				script = append(script, d)
			}
		}
	}
	return script
}

// The trial must be what comes out when every delivery is looked at by itself.
func TestEveryDeliveryIsInOneSlice(t *testing.T) { // G15, G10
	rapid.Check(t, func(t *rapid.T) {
		events, clients := rapid.IntRange(1, 40).Draw(t, "events"), rapid.IntRange(1, 4).Draw(t, "clients")
		from := rapid.IntRange(1, events).Draw(t, "from")
		j := published(events, from, rapid.IntRange(from+1, events+1).Draw(t, "to"))
		script := scripts(t, events, clients)
		got := run(t, j, clients, rapid.IntRange(1, 3).Draw(t, "shards"), script)

		want := Slices(j.From, j.To)
		every := int64(want.Every)
		latencies, all := make([]*hdr.Histogram, len(want.Slices)), hdr.New()
		var sums [3600]time.Duration
		var delivered, payload, timed int64
		had := map[[2]int]bool{}
		for _, d := range script {
			now := at(d.n) + int64(d.took)
			within := now >= j.From && now < j.To
			if within {
				want.Slices[(now-j.From)/every].Delivered++
				delivered++
				payload += int64(d.size)
			}
			again := had[[2]int{d.client, d.n}]
			had[[2]int{d.client, d.n}] = true
			if due := at(d.n); again || due < j.From || due >= j.To {
				continue
			}
			all.Record(d.took)
			timed++
			i := (at(d.n) - j.From) / every
			want.Slices[i].Due++
			sums[i] += d.took
			if within {
				i := (now - j.From) / every
				if latencies[i] == nil {
					latencies[i] = hdr.New()
				}
				latencies[i].Record(d.took)
			}
		}
		for i := range want.Slices {
			s := &want.Slices[i]
			s.Timed, s.P50, s.P99 = latencies[i].Count(), latencies[i].Quantile(0.5), latencies[i].Quantile(0.99)
			if s.Due > 0 {
				s.Mean = sums[i] / time.Duration(s.Due)
			}
		}
		if diff := cmp.Diff(want, got.Series); diff != "" {
			t.Errorf("series (-want +got):\n%s", diff)
		}
		if x, y := text(t, all), text(t, got.Histograms[results.Latency]); !bytes.Equal(x, y) {
			t.Errorf("latencies %s\nwant      %s", y, x)
		}
		if got.Traffic.Delivered != delivered || got.Traffic.PayloadBytes != payload || got.Events.Delivered != timed {
			t.Errorf("%d events of %d bytes received in the phase, %d due in it; want %d of %d, %d",
				got.Traffic.Delivered, got.Traffic.PayloadBytes, got.Events.Delivered, delivered, payload, timed)
		}
	})
}

func text(t interface{ Fatal(...any) }, v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestShardsDoNotChangeTheResult(t *testing.T) { // G16
	rapid.Check(t, func(t *rapid.T) {
		events, clients := rapid.IntRange(1, 30).Draw(t, "events"), rapid.IntRange(1, 5).Draw(t, "clients")
		j := published(events, 1, events+1)
		script := scripts(t, events, clients)
		one := text(t, run(t, j, clients, 1, script))
		many := text(t, run(t, j, clients, rapid.IntRange(2, 4).Draw(t, "shards"), script))
		if !bytes.Equal(one, many) {
			t.Errorf("one shard  %s\nmore of them %s", one, many)
		}
	})
}

func TestAnInstantOnABoundaryBelongsToWhatBegins(t *testing.T) { // G15
	// Events 10 to 19 are due in a phase of ten slices, one in each.
	j := published(30, 10, 20)
	for _, c := range []struct {
		name      string
		n         int
		took      time.Duration
		delivered int // slice, -1: none
		due       int
	}{
		{"due and received when the phase begins", 10, 0, 0, 0},
		{"due before it, received when it begins", 9, time.Millisecond, 0, -1},
		{"received a nanosecond before the next slice", 10, time.Millisecond - 1, 0, 0},
		{"received when the next slice begins", 10, time.Millisecond, 1, 0},
		{"received a nanosecond before the phase ends", 19, time.Millisecond - 1, 9, 9},
		{"received when the phase ends", 19, time.Millisecond, -1, 9},
		{"due when the phase ends", 20, 0, -1, -1},
	} {
		got := run(t, j, 1, 1, []delivery{{n: c.n, took: c.took}})
		want := Slices(j.From, j.To)
		if c.delivered >= 0 {
			want.Slices[c.delivered].Delivered = 1
		}
		if c.due >= 0 {
			want.Slices[c.due].Due, want.Slices[c.due].Mean = 1, c.took
		}
		if c.delivered >= 0 && c.due >= 0 {
			s := &want.Slices[c.delivered]
			s.Timed, s.P50, s.P99 = 1, c.took, c.took
		}
		if diff := cmp.Diff(want, got.Series); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestACutPhaseEndsThere(t *testing.T) {
	second := int64(time.Second)
	for _, c := range []struct {
		name   string
		cut    int64
		to     int64
		slices []int64 // events in each
	}{
		{"before it has begun", 5 * second, 10 * second, nil},
		{"within a slice", 12*second + second/4, 12*second + second/4, []int64{2, 2, 1}},
		{"on a boundary", 13 * second, 13 * second, []int64{2, 2, 2}},
		{"after its end", 99 * second, 20 * second, []int64{2, 2, 2, 2, 2, 2, 2, 2, 2, 2}},
	} {
		r := New(Options{Clients: 1, Topics: 1, Shards: 1})
		r.Measure(10*second, 20*second)
		s, client := r.Shard(0), r.Client(0)
		s.Hello(client, 0, 0, 0)
		// Two events a second, received at once: before the cut, and after it.
		stamps := source.Stamps{First: 1}
		due := int64(0)
		until := func(end int64) {
			for ; due < end; due += second / 2 {
				stamps.Due, stamps.Pub = append(stamps.Due, due), append(stamps.Pub, due)
				s.hand(client, &wire.Event{N: uint64(len(stamps.Due)), Due: due, Pub: due}, due)
			}
		}
		until(min(c.cut, 30*second))
		if got := s.cut(c.cut); got != c.to {
			t.Errorf("%s: the phase ends at %d, want %d", c.name, got, c.to)
		}
		until(30 * second)
		var trial results.Trial
		if err := r.Snapshot(&trial, r.Books(Journal{From: 10 * second, To: c.to, Topics: []source.Stamps{stamps}})); err != nil {
			t.Fatal(err)
		}
		var got []int64
		var sum int64
		for i, s := range trial.Series.Slices {
			got = append(got, s.Delivered)
			sum += s.Delivered
			if s.Due != s.Delivered || s.Timed != s.Delivered {
				t.Errorf("%s: slice %d is %+v, want all of the same", c.name, i, s)
			}
		}
		if diff := cmp.Diff(c.slices, got); diff != "" {
			t.Errorf("%s: events by slice (-want +got):\n%s", c.name, diff)
		}
		if trial.Traffic.Delivered != sum || trial.Events.Delivered != sum || trial.Events.Unexplained != 0 {
			t.Errorf("%s: %d events received, %d of those due, %d unexplained; want %d, %d, none", c.name,
				trial.Traffic.Delivered, trial.Events.Delivered, trial.Events.Unexplained, sum, sum)
		}
	}
}

func TestCutIsNowAndOfAllShards(t *testing.T) {
	r := New(Options{Clients: 3, Topics: 1, Shards: 3})
	from := wire.Now() - int64(2500*time.Millisecond)
	r.Measure(from, from+int64(time.Hour))
	before := wire.Now()
	to := r.Cut()
	if to <= before || to > wire.Now()+1 {
		t.Errorf("cut at %d, want the instant of the call", to)
	}
	for i, s := range r.shards {
		if want := pieces(to-from, int64(time.Second)); s.to != to || int64(len(s.slices)) != want {
			t.Errorf("shard %d ends at %d with %d slices, want %d with %d", i, s.to, len(s.slices), to, want)
		}
	}
}

func TestLiveTellsTheLatencyOfSlicesThatAreOver(t *testing.T) {
	j := published(30, 1, 31) // slices of 3 ms
	r, s, c := one(j)
	s.play(c, delivery{n: 1, took: time.Microsecond})
	if got := r.Live().P99; got != 0 {
		t.Errorf("p99 %s while the first slice is under way, want none", got)
	}
	s.play(c, delivery{n: 5, took: 5 * time.Microsecond})
	s.packing.Wait()
	if got := r.Live().P99; got != time.Microsecond {
		t.Errorf("p99 %s when the first slice is over, want 1µs", got)
	}
	s.play(c, delivery{n: 9, took: 0})
	s.packing.Wait()
	if got := r.Live().P99; got != 5*time.Microsecond {
		t.Errorf("p99 %s when two slices are over, want 5µs", got)
	}
}

func TestSlicesThatAreOverTakeLittleMemory(t *testing.T) {
	const slices = 300
	r := New(Options{Clients: 1, Topics: 1, Shards: 1})
	r.Measure(0, int64(slices*time.Second))
	s, c := r.Shard(0), r.Client(0)
	s.Hello(c, 0, 0, 0)
	held, allocated := heap()
	for i := range int64(slices) {
		for k := range int64(100) {
			due := i*int64(time.Second) + k*int64(time.Millisecond)
			s.hand(c, &wire.Event{N: uint64(i*100 + k + 1), Due: due, Pub: due}, due+k*k*1000)
		}
		s.packing.Wait()
	}
	holds, allocates := heap()
	// A histogram that is not packed takes 264 KiB, and so does each one that is
	// not used again.
	if used, allowed := holds-held, int64(slices*8<<10); used > allowed {
		t.Errorf("%d slices take %d bytes, want at most %d", slices, used, allowed)
	}
	if used, allowed := allocates-allocated, int64(slices*32<<10); used > allowed {
		t.Errorf("%d slices have allocated %d bytes, want at most %d", slices, used, allowed)
	}
	runtime.KeepAlive(r)
}

// A run keeps the histograms of all its trials.
func TestATrialThatIsOverTakesLittleMemory(t *testing.T) {
	held, _ := heap()
	got := observed(t, func(r *Recorder) {
		r.Delayed(0, instant(time.Second), 1)
		r.Late(0, instant(time.Second), 1)
	})
	if holds, _ := heap(); holds-held > 128<<10 {
		t.Errorf("a trial with %d histograms of hardly anything takes %d bytes", len(got.Histograms), holds-held)
	}
	runtime.KeepAlive(got)
}

// heap is what the heap holds, and all that was ever allocated, in bytes.
func heap() (held, allocated int64) {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc), int64(m.TotalAlloc)
}

func TestSnapshotKeepsWhatOthersMeasured(t *testing.T) {
	j := published(20, 1, 21)
	r, s, c := one(j)
	s.got(c, 1, 2, 3)
	injected := hdr.New()
	injected.Record(time.Hour)
	trial := results.Trial{
		Traffic:    results.Traffic{Writes: 7},
		Disturbed:  results.Disturbance{Steal: time.Second},
		Series:     Slices(j.From, j.To),
		Histograms: map[string]*hdr.Histogram{results.Injected: injected},
	}
	trial.Series.Slices[4].ServerCPU, trial.Series.Slices[4].GeneratorCPU = 5, 6
	if err := r.Snapshot(&trial, r.Books(j)); err != nil {
		t.Fatal(err)
	}
	if got := trial.Series.Slices[4]; got.ServerCPU != 5 || got.GeneratorCPU != 6 {
		t.Errorf("slice %+v, want its CPU time from before", got)
	}
	if trial.Traffic.Writes != 7 || trial.Disturbed.Steal != time.Second || trial.Histograms[results.Injected].Max() != time.Hour {
		t.Errorf("%d writes, %s stolen, histogram up to %s; want those from before", trial.Traffic.Writes, trial.Disturbed.Steal, trial.Histograms[results.Injected].Max())
	}
	if trial.Series.Slices[0].Delivered == 0 || trial.Histograms[results.Latency].Count() != 3 {
		t.Error("what was recorded is missing")
	}
}
