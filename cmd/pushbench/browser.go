package main

import (
	"context"
	"fmt"
	"regexp"
	"slices"

	"pushbench/browser"
)

// browsing are the claims that a browser is asked about.
var browsing = []string{"resume", "six-connections"}

// agent is how Chromium names itself in what it sends.
var agent = regexp.MustCompile(`Chrome/([0-9.]+)`)

// openBrowser starts a browser where one of these claims asks for it, and says
// which one it is. There is none, and no error, where none asks.
func openBrowser(ctx context.Context, claims []string) (*browser.Browser, string, error) {
	asked := slices.ContainsFunc(claims, func(name string) bool { return slices.Contains(browsing, name) })
	if !asked {
		return nil, "", nil
	}
	b, err := browser.Start(ctx, browser.Options{})
	if err != nil {
		return nil, "", fmt.Errorf("needs Chromium: %w", err)
	}
	var text string
	if err := b.Evaluate(ctx, "navigator.userAgent", &text); err != nil {
		b.Close()
		return nil, "", fmt.Errorf("needs Chromium: %w", err)
	}
	name := "Chromium"
	if found := agent.FindStringSubmatch(text); found != nil {
		name += " " + found[1]
	}
	return b, name, nil
}
