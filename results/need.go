package results

// A Need is what a load must have for a metric to exist at all; "" for nothing.
type Need string

// What metrics need.
const (
	NeedsDue      Need = "due instants"
	NeedsMessages Need = "messages from clients"
	NeedsFaults   Need = "faults"
	NeedsSlow     Need = "slow readers"
	NeedsVanished Need = "clients that vanish"
	NeedsLeaving  Need = "clients that come and go"
	NeedsGroups   Need = "clients that do more than receive, or less"
	NeedsAlone    Need = "a server for each transport"
	NeedsTogether Need = "all transports at the same time"
)

// needing marks the metrics that list adds, but for those that need something
// else.
func (c *catalogue) needing(what Need, list func(*catalogue)) {
	from := len(*c)
	list(c)
	for i := range (*c)[from:] {
		if m := &(*c)[from+i]; m.Needs == "" {
			m.Needs = what
		}
	}
}
