package results

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"pushbench/results/fit"
)

// minDelays are samples of the generator's own delays that are enough for a p99
// of them. It is less than what a reported percentile needs: each stands for many
// reads or for a stretch of time, and one too many is no false claim about a
// transport.
const minDelays = 100

// told says whether there are enough of the generator's own delays in the
// histogram to speak of them.
func told(t *Trial, histogram string) bool { return t.Histograms[histogram].Count() >= minDelays }

// owns says whether the generator's own delay at p99 is more than that share of
// latency p99, and long enough to matter.
//
// Note: it is a ratio of two percentiles and no part of the latency: the reads
// that waited longest need not be those of the slowest events.
func owns(t *Trial, histogram string, of float64) bool {
	if t.Untimed || !told(t, histogram) || t.Histograms[Latency].Count() == 0 {
		return false
	}
	own := t.Histograms[histogram].Quantile(0.99)
	return own > minOwn && own > share(t.Histograms[Latency].Quantile(0.99), of)
}

func delayText(t *Trial) string {
	own, all := t.Histograms[GeneratorDelay].Quantile(0.99), t.Histograms[Latency].Quantile(0.99)
	return fmt.Sprintf("generator delay p99 %s beside latency p99 %s (%.0f %%): from the kernel's arrival to the read, of each of %d reads a lower bound",
		short(own), short(all), 100*float64(own)/float64(all), t.Histograms[GeneratorDelay].Count())
}

func pauseText(t *Trial) string {
	late, all := t.Histograms[GeneratorJitter].Quantile(0.99), t.Histograms[Latency].Quantile(0.99)
	text := fmt.Sprintf("the generator did not go on: a timer of its own was %s late at p99, %.0f %% of latency p99 %s; ",
		short(late), 100*float64(late)/float64(all), short(all))
	// Of a pause the p99 is most, not all. The runtime tells its stops, for whatever
	// reason, in buckets: the longest is no longer than this.
	switch pause := t.Usage.Generator.PauseMax; {
	case pause >= late/2:
		return text + fmt.Sprintf("its runtime stopped it for up to %s", short(pause))
	case pause > 0:
		return text + fmt.Sprintf("its runtime stopped it for up to %s only, so it was busy or had no CPU", short(pause))
	}
	return text + "its runtime never stopped it, so it was busy or had no CPU"
}

// unseen says whether latency p99 is shown of a generator whose own delays are
// too few to be told, with nothing that says so already.
func unseen(t *Trial) bool {
	_, shown := percentile(t.Histograms[Latency], 0.99)
	return shown && !t.Untimed && !told(t, GeneratorDelay) && !(stepped(t) && t.Disturbed.Dropped > 0) && backward(t) <= maxBackward
}

// enoughLags are events of which the lag at p99 is not that of the latest one.
const enoughLags = 100

// commonLag is the lag by which the source is judged: its p99, and of fewer events
// than have one the second-latest's. What more than one event shares is no accident.
func commonLag(t *Trial) time.Duration {
	lag := t.Histograms[Lag]
	switch n := lag.Count(); {
	case n >= enoughLags:
		return lag.Quantile(0.99)
	case n > 1:
		return lag.Quantile(float64(n-1) / float64(n))
	}
	return 0
}

// lagging says whether events were published later than the load explains.
func lagging(t *Trial) bool { return commonLag(t) > lagBound(t) }

// outlying says whether one event of a few was.
func outlying(t *Trial) bool {
	return !lagging(t) && t.Histograms[Lag].Count() < enoughLags && t.Histograms[Lag].Max() > lagBound(t)
}

func lagText(t *Trial) string {
	text := fmt.Sprintf("events were published %s late at p99", short(commonLag(t)))
	if n := t.Histograms[Lag].Count(); n < enoughLags {
		text = fmt.Sprintf("the second-latest of %d events was published %s late", n, short(commonLag(t)))
	}
	return text + fmt.Sprintf(", with %.0f %% of the server's CPUs used; more than %s is not this load's", 100*t.Usage.ServerBusy, short(lagBound(t)))
}

func outlierText(t *Trial) string {
	lag := t.Histograms[Lag]
	n := lag.Count()
	if n == 1 {
		return fmt.Sprintf("the only event was published %s late", short(lag.Max()))
	}
	return fmt.Sprintf("one of %d events was published %s late, the others %s at most: a p99 of so few can be that one's",
		n, short(lag.Max()), short(commonLag(t)))
}

// lagBound is the lag that latencies of this size do not show.
func lagBound(t *Trial) time.Duration {
	return max(minLag, share(t.Histograms[Latency].Quantile(0.5), maxLagShare))
}

func stepped(t *Trial) bool { return t.Disturbed.ClockStep.Abs() > maxClockStep }

func stepText(t *Trial) string {
	by, where := t.Disturbed.ClockStep, "forward"
	if by < 0 {
		where = "back"
	}
	return fmt.Sprintf("the wall clock was set %s by %s, which made %d kernel timestamps worthless", where, short(by.Abs()), t.Disturbed.Dropped)
}

// backward is the share of the generator's delays that are below zero.
func backward(t *Trial) float64 {
	delays := t.Histograms[GeneratorDelay]
	return float64(delays.Negative()) / float64(max(1, delays.Count()))
}

