package selftest

import (
	"time"

	"pushbench/results"
)

// staleness is what the trial tells of it; one that tells nothing has been stale by
// less than nothing, which is wrong everywhere.
func (e evidence) staleness() results.Staleness {
	if e.trial.Staleness == nil {
		return results.Staleness{Mean: -1, Max: -1}
	}
	return *e.trial.Staleness
}

// watchedTime says whether the staleness is of every client for the whole phase,
// but for what a count of microseconds leaves over.
func (e evidence) watchedTime() results.Answer {
	all := int64(e.clients) * int64(e.phase()/time.Microsecond)
	return between("staleness samples", all-int64(e.clients), all, "a count for each whole microsecond of a client").
		answer(e.histogram(results.Stale).Count())
}

// rests is the staleness of clients whose server has no fault. Whoever is pushed to
// lacks one event at a time, each for as long as its latency L is, so the mean over
// time is the mean of L² over twice the period. Who polls lacks nothing from one
// poll to the next event, which comes after u, uniform on a period E, and is then
// stale up to I − u: a mean of (I² − I·E + E²/3) / 2I, and I/2 − E/2 for half of the
// time.
func (e evidence) rests() []results.Answer {
	answers := []results.Answer{e.watchedTime()}
	if e.manner == scheduled {
		i, p := e.interval.Seconds(), e.period().Seconds()
		mean := time.Duration((i*i - i*p + p*p/3) / 2 / i * float64(time.Second))
		tolerance := e.interval/100 + 2*time.Millisecond
		return append(answers,
			around("staleness mean", e.staleness().Mean, mean, tolerance),
			around("staleness p50", e.histogram(results.Stale).Quantile(0.5), e.interval/2-e.period()/2, tolerance),
		)
	}
	var squares float64
	latencies := lawOf(e.histogram(results.Latency))
	for _, l := range latencies {
		squares += l * l
	}
	mean := time.Duration(squares / float64(len(latencies)) / 2 / float64(e.period()))
	return append(answers, around("staleness mean (by the latencies)", e.staleness().Mean, mean, mean/20+50*time.Nanosecond))
}

// rises is what a stop of length s makes of staleness in a phase of length T. What is
// due at its begin is lacked until its end, so that P(staleness > x) = (s − x) / T,
// the mean is s²/2T, and the largest is s; the first event comes a period later at
// most. A client that polls has its next answer an interval later at most, and is
// stale besides.
func (e evidence) rises(s time.Duration) []results.Answer {
	const underway = 50 * time.Millisecond // on the way when it ends
	least, most := s-2*e.period(), s+underway
	if e.manner == scheduled {
		most += e.interval
	}
	mean := func(s time.Duration) time.Duration {
		return time.Duration(s.Seconds() / 2 / e.phase().Seconds() * float64(s))
	}
	above := mean(most) + underway/10
	if e.manner == scheduled {
		above += e.interval / 2
	}
	return []results.Answer{
		e.watchedTime(),
		within("staleness max", e.staleness().Max, least, most),
		within("staleness mean", e.staleness().Mean, mean(least), above),
		within("staleness p50", e.histogram(results.Stale).Quantile(0.5), least-e.phase()/2, most-e.phase()/2+underway/10),
	}
}
