package results

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Bounds of the rules.
const (
	maxGeneratorBusy = 0.85
	minServerBusy    = 0.90
	maxRateError     = 0.01
)

// A rule is one reason for which a trial's numbers may not be what they seem.
type rule struct {
	code  string
	state State
	fires func(*Trial) bool
	text  func(*Trial) string
	hint  string
}

// rules are all that a trial's own numbers can tell; what only the campaign sees
// (server-died, interrupted, shared-cpu) it adds to the reasons itself.
var rules = []rule{
	// A number that does not add up once may be wrong anywhere.
	{"unexplained", Invalid,
		func(t *Trial) bool { return t.Events.Unexplained != 0 },
		func(t *Trial) string {
			return fmt.Sprintf("%d of %d owed events are neither delivered nor known to be lost", t.Events.Unexplained, t.Events.Owed)
		},
		"this is a fault of the benchmark: please report it with the run file"},
	// Nothing is received before it was due: the clocks are not the same.
	{"negative-latency", Invalid,
		func(t *Trial) bool { return t.Events.Negative != 0 },
		func(t *Trial) string { return fmt.Sprintf("%d samples below zero", t.Events.Negative) },
		"server and clients must read the same monotonic clock"},
	// A percentile with values missing at the top is a lie.
	{"clipped", Invalid,
		func(t *Trial) bool { return t.Events.Clipped != 0 },
		func(t *Trial) string {
			return fmt.Sprintf("%d samples beyond the histogram's range", t.Events.Clipped)
		},
		"lower the load: nothing should take an hour"},
	// Fewer clients than asked for are another load.
	{"connect-failed", Invalid,
		func(t *Trial) bool { return t.Traffic.ConnectFailed != 0 },
		func(t *Trial) string {
			return fmt.Sprintf("%d attempts to connect failed: %s", t.Traffic.ConnectFailed, reasonsOf(t.Traffic.Refused))
		},
		"lower --connect-rate or --clients"},
	// What a client half would not take is missing, whoever is wrong about it.
	{"client-refused", Invalid,
		func(t *Trial) bool { return refusals(t) != 0 },
		func(t *Trial) string {
			return fmt.Sprintf("clients ended %d connections, because what the server sent breaks the protocol or is too large", refusals(t))
		},
		"the server or a client half is wrong about the protocol: please report it with the run file"},
	// A client that has no CPU left reads late and blames the transport.
	{"generator-cpu", Invalid,
		func(t *Trial) bool { return generatorBusy(t) && !(t.Untimed && saturated(t)) },
		func(t *Trial) string {
			return fmt.Sprintf("the generator used %.0f %% of its CPUs, above %.0f %% latency is its own", 100*t.Usage.GeneratorBusy, 100*maxGeneratorBusy)
		},
		"lower --clients or --rate, or give it more CPUs"},
	// Where there is only throughput, it is the server's when the server is the
	// one that has no CPU left.
	{"generator-cpu", Valid,
		func(t *Trial) bool { return generatorBusy(t) && t.Untimed && saturated(t) },
		func(t *Trial) string {
			return fmt.Sprintf("the generator used %.0f %% of its CPUs, the server all of its own", 100*t.Usage.GeneratorBusy)
		},
		"throughput is the server's; nothing else could be told from this load"},
	// Latency is of what arrives: a reader must know how much did not.
	{"lost", Valid,
		func(t *Trial) bool { return t.Lost() != 0 },
		func(t *Trial) string {
			return fmt.Sprintf("%d of %d owed events (%.2g %%) were lost: %s", t.Lost(), t.Events.Owed, 100*float64(t.Lost())/float64(max(1, t.Events.Owed)), reasonsOf(t.Events.Lost))
		},
		"latency is of the others; a longer log (--keep), a shorter --poll-interval or a lower --rate loses less"},
	// What a server at its limit does is its own doing, and worth knowing.
	{"server-saturated", Valid,
		saturated,
		func(t *Trial) string {
			return fmt.Sprintf("the server used %.0f %% of its CPUs", 100*t.Usage.ServerBusy)
		},
		"its latency is that of an overloaded server; lower --rate or --clients for that of an idle one"},
	// Another rate is another load, unless the server is what could not follow.
	{"rate-missed", Suspect,
		func(t *Trial) bool { return rateMissed(t) && !saturated(t) },
		rateText,
		"the machine was busy with something else, or --rate is more than the source can publish"},
	{"rate-missed", Valid,
		func(t *Trial) bool { return rateMissed(t) && saturated(t) },
		rateText,
		"the server had no CPU left to publish in time"},
	// What is still under way at the end is missing from the latencies, and it is
	// the slowest part of them.
	{"undrained", Suspect,
		func(t *Trial) bool { return t.Events.InFlight != 0 && !saturated(t) },
		undrainedText,
		"raise --drain, or lower --rate or --clients"},
	{"undrained", Valid,
		func(t *Trial) bool { return t.Events.InFlight != 0 && saturated(t) },
		undrainedText,
		"the server could not deliver what was offered"},
	// Clients that speak less than asked for are another load, too.
	{"say-failed", Suspect,
		func(t *Trial) bool { return t.Traffic.SayFailed != 0 },
		func(t *Trial) string { return fmt.Sprintf("%d messages of clients were refused", t.Traffic.SayFailed) },
		"lower --uplink-rate"},
	// A poll that was not answered when the next one was due lengthens the
	// interval: the server's doing, and part of its latency.
	{"polls-missed", Valid,
		func(t *Trial) bool {
			return float64(t.Traffic.MissedPolls) > maxRateError*float64(t.Traffic.Requests)
		},
		func(t *Trial) string {
			return fmt.Sprintf("%d polls were due before the last one was answered, of %d sent", t.Traffic.MissedPolls, t.Traffic.Requests)
		},
		"raise --poll-interval or lower --clients"},
}

