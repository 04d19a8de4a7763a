package crowd

import "pushbench/loadgen/engine"

// followed says whether what the half has just answered is a request, because its
// server has sent it on.
func (m *member) followed() bool {
	half, able := m.half.(engine.Follower)
	return able && half.Followed()
}
