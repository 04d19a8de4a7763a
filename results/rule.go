package results

import (
	"fmt"
	"time"
)

// Bounds of the rules.
const (
	maxGeneratorBusy = 0.85
	minServerBusy    = 0.90
	maxRateError     = 0.01

	// The generator's delay at p99 over latency p99, and what is too short to matter.
	suspectShare = 0.25
	invalidShare = 0.50
	minOwn       = time.Millisecond

	// Lag is looked at from minLag on, or a share of latency p50 where that is more.
	maxLagShare = 0.10
	minLag      = time.Millisecond

	maxClockStep   = time.Millisecond
	maxBackward    = 0.01 // of the kernel's timestamps
	maxSteal       = 0.10 // of the CPU time of both sets; from noSteal on it is a finding
	noSteal        = 0.01
	maxMemoryStall = 0.01 // of the phase
	maxThrottled   = 0.01 // of the phase
	// A few pages are code that runs for the first time.
	maxMajorFaults = 10

	// A trend that chance explains so seldom, and that moves the median so much.
	maxTrendChance = 0.005
	maxTrendShare  = 0.50
	minTrend       = time.Millisecond

	maxRetransmits = 0.001 // of all segments

	maxSpread = 1.2 // connections of one process of a server, over the mean of all
)

// A rule is one reason for which a trial's numbers may not be what they seem.
type rule struct {
	code  string
	state State
	fires func(*Trial) bool
	text  func(*Trial) string
	hint  string
}

// advice is what to do about it: the hint, and of losses what helps against those.
func (r rule) advice(t *Trial) string {
	if r.code == "lost" {
		return r.hint + lossHints(t)
	}
	return r.hint
}

