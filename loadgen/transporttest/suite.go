// Package transporttest is what "interchangeable" means: the promise of
// delivery as checks over real connections, the same for every transport. It is
// itself tested on servers that cheat.
package transporttest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"pushbench/loadgen/engine"
	"pushbench/servers/host"
	"pushbench/servers/source"
)

// A Subject is a transport to be checked: both its halves, and the engine that
// drives the one in the crowd.
type Subject struct {
	Name   string
	Mount  func(*source.Source) host.Mount // one half on a source, of either stack
	Path   string                          // where it answers
	Half   func(*engine.Endpoint) engine.Conversation
	Engine func(engine.Options) (engine.Engine, error)

	// Interval is the time between two polls of a client. Zero asks again as soon
	// as there is an answer. It means nothing to a half that is not asked.
	Interval time.Duration

	// Silence is how long the clients of a crowd bear to hear nothing. Zero means
	// for ever.
	Silence time.Duration

	// Rotate lets the sources wake another client first with each event.
	Rotate bool

	// Fault, when set, is what the servers do wrong, as faults.Parse reads it. Its
	// load begins with the server, and again when a crowd has gathered.
	Fault string
}

// A Check is one part of the promise.
type Check struct {
	Name  string
	Cases string // that it stands for
	// Run returns what is wrong, or nil. The context's end bounds a failure: a
	// check never needs the time.
	Run func(context.Context, Subject) error
}

// Checks are all there are.
var Checks = []Check{
	{"a hello names the newest event", "D6", helloNamesTheNewestEvent},
	{"every client gets every event once and in order", "D1", everyClientGetsEveryEvent},
	{"an event at any moment arrives", "L4, L9", eventAtAnyMomentArrives},
	{"every owed event is accounted for", "D2, P5", everyOwedEventIsAccountedFor},
	{"a broken connection loses and repeats nothing", "D3, C8, C10", brokenConnectionLosesNothing},
	{"a client that was away for too long is told", "D4", longAbsenceIsTold},
	{"a cursor of another epoch is told", "D5, L6", otherEpochIsTold},
	{"a cursor resumes where it stands", "V10, V11, W15, L2, L3, L5, L6", cursorResumesWhereItStands},
	{"a log that keeps nothing still tells", "D7", emptyLogStillTells},
	{"numbers stay exact", "D7", numbersStayExact},
	{"a subscription begins in the middle of publishing", "D6, V12", subscriptionBeginsAmidEvents},
	{"payloads arrive as they were published", "D9, V4", payloadsArriveAsPublished},
	{"bare payloads are counted by position", "V4, S10", barePayloadsAreCounted},
	{"a topic's events go to its subscribers only", "D1", topicsAreKeptApart},
	{"a client that does not read delays nobody", "D10, V8, W8", slowClientDelaysNobody},
	{"a connection that goes silent is given up", "C13", silentConnectionIsGivenUp},
	{"a client that leaves is forgotten", "V14, L7", leavingClientIsForgotten},
	{"what a client says comes back once", "D1", saidComesBackOnce},
	{"what cannot be served is refused for good", "V10, L6", impossibleIsRefused},
	{"a shutdown ends every connection", "F1, W10", shutdownEndsEveryConnection},
}

// patience is how long a check may wait for something that never comes.
const patience = 20 * time.Second

// ErrSilence is in a check's error when what it waited for never came.
var ErrSilence = errors.New("nothing more came")

// Run runs every check on the subject as a subtest.
func Run(t *testing.T, s Subject) {
	for _, c := range Checks {
		t.Run(c.Name, func(t *testing.T) { // the cases are in the table
			ctx, cancel := context.WithTimeoutCause(t.Context(), patience, ErrSilence)
			defer cancel()
			if err := c.Run(ctx, s); err != nil {
				t.Errorf("%s [%s]: %v", s.Name, c.Cases, err)
			}
		})
	}
}

// Failures runs the checks of those names, or all, and returns the errors of
// those that fail, by name. Each may wait that long for what never comes; zero
// means as long as Run lets it. It panics when there is no check of a name.
func Failures(ctx context.Context, s Subject, wait time.Duration, names ...string) map[string]error {
	for _, name := range names {
		if !slices.ContainsFunc(Checks, func(c Check) bool { return c.Name == name }) {
			panic(fmt.Sprintf("transporttest: no check %q", name))
		}
	}
	failures := make(map[string]error)
	for _, c := range Checks {
		if len(names) > 0 && !slices.Contains(names, c.Name) {
			continue
		}
		ctx, cancel := context.WithTimeoutCause(ctx, cmp.Or(wait, patience), ErrSilence)
		if err := c.Run(ctx, s); err != nil {
			failures[c.Name] = err
		}
		cancel()
	}
	return failures
}
