package campaign

import (
	"time"

	"pushbench/results"
	"pushbench/results/compare"
)

// enough says whether so many blocks are, begun so long ago: as many as the
// scenario wants, and in a run without a fixed number, so many that the leading
// ratio's interval is narrow enough, or the time is over. It notes in the run
// how it came to that, or that another block is planned.
func (c *Campaign) enough(blocks int, passed time.Duration) bool {
	if c.search != nil {
		left := c.search.left()
		c.run.Planned = len(c.run.Trials) + left
		return left == 0
	}
	u := c.run.Until
	if u == nil {
		if blocks < c.Options.Scenario.Trials {
			return false
		}
		if left := c.Options.Scenario.Trials + c.Options.Scenario.Spares - blocks; !compare.SparesHelp(c.run, left) {
			return true
		}
		c.run.Spares++
		c.run.Planned += len(c.run.Trials) / blocks
		return false
	}
	u.Ratio, u.Reached = "", 0
	if lead, ok := compare.Leading(c.run); ok {
		u.Ratio, u.Reached = lead.Words, lead.Width
	}
	// What the next block takes is guessed from those before it: one that would
	// not end in time is not begun.
	next := passed / time.Duration(blocks)
	switch {
	case blocks >= c.Options.Scenario.Trials && u.Ratio != "" && u.Reached < u.Width:
		u.Ended = results.UntilWidth
	case blocks >= max(c.Options.Scenario.Trials, compare.MinTrials) && !compare.Ranked(c.run):
		// What has spoilt so many trials of every cell will spoil the next ones too.
		u.Ended = results.UntilUnranked
	case passed+next > u.MaxTime:
		u.Ended = results.UntilTime
	default:
		each := len(c.run.Trials) / blocks
		c.run.Planned = max(c.run.Planned, each*(blocks+1))
		return false
	}
	c.run.Planned = len(c.run.Trials)
	return true
}
