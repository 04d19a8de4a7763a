package recorder

// Said records that a client has sent a message of so many bytes towards the
// source, as an HTTP request of its own or on the connection that it has.
func (s *Shard) Said(now int64, bytes int, request bool) {
	s.count(&s.traffic.Said, now, 1)
	s.Up(now, bytes)
	s.count(&s.uplink.UpBytes, now, bytes)
	if request {
		s.Request(now)
		s.count(&s.uplink.Requests, now, 1)
	}
}

// Acknowledged records bytes read from a connection that is there for messages
// alone.
func (s *Shard) Acknowledged(now int64, bytes int) {
	s.Down(now, bytes)
	s.count(&s.uplink.DownBytes, now, bytes)
}

// OpenedToSpeak counts a connection that has been made for messages alone; among
// those of the uplink also before the phase.
func (s *Shard) OpenedToSpeak(now int64) {
	s.Opened(now)
	s.uplink.Opened++
}
