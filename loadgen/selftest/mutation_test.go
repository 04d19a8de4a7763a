package selftest

import (
	"compress/gzip"
	"encoding/json"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pushbench/results"
	"pushbench/results/hdr"
)

func durationOf(ns int64) time.Duration { return time.Duration(ns) }

func contains(s, part string) bool { return strings.Contains(s, part) }

// recorded are the checks of a real self-test, what a sound build finds:
//
//	pushbench selftest --format json | gzip -9 > testdata/selftest.json.gz
func recorded(t *testing.T) []recording {
	file, err := os.Open("testdata/selftest.json.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	text, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	var test results.SelfTest
	if err := json.NewDecoder(text).Decode(&test); err != nil {
		t.Fatal(err)
	}
	var all []recording
	transit := map[string]*hdr.Histogram{}
	for _, c := range test.Checks {
		i := slices.IndexFunc(experiments, func(x Experiment) bool { return x.Name == c.Fault })
		if i < 0 {
			t.Fatalf("%s is recorded, and there is no such experiment", c.Fault)
		}
		x := experiments[i]
		c.Trial.Judge(nil) // by the rules of today
		m := map[string]manner{"poll": scheduled, "longpoll": asking}[c.Transport]
		all = append(all, recording{x, evidence{
			load: x.load(m, false), manner: m, trial: c.Trial, transit: transit[x.after+" "+c.Transport],
			speaks: c.Transport == "ws", watched: true,
		}})
		transit[x.Name+" "+c.Transport] = c.Trial.Histograms[results.Latency]
	}
	return all
}

// A recording is an experiment with a trial that it found right.
type recording struct {
	Experiment
	evidence
}

func (r recording) String() string { return r.Name + " on " + r.trial.Transport }

func (r recording) misses() []results.Answer {
	return results.Check{Answers: r.check(r.evidence)}.Misses()
}

// books are the misses among the counters: laws take their time, and do not
// depend on them.
func (r recording) books() []results.Answer {
	var changed []bound
	if r.counts != nil {
		changed = r.counts(r.evidence)
	}
	return results.Check{Answers: r.evidence.books(changed)}.Misses()
}

// copied is the same with a trial of its own. Histograms are shared: who changes
// one puts another in its place.
func (r recording) copied() recording {
	trial := *r.trial
	trial.Events.Lost = maps.Clone(trial.Events.Lost)
	trial.Traffic.Closed, trial.Traffic.Refused = maps.Clone(trial.Traffic.Closed), maps.Clone(trial.Traffic.Refused)
	trial.Histograms = maps.Clone(trial.Histograms)
	trial.Series.Slices = slices.Clone(trial.Series.Slices)
	trial.Verdict.Reasons = slices.Clone(trial.Verdict.Reasons)
	r.trial = &trial
	return r
}

func TestEveryExperimentIsRecordedOnEveryTransport(t *testing.T) {
	found := map[string]int{}
	for _, r := range recorded(t) {
		found[r.Name]++
		if missed := r.misses(); len(missed) > 0 {
			t.Errorf("%s is no longer right: %+v", r, missed)
		}
	}
	for _, x := range experiments {
		if found[x.Name] != 4 {
			t.Errorf("%s is recorded on %d transports: record it again with pushbench selftest --format json", x.Name, found[x.Name])
		}
	}
}

// A counter that is wrong by one event is found, whichever it is; one whose
// range depends on the machine, when it is far outside. Counters are found by
// reflection: a new one fails here until somebody says what it must be.
func TestEachSingleBrokenCounterIsFound(t *testing.T) { // D11
	for _, r := range recorded(t) {
		for _, group := range []string{"Events", "Traffic", "Uplink"} {
			fields := reflect.TypeFor[results.Trial]()
			field, _ := fields.FieldByName(group)
			for k := range field.Type.NumField() {
				name := field.Type.Field(k).Name
				switch field.Type.Field(k).Type.Kind() {
				case reflect.Int64:
					r.breaks(t, name, func(c reflect.Value, by int64) { c.SetInt(c.Int() + by) }, group, k)
				case reflect.Map:
					r.breaks(t, name+" of an invented reason", func(c reflect.Value, by int64) { add(c, "invented", by) }, group, k)
					for _, reason := range reflect.ValueOf(*r.trial).FieldByName(group).Field(k).MapKeys() {
						r.breaks(t, name+" "+reason.String(), func(c reflect.Value, by int64) { add(c, reason.String(), by) }, group, k)
					}
				default:
					t.Errorf("%s.%s is of a kind that nobody breaks", group, name)
				}
			}
		}
	}
}

// blind are counters that no experiment moves, so that one that always says zero
// is found by no self-test, and why.
var blind = map[string]string{
	"Events Lost epoch":        "a server has one epoch for as long as a trial takes",
	"Events Lost disconnected": "no fault keeps a client from coming back until the end",
	"Events Negative":          "nothing is received before it is due",
	"Events Clipped":           "nothing takes an hour",
	"Traffic ConnectFailed":    "no fault turns connections away before they are open",
	"Traffic Refused":          "no fault turns connections away before they are open",
	"Wire Retransmitted":       "no fault loses segments",
	"Wire Everyone":            "other programs send again as well",
	"Wire Probes":              "and so do they probe",
}

// A counter that is stuck at zero, or counts only half or twice, is missed by one
// of the experiments at least.
func TestEachCounterOfAWrongScaleIsFound(t *testing.T) { // D11
	all := recorded(t)
	for _, group := range []string{"Events", "Traffic", "Uplink", "Wire"} {
		field, _ := reflect.TypeFor[results.Trial]().FieldByName(group)
		of := field.Type
		if of.Kind() == reflect.Pointer {
			of = of.Elem()
		}
		for k := range of.NumField() {
			for _, reason := range reasonsOf(all, group, k) {
				name := strings.TrimSpace(group + " " + of.Field(k).Name + " " + reason)
				for scale, times := range map[string]func(int64) int64{
					"stuck at zero": func(int64) int64 { return 0 },
					"halved":        func(n int64) int64 { return n / 2 },
					"doubled":       func(n int64) int64 { return 2 * n },
				} {
					found := slices.ContainsFunc(all, func(r recording) bool { return r.notices(group, k, reason, times) })
					if _, known := blind[name]; found == known {
						t.Errorf("%s, %s: found %v by some experiment, want %v", name, scale, found, !known)
					}
				}
			}
		}
	}
}

// reasonsOf are those by which a counter counts in any recording; one that is
// empty of a plain number, and of one that has never counted.
func reasonsOf(all []recording, group string, k int) []string {
	found := map[string]bool{}
	for _, r := range all {
		if counts := reflect.Indirect(reflect.ValueOf(r.trial).Elem().FieldByName(group)).Field(k); counts.Kind() == reflect.Map {
			for _, reason := range counts.MapKeys() {
				found[reason.String()] = true
			}
		}
	}
	if len(found) == 0 {
		return []string{""}
	}
	return slices.Sorted(maps.Keys(found))
}

// notices says whether the recording misses when the counter has another scale.
func (r recording) notices(group string, k int, reason string, times func(int64) int64) bool {
	c := r.copied()
	if c.trial.Wire != nil {
		wire := *c.trial.Wire
		c.trial.Wire = &wire
	}
	counter := reflect.Indirect(reflect.ValueOf(c.trial).Elem().FieldByName(group)).Field(k)
	if counter.Kind() != reflect.Map {
		counter.SetInt(times(counter.Int()))
	} else if have := counter.MapIndex(reflect.ValueOf(reason)); have.IsValid() {
		counter.SetMapIndex(reflect.ValueOf(reason), reflect.ValueOf(times(have.Int())))
	}
	return len(c.books())+len(results.Check{Answers: c.evidence.groups()}.Misses()) > 0
}

func add(counts reflect.Value, reason string, by int64) {
	if counts.IsNil() {
		counts.Set(reflect.MakeMap(counts.Type()))
	}
	key := reflect.ValueOf(reason)
	before := int64(0)
	if have := counts.MapIndex(key); have.IsValid() {
		before = have.Int()
	}
	counts.SetMapIndex(key, reflect.ValueOf(before+by))
}

// breaks wants a miss when the counter is broken.
func (r recording) breaks(t *testing.T, name string, change func(reflect.Value, int64), group string, k int) {
	c := r.copied()
	counter := reflect.ValueOf(c.trial).Elem().FieldByName(group).Field(k)
	ranged := group == "Traffic" && slices.Contains([]string{"Delivered", "Requests", "MissedPolls", "DownBytes", "UpBytes", "Writes", "Said", "SayFailed"}, name) ||
		group == "Uplink" && strings.HasSuffix(name, "Bytes") && r.say > 0 ||
		strings.HasPrefix(name, "Lost "+results.LostGap) || name == "InTime" && r.punctual() < r.published()
	change(counter, 1)
	if len(c.books()) == 0 && !ranged {
		t.Errorf("%s: nothing is found when %s is wrong by one", r, name)
	}
	change(counter, 1<<40)
	if len(c.books()) == 0 {
		t.Errorf("%s: nothing is found when %s is far too large", r, name)
	}
}

// So is a histogram that lacks a value or has one too many, and one whose values
// are off by a twentieth and half a second, where the fault predicts them.
func TestEachSingleBrokenHistogramIsFound(t *testing.T) { // D11
	for _, r := range recorded(t) {
		for _, name := range []string{results.Latency, results.Delivery, results.Lag, results.Connect, results.Fanout} {
			c := r.copied()
			longer := hdr.New()
			longer.Record(time.Millisecond)
			if err := longer.Merge(c.trial.Histograms[name]); err != nil {
				t.Fatal(err)
			}
			c.trial.Histograms[name] = longer
			partly := name == results.Fanout && (r.Name == overflow.Name || r.Name == undrained.Name)
			if len(c.books()) == 0 && !partly {
				t.Errorf("%s: nothing is found when %s has a value too many", r, name)
			}
		}
		if r.times == nil || r.raw {
			continue
		}
		c := r.copied()
		for _, name := range []string{results.Latency, results.Lag, results.Connect} {
			c.trial.Histograms[name] = moved(c.trial.Histograms[name])
		}
		if len(c.misses()) == 0 {
			t.Errorf("%s: nothing is found when lengths of time are wrong", r)
		}
	}
}

// So is a staleness that is not told, or is off by more than its tolerance.
func TestEachBrokenStalenessIsFound(t *testing.T) { // D11
	for _, r := range recorded(t) {
		if r.Name != none.Name && r.Name != stall.Name {
			continue
		}
		for name, spoil := range map[string]func(*results.Trial){
			"is not told":      func(t *results.Trial) { t.Staleness = nil },
			"is zero":          func(t *results.Trial) { t.Staleness = new(results.Staleness) },
			"has a mean twice": func(t *results.Trial) { s := *t.Staleness; s.Mean *= 2; t.Staleness = &s },
			"has a mean half":  func(t *results.Trial) { s := *t.Staleness; s.Mean /= 2; t.Staleness = &s },
			"has no histogram": func(t *results.Trial) { delete(t.Histograms, results.Stale) },
			"lacks the time that nothing is lacked": func(t *results.Trial) {
				h := hdr.New()
				h.RecordN(time.Millisecond, t.Histograms[results.Stale].Count()*9/10)
				t.Histograms[results.Stale] = h
			},
		} {
			c := r.copied()
			if spoil(c.trial); len(c.misses()) == 0 {
				t.Errorf("%s: nothing is found when staleness %s", r, name)
			}
		}
	}
}

// moved has the same number of values, each half a second later.
func moved(h *hdr.Histogram) *hdr.Histogram {
	to := hdr.New()
	n := h.Count()
	for i := range n {
		to.Record(h.Quantile((float64(i)+0.5)/float64(n))*21/20 + 500*time.Millisecond)
	}
	return to
}

// So is a verdict that does not blame what it must, or blames something else.
func TestEachWrongVerdictIsFound(t *testing.T) { // D11
	for _, r := range recorded(t) {
		if len(r.causes) > 0 {
			c := r.copied()
			c.trial.Verdict.Reasons = nil
			if len(results.Check{Answers: c.blame(c.Experiment)}.Misses()) == 0 {
				t.Errorf("%s: nothing is found when the verdict has no reason", r)
			}
		}
		for _, code := range []string{"unexplained", "trend", "rate-missed", "generator-pause", "generator-delay", "lost"} {
			if len(r.disturbed(r.Experiment)) > 0 && slices.Contains(late, code) {
				continue
			}
			if slices.Contains(r.causes, code) || slices.Contains(r.allows, code) {
				continue
			}
			c := r.copied()
			c.trial.Verdict.Reasons = append(c.trial.Verdict.Reasons, results.Reason{Code: code, State: results.Suspect})
			if len(results.Check{Answers: c.blame(c.Experiment)}.Misses()) == 0 {
				t.Errorf("%s: nothing is found when the verdict says %s", r, code)
			}
		}
	}
}

// So is a series that does not add up.
func TestEachBrokenSliceIsFound(t *testing.T) { // D11
	for _, r := range recorded(t) {
		for name, change := range map[string]func(*results.Slice){
			"delivered": func(s *results.Slice) { s.Delivered++ },
			"due":       func(s *results.Slice) { s.Due++ },
		} {
			c := r.copied()
			if len(c.trial.Series.Slices) == 0 {
				t.Fatalf("%s has no series", r)
			}
			change(&c.trial.Series.Slices[0])
			if len(c.books()) == 0 {
				t.Errorf("%s: nothing is found when the %s of a slice is wrong", r, name)
			}
		}
	}
}
