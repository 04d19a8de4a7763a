package broadcast

import (
	"pushbench/servers/alarm"
	"pushbench/servers/lean"
	"pushbench/servers/source"
	"pushbench/servers/wire"
)

// A room is a topic's audience at a station.
type room struct {
	lean.Audience[*Reader]
	station *Station
	topic   *source.Topic
	pace    pace
	pause   alarm.Timer // until the next pass
}

// news has the audience read, now or after the pause that the pace wants.
func (r *room) news(now int64) {
	if r.pause.Armed() {
		return // the next pass brings this, too
	}
	if due := r.pace.due(); now < due && r.station.opts.perWrite() > 1 {
		r.station.loop.At(&r.pause, due, r)
		return
	}
	r.pass(now)
}

// Alarm implements alarm.Alarmer.
func (r *room) Alarm(now int64) { r.pass(now) }

// pass has everyone read who can be written to.
func (r *room) pass(now int64) {
	upto := r.topic.Tip()
	for reader := range r.All(r.station.loop.Source().Rotate()) {
		if !reader.waiting {
			reader.advance(now)
		}
	}
	r.pace.passed(now, wire.Now(), upto)
}