// refusals counts the connections that a client half ended because of what the
// server sent on them.
func refusals(t *Trial) int64 {
	closed := t.Traffic.Closed
	return closed["protocol"] + closed["limit"] + closed["uplink protocol"] + closed["uplink limit"]
}

func generatorBusy(t *Trial) bool { return t.Usage.GeneratorBusy > maxGeneratorBusy }

// reasonsOf lists what counts by reason, in a fixed order.
func reasonsOf(counts map[string]int64) string {
	var words []string
	for _, reason := range slices.Sorted(maps.Keys(counts)) {
		words = append(words, fmt.Sprintf("%s %d", reason, counts[reason]))
	}
	return strings.Join(words, ", ")
}

func saturated(t *Trial) bool { return t.Usage.ServerBusy >= minServerBusy }

// rateMissed says whether more than one event in a hundred was not published
// when it should have been.
func rateMissed(t *Trial) bool {
	if t.Events.Intended == 0 {
		return false
	}
	missed := t.Events.Intended - t.Events.InTime
	return float64(max(missed, -missed)) > maxRateError*float64(t.Events.Intended)
}

func rateText(t *Trial) string {
	seconds := t.Measured.Seconds()
	if seconds == 0 {
		seconds = time.Second.Seconds()
	}
	return fmt.Sprintf("%.4g of %.4g intended events/s were published in time", float64(t.Events.InTime)/seconds, float64(t.Events.Intended)/seconds)
}

func undrainedText(t *Trial) string {
	return fmt.Sprintf("%d of %d owed events were still on their way when the wait for them ended", t.Events.InFlight, t.Events.Owed)
}

// Judge fills the verdict from the trial's numbers and from the reasons that are
// already there. Reasons whose codes are exempt, because the scenario expects
// them, stay as findings. Judging twice changes nothing.
func (t *Trial) Judge(exempt []string) {
	reasons := t.Verdict.Reasons
	for _, r := range rules {
		known := slices.ContainsFunc(reasons, func(have Reason) bool { return have.Code == r.code })
		if !known && r.fires(t) {
			reasons = append(reasons, Reason{r.code, r.state, r.text(t), r.hint})
		}
	}
	state := Valid
	for i := range reasons {
		r := &reasons[i]
		if slices.Contains(exempt, r.Code) {
			r.State = Valid
		}
		if r.State == Invalid || r.State == Suspect && state == Valid {
			state = r.State
		}
	}
	t.Verdict = Verdict{state, reasons}
}
