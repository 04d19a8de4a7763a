package lean

// Buffered says whether something is kept for the connection.
func (c *Conn) Buffered() bool { return c.input != nil }