// rules are all that a trial's own numbers can tell; see outside for the others.
// Of several with one code the first that fires is the one that counts, so the
// stronger stands first.
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
		func(t *Trial) bool { return t.Traffic.ConnectFailed > sum(t.Recovery.refused()) },
		func(t *Trial) string {
			return fmt.Sprintf("%d attempts to connect failed: %s", t.Traffic.ConnectFailed, reasonsOf(t.Traffic.Refused))
		},
		"lower --connect-rate or --clients"},
	// Where a fault took the server away, attempts in vain are the load itself: all
	// clients were there before it. What fails when there is one again is not.
	{"connect-failed", Valid,
		func(t *Trial) bool { return len(t.Recovery.refused()) != 0 },
		func(t *Trial) string {
			return fmt.Sprintf("%d attempts to connect failed while there was no server, as the scenario asked for (%s): %s",
				sum(t.Recovery.refused()), faultsText(t), reasonsOf(t.Recovery.refused()))
		},
		"a longer backoff.first knocks less often"},
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
			return fmt.Sprintf("the generator used %.0f %% of its CPUs, above %.0f %% its clients wait for one", 100*t.Usage.GeneratorBusy, 100*maxGeneratorBusy)
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
	// Bytes that were there waited for the generator so often and so long that over
	// half of what is reported can be its doing.
	{"generator-delay", Invalid,
		func(t *Trial) bool { return owns(t, GeneratorDelay, invalidShare) },
		delayText,
		delayHint},
	// A good part of it can be: so can a difference between transports.
	{"generator-delay", Suspect,
		func(t *Trial) bool { return owns(t, GeneratorDelay, suspectShare) },
		delayText,
		delayHint},
	// Its timer is asked at equal distances in time, as events that come at any time
	// would be: one in a hundred of them would have waited as long for it to go on.
	{"generator-pause", Invalid,
		func(t *Trial) bool { return owns(t, GeneratorJitter, invalidShare) },
		pauseText,
		pauseHint},
	{"generator-pause", Suspect,
		func(t *Trial) bool { return owns(t, GeneratorJitter, suspectShare) },
		pauseText,
		pauseHint},
	// A source that publishes late without being short of CPU was held up by
	// something that is not the transport. Note: what a server without CPU does is
	// its own doing, and is server-saturated.
	{"source-lag", Suspect,
		func(t *Trial) bool { return lagging(t) && !saturated(t) && !t.Recovery.holds() },
		lagText,
		lagHint},
	// A source that a fault held up publishes late by what the scenario asked for.
	{"source-lag", Valid,
		func(t *Trial) bool { return lagging(t) && t.Recovery.holds() },
		func(t *Trial) string {
			return fmt.Sprintf("events were published %s late at p99: the source stood still, as the scenario asked for (%s)", short(commonLag(t)), faultsText(t))
		},
		"latency counts from when they were due, so the time without a server is in it"},
	// One late event of few is one accident. Its deliveries are in the percentiles,
	// so it is told; but a trial that is judged by its worst event is judged by luck.
	{"source-lag", Valid,
		func(t *Trial) bool { return outlying(t) && !saturated(t) },
		outlierText,
		lagHint},
	// Latencies are differences of the monotonic clock and know nothing of the step;
	// kernel timestamps are of the wall clock. Without them nobody has looked at the
	// generator's delay.
	{"clock-step", Suspect,
		func(t *Trial) bool {
			return stepped(t) && t.Disturbed.Dropped > 0 && !t.Untimed && !told(t, GeneratorDelay)
		},
		func(t *Trial) string {
			return stepText(t) + ": too few are left to tell the generator's delay"
		},
		clockHint},
	// A kernel timestamp from after its own read is of a clock that jumped unseen, and
	// the p99 of such delays is one of nothing.
	{"clock-step", Suspect,
		func(t *Trial) bool { return backward(t) > maxBackward && !t.Untimed },
		func(t *Trial) string {
			return fmt.Sprintf("%.0f %% of the kernel's timestamps are later than the read that saw them: the generator's delay cannot be told", 100*backward(t))
		},
		clockHint},
	{"clock-step", Valid,
		stepped,
		stepText,
		"latency is not touched: it is counted by the monotonic clock"},
	// A latency whose generator nobody has watched is shown with that said.
	{"generator-unseen", Valid,
		unseen,
		func(t *Trial) string {
			return fmt.Sprintf("latency p99 is shown, and the generator's delay is not known: %d reads with a kernel timestamp, want %d",
				t.Histograms[GeneratorDelay].Count(), minDelays)
		},
		"use the loop engine (Linux), or raise --duration or --clients"},
	// A quota stops both processes at once for tens of milliseconds, in which neither
	// clock stands still.
	{"throttled", Invalid,
		func(t *Trial) bool { return t.Disturbed.Throttled > share(t.Measured, maxThrottled) },
		func(t *Trial) string {
			return fmt.Sprintf("a CPU quota held server and generator up for %s, on all CPUs together, of a phase of %s", short(t.Disturbed.Throttled), short(t.Measured))
		},
		"give the process CPUs and not a quota (docker run --cpuset-cpus instead of --cpus, no limits.cpu), or lower --clients or --rate"},
	// Time that somebody else had is in the latency of whoever it was taken from, and
	// if all of it came in a row it made that much of p99. What less of it does to the
	// generator, its own timer shows, and to the source, its lag; what it does to both
	// sides of a comparison is in the interval.
	{"steal", Suspect,
		func(t *Trial) bool { return stolenShare(t) > maxSteal && stealMatters(t) },
		stealText,
		stealHint},
	{"steal", Valid,
		func(t *Trial) bool { return stolenShare(t) > noSteal },
		stealText,
		stealHint},
	// Whoever waits for memory does not answer.
	{"memory-pressure", Suspect,
		func(t *Trial) bool {
			return t.Disturbed.MemoryStall > share(t.Measured, maxMemoryStall) || t.Disturbed.MajorFaults > maxMajorFaults
		},
		func(t *Trial) string {
			return fmt.Sprintf("some task on this machine waited %s for memory, and server and generator read %d pages back from disk", short(t.Disturbed.MemoryStall), t.Disturbed.MajorFaults)
		},
		"lower --clients, or end what else fills the memory"},
	// A percentile of something that moves depends on how long one looked. Note: a
	// fault is there to move it, so a trial with one is not judged by this.
	{"trend", Suspect,
		func(t *Trial) bool { return moved(t) && !saturated(t) && t.Recovery == nil },
		trendText,
		"the load had not settled, or the server falls behind: raise --warmup, or lower --rate or --clients"},
	{"trend", Valid,
		func(t *Trial) bool { return moved(t) && saturated(t) },
		trendText,
		"the server had no CPU left, so its latency depends on how long it is measured"},
	// Latency is of what arrives: a reader must know how much did not.
	{"lost", Valid,
		func(t *Trial) bool { return t.Lost() != 0 },
		func(t *Trial) string {
			return fmt.Sprintf("%d of %d owed events (%.2g %%) were lost: %s", t.Lost(), t.Events.Owed, 100*float64(t.Lost())/float64(max(1, t.Events.Owed)), reasonsOf(t.Events.Lost))
		},
		"latency is of the others"},
	// That slow clients miss events is what their load is about, and it expects that;
	// that the others do is not.
	{"lost-by-others", Valid,
		func(t *Trial) bool { return len(t.Groups) > 0 && lostByOthers(t) != 0 },
		func(t *Trial) string {
			return fmt.Sprintf("%d of the events lost were owed to clients that did nothing but receive", lostByOthers(t))
		},
		"a longer log (--keep) or a lower --rate loses less"},
	// The promise is once. What came twice cost twice, and counts as one delivery
	// that was dearer than it is.
	{"duplicated", Suspect,
		func(t *Trial) bool { return t.Events.Duplicated != 0 },
		func(t *Trial) string {
			return fmt.Sprintf("%d events came to a client that had them already, beside %d delivered", t.Events.Duplicated, t.Events.Delivered)
		},
		promiseHint},
	// The promise is in order. A client that had to sort would have got some later.
	{"reordered", Suspect,
		func(t *Trial) bool { return t.Events.Reordered != 0 },
		func(t *Trial) string {
			return fmt.Sprintf("%d of %d events came after a later one", t.Events.Reordered, t.Events.Delivered)
		},
		promiseHint},
	// A client that lost its connection waited for another, and its latencies are
	// those of coming back. Note: what an overloaded server does is its own doing.
	{"connections-lost", Suspect,
		func(t *Trial) bool { return len(unasked(t)) != 0 && !saturated(t) },
		brokenText,
		brokenHint},
	{"connections-lost", Valid,
		func(t *Trial) bool { return len(unasked(t)) != 0 && saturated(t) },
		brokenText,
		"the server had no CPU left to keep them"},
	// What a fault has broken is what the scenario is about.
	{"connections-lost", Valid,
		func(t *Trial) bool { return t.Recovery != nil && t.Recovery.cut() != 0 },
		cutText,
		"how they came back stands in the table of recovery"},
	// Whoever stays away makes the others look quick. Note: a long poll that is held has
	// nothing to show for it that it is, so it counts among those until it is answered.
	{"unrestored", Valid,
		func(t *Trial) bool { return t.Recovery.absent() != 0 },
		func(t *Trial) string {
			return fmt.Sprintf("%d of %d clients that lost their connection had not heard from a server again when the trial ended", t.Recovery.absent(), t.Recovery.cut())
		},
		"raise --drain, which waits for them, or lower --backoff-max; of long polling, a request that is held hears at the next event or after --hold"},
	// What a server at its limit does is its own doing, and worth knowing.
	{"server-saturated", Valid,
		saturated,
		func(t *Trial) string {
			return fmt.Sprintf("the server used %.0f %% of its CPUs", 100*t.Usage.ServerBusy)
		},
		"its latency is that of an overloaded server; lower --rate or --clients for that of an idle one"},
	// The kernel spreads connections by a hash, which of few of them may be lopsided: the
	// process with the most is the one whose clients wait.
	{"server-spread", Valid,
		func(t *Trial) bool { return lopsided(t.Usage.ServerConns) > maxSpread },
		func(t *Trial) string {
			return fmt.Sprintf("the kernel gave one of the server's processes %.2g times the mean of connections: %s", lopsided(t.Usage.ServerConns), listed(t.Usage.ServerConns))
		},
		"more --clients spread more evenly; fewer --servers, too"},
	// Another rate is another load, unless the server is what could not follow.
	{"rate-missed", Suspect,
		func(t *Trial) bool { return rateMissed(t) && !saturated(t) && !t.Recovery.holds() },
		rateText,
		"the machine was busy with something else, or --rate is more than the source can publish"},
	{"rate-missed", Valid,
		func(t *Trial) bool { return rateMissed(t) && t.Recovery.holds() },
		rateText,
		"a fault held up the source, as the scenario asked for"},
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
	{PollsMissed, Valid,
		func(t *Trial) bool {
			return float64(t.Traffic.MissedPolls) > maxRateError*float64(t.Traffic.Requests)
		},
		func(t *Trial) string {
			return fmt.Sprintf("%d polls were due before the last one was answered, of %d sent", t.Traffic.MissedPolls, t.Traffic.Requests)
		},
		"raise --poll-interval or lower --clients"},
	// Loopback loses nothing by itself. Whose segments they were cannot be told from
	// the system's counters, so it is a finding.
	{"retransmits", Valid,
		func(t *Trial) bool {
			return t.Wire != nil && float64(resent(t.Wire)) > maxRetransmits*float64(t.Wire.SegmentsDown+t.Wire.SegmentsUp)
		},
		func(t *Trial) string {
			return fmt.Sprintf("all programs of this system sent %d segments again and %d loss probes, while the clients' connections carried %d segments and the clients sent %d again",
				t.Wire.Everyone, t.Wire.Probes, t.Wire.SegmentsDown+t.Wire.SegmentsUp, t.Wire.Retransmitted)
		},
		"after a loss that is 200 ms and more of latency, so look for drops with `nstat`; without one somebody had no CPU to acknowledge in time"},
	// Whoever always comes last at the same events pays for all the others: of users
	// that is a matter of fairness, of a benchmark one of who is looked at.
	{"position-effect", Valid,
		placed,
		placeText,
		"`rotate: true` (--rotate) moves who is woken first with every event"},
	// A reader who looks for the percentiles is told why there are none.
	{FewSamples, Valid,
		func(t *Trial) bool {
			_, ok := percentile(t.Histograms[Latency], 0.5)
			return !ok && !t.Untimed && t.Events.Owed > 0
		},
		func(t *Trial) string {
			return fmt.Sprintf("%d deliveries: p50 needs %d, and percentiles %d distinct events in all trials of a row",
				t.Histograms[Latency].Count(), 2*MinBeyond, MinEvents)
		},
		FewSamplesHint},
}

const (
	stealHint = "run again when the host is quieter, or on a machine of its own"
	delayHint = "so much of latency can be the generator's, and a difference between rows too: lower --clients or --rate, or give it more CPUs"
	clockHint = "latency is not touched; stop what sets the clock (chronyd, systemd-timesyncd, the hypervisor) and run again"
	lagHint   = "something held the server up: look at the other reasons, at `pushbench doctor` and at what else runs here"
	pauseHint = "end what else runs here, or give the generator more CPUs; `pushbench doctor` shows how quiet the machine is"

	promiseHint = "the server breaks its promise, and its costs per event are those of another load; ours keeps it, so please report one of ours with the run file"
	brokenHint  = "look at what the server printed; a load that breaks connections by its nature says so: `expects: [connections-lost]`"
)
