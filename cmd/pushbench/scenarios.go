package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"pushbench/scenarios"
)

func newScenarios() *cobra.Command {
	c := &cobra.Command{
		Use:   "scenarios",
		Short: "List the scenarios, or show one",
		Long: `Scenarios lists the loads that come with the program, a line each: those of
products first, then those that take one thing apart, those that rebuild what
others have published, and those that 'claims' judges by. 'show' says what one
models, which question it answers, what to look at and what it said when it was
measured, and then prints it as YAML. All of that together is a file that 'run'
takes: a beginning for one of your own.`,
		Example: `  pushbench scenarios
  pushbench scenarios show ticker > mine.yaml`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return list(c.OutOrStdout()) },
	}
	c.AddCommand(&cobra.Command{
		Use:   "show NAME",
		Short: "Explain a scenario and print it as YAML",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage("show takes the name of one scenario")
			}
			return nil
		},
		ValidArgsFunction: completeScenario(cobra.ShellCompDirectiveNoFileComp),
		RunE:              func(c *cobra.Command, args []string) error { return show(c.OutOrStdout(), args[0]) },
	})
	return c
}

// list writes a line for each scenario, by group.
func list(w io.Writer) error {
	var grouped []*scenarios.Scenario
	width := 0
	for _, name := range scenarios.Names() {
		width = max(width, len(name))
		s, err := scenarios.Load(name)
		if err != nil {
			return err
		}
		grouped = append(grouped, s)
	}
	slices.SortStableFunc(grouped, func(a, b *scenarios.Scenario) int {
		return slices.Index(scenarios.Groups, a.Group) - slices.Index(scenarios.Groups, b.Group)
	})
	var b strings.Builder
	for i, s := range grouped {
		if i == 0 || s.Group != grouped[i-1].Group {
			if i > 0 {
				b.WriteByte('\n')
			}
			b.WriteString(s.Group + "\n")
		}
		fmt.Fprintf(&b, "  %-*s   %s\n", width, s.Name, s.Title)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// show explains a scenario in comments above its YAML.
//
// Note: what speaks of a scenario is left out of the YAML, because it would be
// untrue of what a user makes of it, what was measured most of all.
func show(w io.Writer, name string) error {
	text, err := scenarios.Source(name)
	if err != nil {
		return &exitError{exitUsage, err}
	}
	s, err := scenarios.Decode(name+".yaml", text)
	if err != nil {
		return err
	}
	var b strings.Builder
	for i, said := range []string{name + ": " + s.Title, s.Question, s.About, s.Measured} {
		if said == "" {
			continue
		}
		if i > 0 {
			b.WriteString("#\n")
		}
		if said == s.Measured {
			said = "measured " + said
		}
		comment(&b, said)
	}
	b.WriteByte('\n')
	b.Write(scenarios.Body(text))
	_, err = io.WriteString(w, b.String())
	return err
}

// comment writes the text in lines of at most 80 that YAML takes for comments.
func comment(b *strings.Builder, text string) {
	used := 0
	for word := range strings.FieldsSeq(text) {
		if used > 0 && used+1+len(word) > 80 {
			b.WriteByte('\n')
			used = 0
		}
		if used == 0 {
			b.WriteByte('#')
			used = 1
		}
		b.WriteString(" " + word)
		used += 1 + len(word)
	}
	b.WriteByte('\n')
}

// completeScenario offers a shell the scenarios' names, and what else the
// directive says.
func completeScenario(also cobra.ShellCompDirective) cobra.CompletionFunc {
	return func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return scenarios.Names(), also
	}
}

// wanted is the scenario that a command's arguments ask for, which may be none.
func wanted(args []string) string {
	if len(args) == 0 {
		return "quick"
	}
	return args[0]
}
