package results

// losses are the reasons for which an event is lost, each with what it says and
// what to do about it.
var losses = []struct{ reason, title, hint string }{
	{LostGap, "events lost because they had fallen off the log", "gap: a longer log (--keep), a shorter --poll-interval or a lower --rate loses less"},
	{LostEpoch, "events lost with the server that had them", "epoch: they ended with the life of their source; one that survives a restart would still have them"},
	{LostDisconnected, "events lost by clients without a connection at the end", "disconnected: a longer --drain gives clients time to come back"},
	{LostCorrupt, "events lost because they arrived damaged", "corrupt: the server or a proxy changes payloads"},
	{LostVanished, "events lost by clients whose network was gone", "vanished: nobody could have had them"},
}

// lossHints say what to do about what the trial has lost, by its reasons.
func lossHints(t *Trial) (hints string) {
	for _, l := range losses {
		if t.Events.Lost[l.reason] != 0 {
			hints += "; " + l.hint
		}
	}
	return hints
}

// losses lists what was lost in all, and by reason.
func (c *catalogue) losses() {
	c.count("lost", "events lost", Less, (*Trial).Lost)
	for _, l := range losses {
		c.count("lost_"+l.reason, l.title, Less, func(t *Trial) int64 { return t.Events.Lost[l.reason] })
	}
}
