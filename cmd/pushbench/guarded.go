package main

import (
	"errors"
	"net"
	"net/http"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"pushbench/servers/control"
	"pushbench/servers/faults"
	"pushbench/servers/guard"
	"pushbench/servers/host"
	"pushbench/servers/live"
	"pushbench/servers/source"
	"pushbench/servers/sse"
	"pushbench/servers/textbook"
)

// A guarding is what a server that somebody looks at has around it, and a measured
// one has not: it costs each request something.
type guarding struct {
	control    string
	origins    []string
	total      int
	perAddress int
}

// guardFlags are their names.
var guardFlags = []string{"control", "origins", "max-connections", "max-per-address"}

// defaultConnections is beyond what one machine's clients are in any scenario.
const defaultConnections = 100_000

// noControl is what closes the controls.
const noControl = "off"

func (g *guarding) flags(flags *pflag.FlagSet) {
	flags.StringVar(&g.control, "control", "", "`token` that opens the controls, or off (default: one that the page on the loopback interface knows; else off)")
	flags.StringSliceVar(&g.origins, "origins", nil, "`origins` whose pages may connect, as https://example.org, or * for reading without credentials")
	flags.IntVar(&g.total, "max-connections", defaultConnections, "connections at once; more are told 503 (0: no limit)")
	flags.IntVar(&g.perAddress, "max-per-address", 0, "connections at once of one client address (default: no limit)")
}

// check says what is wrong with what a user wants.
func (g *guarding) check(c *cobra.Command, stack string, orders bool) error {
	for _, name := range guardFlags {
		if c.Flags().Changed(name) && orders {
			return usage("--%s is for servers that people look at, and --orders for those that are measured", name)
		}
		if c.Flags().Changed(name) && stack != std {
			return usage("--%s needs --stack std", name)
		}
	}
	if err := guard.Origins(g.origins).Check(); err != nil {
		return usage("--origins: %w", err)
	}
	if g.control != "" && g.control != noControl && len(g.control) < control.MinToken {
		return usage("--control: a token of %d bytes, want at least %d: `openssl rand -hex 16` makes one", len(g.control), control.MinToken)
	}
	if g.total < 0 || g.perAddress < 0 {
		return usage("--max-connections, --max-per-address: want zero or more")
	}
	return nil
}

// A site is what a server has beside its transports for who looks at it.
type site struct {
	guarding
	lessons *source.Source
	still   func(time.Duration)
	feed    *feed
	local   bool // on the loopback interface
}

// localAddress says whether an address to listen on is of this machine alone, and
// which that is, by number: what a name leads to must not change in between.
func localAddress(listen string) (numbered string, local bool) {
	at, err := net.ResolveTCPAddr("tcp", listen)
	if err != nil || at.IP == nil || !at.IP.IsLoopback() {
		return listen, false
	}
	return at.String(), true
}

// The paths that are no transport's.
const (
	pagePath     = "/"
	controlPath  = "/control"
	textbookPath = "/textbook"
)

// newSite makes it for a server that is about to be made of those transports.
func (g guarding) newSite(f *serveFlags, fault *faults.Fault) *site {
	s := &site{guarding: g, lessons: textbook.New(f.epoch), still: fault.Still()}
	f.listen, s.local = localAddress(f.listen)
	return s
}

// mounts are the page, the controls and the stream of the textbook. A source of
// bare payloads has nothing for the page.
func (s *site) mounts(f serveFlags, picked []transport) []host.Mount {
	mounts := []host.Mount{{Path: textbookPath, Handler: sse.New(s.lessons, sse.Options{Retry: 2 * time.Second, WriteTimeout: f.timeout})}}
	token, told := s.control, ""
	if token == "" && s.local {
		token = control.NewToken()
		told = token
	}
	open := token != "" && token != noControl
	if open {
		mounts = append(mounts, host.Mount{Path: controlPath, Handler: control.New(token, s.obey)})
	}
	if f.raw {
		return mounts
	}
	var names []string
	for _, t := range picked {
		if !t.hidden {
			names = append(names, t.name)
		}
	}
	return append(mounts, host.Mount{Path: pagePath, Handler: live.New(live.Options{
		Topic: source.TopicNames(1)[0], Transports: names, Token: told, Controls: open,
		Rate: float64(f.rate), Size: int(f.size.Min), Textbook: textbookPath + "?topic=" + textbook.Topic,
	})})
}

// guard is what stands before all of them.
func (s *site) guard(next http.Handler) http.Handler {
	guarded := guard.Origins(s.origins).Handler(next, pagePath, controlPath)
	if s.local {
		guarded = guard.Hosts(guarded)
	}
	return guarded
}

// obey carries out what the controls are told.
func (s *site) obey(o control.Order) error {
	if o.Rate != nil || o.Size != nil {
		s.feed.change(o.Rate, o.Size)
	}
	if o.Stall > 0 {
		if s.still == nil {
			return errors.New("this server does something else to its connections on purpose: see --fault")
		}
		s.still(time.Duration(o.Stall) * time.Millisecond)
	}
	if o.Reset {
		s.feed.server.Reset(1)
	}
	return nil
}