// stolenShare is the part of both sets' CPU time that the hypervisor gave to others.
func stolenShare(t *Trial) float64 {
	if t.Measured <= 0 {
		return 0
	}
	return float64(t.Disturbed.Steal) / (float64(t.Measured) * float64(max(1, t.Disturbed.CPUs)))
}

// stealMatters says whether what was stolen of one CPU is more than a good part of
// latency p99.
func stealMatters(t *Trial) bool {
	if t.Untimed {
		return true
	}
	each := t.Disturbed.Steal / time.Duration(max(1, t.Disturbed.CPUs))
	return each > share(t.Histograms[Latency].Quantile(0.99), suspectShare)
}

func stealText(t *Trial) string {
	return fmt.Sprintf("the hypervisor gave %.1f %% of the CPU time of server and generator to others (%s)", 100*stolenShare(t), short(t.Disturbed.Steal))
}

// A trend is how the mean latency went over the measured phase.
type trend struct {
	first, last time.Duration // medians of the slices of the first and last third
	slices      int
	chance      float64 // that a series without a trend is as ordered
}

// minSlices of which one can say that they go somewhere.
const minSlices = 8

// trendOf orders deliveries by when they were due: by when they were received, a
// stall of the server would look like a rest and a rush. ok is false where there
// is too little of them.
func trendOf(t *Trial) (all trend, ok bool) {
	var means []float64
	for _, s := range t.Series.Slices {
		if s.Due > 0 {
			means = append(means, float64(s.Mean))
		}
	}
	if len(means) < minSlices {
		return trend{}, false
	}
	_, chance := fit.Trend(means)
	third := len(means) / 3
	return trend{median(means[:third]), median(means[len(means)-third:]), len(means), chance}, true
}

// median of at least one value.
func median(values []float64) time.Duration {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return time.Duration((sorted[(n-1)/2] + sorted[n/2]) / 2)
}

// moved says whether latency went up or down over the phase, by more than chance
// and by enough to be seen in its median.
func moved(t *Trial) bool {
	all, ok := trendOf(t)
	if t.Untimed || !ok {
		return false
	}
	by := (all.last - all.first).Abs()
	return all.chance < maxTrendChance && by > minTrend && by > share(t.Histograms[Latency].Quantile(0.5), maxTrendShare)
}

func trendText(t *Trial) string {
	all, _ := trendOf(t)
	return fmt.Sprintf("mean latency went from %s in the first third of the phase to %s in the last (%d slices, p = %.2g)",
		short(all.first), short(all.last), all.slices, all.chance)
}

// refused are the words for connections that a client half ended because of what
// the server sent on them.
var refused = []string{"protocol", "limit", "uplink protocol", "uplink limit"}

// refusals counts them.
func refusals(t *Trial) (n int64) {
	for _, reason := range refused {
		n += t.Traffic.Closed[reason]
	}
	return n
}

// orderly are the words for connections that ended as HTTP says, behind a whole
// answer or stream, or because their client was to leave. What ends with its
// trial is not counted.
var orderly = []string{"ended", "uplink ended", "left"}

// ownFailures are the words for attempts to connect that failed for want of
// something that the generator has too little of.
var ownFailures = []string{"no port", "no descriptor", "uplink no port", "uplink no descriptor"}

// broken counts, by reason, the connections that were lost to their clients, of
// those that were closed.
func broken(closed map[string]int64) map[string]int64 {
	lost := maps.Clone(closed)
	maps.DeleteFunc(lost, func(reason string, n int64) bool {
		return n == 0 || slices.Contains(orderly, reason) || slices.Contains(refused, reason)
	})
	return lost
}

func brokenText(t *Trial) string {
	lost := unasked(t)
	text := fmt.Sprintf("%d connections of %d clients broke", sum(lost), t.Clients)
	if t.Recovery != nil {
		text += ", beside those that a fault has broken"
	}
	return text + ": " + reasonsOf(lost)
}

// resent is at least how many segments the system has sent again because they
// were taken for lost. Loss probes (RFC 8985, section 7) are left out: they go out
// wherever an acknowledgement is some milliseconds late, as it is while a CPU is
// busy. Those that carry new data are no segments sent again, hence at least.
func resent(w *Wire) int64 { return max(0, w.Everyone-w.Probes) }

func generatorBusy(t *Trial) bool { return t.Usage.GeneratorBusy > maxGeneratorBusy }

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

// reasonsOf lists what counts by reason, in a fixed order.
func reasonsOf(counts map[string]int64) string {
	var words []string
	for _, reason := range slices.Sorted(maps.Keys(counts)) {
		words = append(words, fmt.Sprintf("%s %d", reason, counts[reason]))
	}
	return strings.Join(words, ", ")
}

func sum(counts map[string]int64) (n int64) {
	for _, times := range counts {
		n += times
	}
	return n
}

func share(of time.Duration, part float64) time.Duration {
	return time.Duration(part * float64(of))
}

// short writes a duration in ms with three digits that count; less than a
// microsecond is nothing.
func short(d time.Duration) string {
	ms := milliseconds(d.Round(time.Microsecond))
	switch size := math.Abs(ms); {
	case size >= 99.95:
		return fmt.Sprintf("%.0f ms", ms)
	case size >= 9.995:
		return fmt.Sprintf("%.1f ms", ms)
	case size >= 0.9995:
		return fmt.Sprintf("%.2f ms", ms)
	}
	return fmt.Sprintf("%.3g ms", ms)
}
