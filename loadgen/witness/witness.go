// Package witness looks at the protocols themselves, without a load: what a plain
// HTTP client, our client halves and, where there is one, a browser see of servers
// on real connections.
package witness

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"pushbench/results/claim"
)

// patience bounds each look.
const patience = 20 * time.Second

// Options say who can look.
type Options struct {
	// Browser is one that is there; nil without.
	Browser Browser
	Name    string // the browser's, with its version
	Lacks   string // why there is none, and what to do about it
	// Claims are the names of those wanted.
	Claims []string
}

// A Browser opens pages and lets them run.
type Browser interface {
	// Open returns when the page is there. What it does goes on until another one is
	// opened.
	Open(ctx context.Context, url string) error
}

// Look returns what is seen. What cannot be looked at is a sight that tells
// nothing and says why.
func Look(ctx context.Context, o Options) []claim.Sight {
	var all []claim.Sight
	see := func(name, with string, look func(context.Context) (holds bool, text string, err error)) {
		if !slices.Contains(o.Claims, name) {
			return
		}
		ctx, cancel := context.WithTimeoutCause(ctx, patience, fmt.Errorf("nothing more was seen in %s", patience))
		defer cancel()
		s := claim.Sight{Claim: name, With: with}
		holds, text, err := look(ctx)
		if err != nil {
			s.Text = err.Error()
			if ctx.Err() != nil {
				s.Text = context.Cause(ctx).Error()
			}
		} else {
			s.Told, s.Holds, s.Text = true, holds, text
		}
		all = append(all, s)
	}
	see("plain-http", "net/http", plainClient)
	see("plain-http", "our client half", plainServer)
	see("resume", "net/http", resumePlain)
	see("resume", "our client halves", resumeHalves)
	if o.Browser == nil {
		for _, name := range []string{"resume", "six-connections"} {
			see(name, "a browser", func(context.Context) (bool, string, error) { return false, "", errors.New(o.Lacks) })
		}
		return all
	}
	see("resume", o.Name, func(ctx context.Context) (bool, string, error) { return resumeBrowser(ctx, o.Browser) })
	see("six-connections", o.Name, func(ctx context.Context) (bool, string, error) { return connections(ctx, o.Browser, plateau) })
	return all
}
