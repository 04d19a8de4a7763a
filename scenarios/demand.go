package scenarios

import (
	"slices"
	"strings"

	"pushbench/results"
	"pushbench/results/threshold"
)

// checkDemands looks at what is demanded of a run.
func (s *Scenario) checkDemands(c *checker) {
	c.demands("slo", s.SLO)
	c.demands("thresholds", s.Thresholds)
	for _, e := range s.SLO {
		c.check(e.Metric != threshold.Capacity, "slo", "%s: a capacity is what a search finds, and the slo what it looks for: write it in thresholds", e)
	}
	for _, e := range s.Thresholds {
		c.check(e.Metric != threshold.Capacity || s.Search.Key != "", "thresholds", "%s: without a search there is no capacity", e)
		// An SLO may be wider than a run: it is a finding only.
		missing := e.Transport != "" && len(s.Transports) > 0 && !slices.Contains(s.WithBaseline(), e.Transport)
		c.check(!missing, "thresholds", "%s: %s is not among the transports (%s): add it to them, or leave this out", e, e.Transport, strings.Join(s.WithBaseline(), ", "))
	}
}

func (c *checker) demands(key string, all []threshold.Expression) {
	c.check(len(all) <= maxDemands, key, "%d of them: want at most %d", len(all), maxDemands)
	for i, one := range all {
		c.check(!slices.Contains(all[:i], one), key, "%s twice", one)
	}
}

// checkNeeds looks for demands of which no point of the load could ever say
// whether they hold.
func (s *Scenario) checkNeeds(c *checker, points []Point) {
	for _, list := range []struct {
		key string
		all []threshold.Expression
	}{{"slo", s.SLO}, {"thresholds", s.Thresholds}} {
		for _, e := range list.all {
			m, _ := results.MetricOf(e.Metric)
			why := ""
			for _, p := range points {
				if why = p.Scenario.lacks(m.Needs); why == "" {
					break
				}
			}
			c.check(why == "", list.key, "%s: %s", e, why)
		}
	}
}

// lacks says why this load, without axes, has no number that needs this; "" when
// it has.
func (s *Scenario) lacks(need results.Need) string {
	var has bool
	var instead string
	switch need {
	case results.NeedsDue:
		if s.Untimed() {
			return "without due instants there is no such number"
		}
		return ""
	case results.NeedsAlone:
		if s.Together {
			return "one server serves all transports together, and nobody can say whose this is: demand " +
				"together_server_cpu_per_event or together_server_rss_per_client, or set together to false"
		}
		return ""
	case results.NeedsTogether:
		has, instead = s.Together, "together: true"
	case results.NeedsMessages:
		has, instead = s.Uplink.Rate > 0, "uplink.rate"
	case results.NeedsFaults:
		has, instead = len(s.Faults) > 0, "faults"
	case results.NeedsSlow:
		has, instead = s.Slow.Share > 0, "slow.share"
	case results.NeedsVanished:
		has, instead = s.Vanish.Share > 0, "vanish.share"
	case results.NeedsLeaving:
		has, instead = s.Churn.Stay > 0 || s.Leave.Share > 0, "churn.stay or leave.share"
	case results.NeedsGroups:
		has, instead = s.conduct(), "slow.share, vanish.share, churn.stay or leave.share"
	default:
		has = true
	}
	if has {
		return ""
	}
	return "without " + string(need) + " there is no such number: give the load " + instead + ", or leave this out"
}

// untold are the demands that no probe of this load could tell, so that the
// search could only fail.
func (s *Scenario) untold() []Problem {
	var c checker
	events := s.Events()
	deliveries := events * float64(s.Clients) / float64(max(1, s.TopicCount()))
	for _, e := range s.SLO {
		if !e.Percentile() || s.Untimed() {
			continue
		}
		if events < results.MinEvents {
			c.check(false, "slo", "%s: a probe has about %.0f events, and its percentiles need %d: raise the duration or the rate", e, events, results.MinEvents)
			continue
		}
		m, _ := results.MetricOf(e.Metric)
		samples, noun := deliveries, "deliveries"
		switch head, _, _ := strings.Cut(e.Metric, "_"); head {
		case results.Latency, results.Delivery:
		case results.Fanout, results.Spread, results.Lag:
			samples, noun = events, "events"
		default:
			continue
		}
		c.check(m.Needs == results.NeedsSlow || samples >= m.Samples*(1-1e-9), "slo",
			"%s: a probe has about %.0f %s, and this percentile needs %.0f: raise the duration or the rate, or begin with more clients", e, samples, noun, m.Samples)
	}
	return c.problems
}
