package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"pushbench/results"
	"pushbench/results/choose"
	"pushbench/results/report"
	"pushbench/scenarios"
)

// chooseFlags are what `choose` can be told beside the profile's own numbers.
type chooseFlags struct {
	run    string // to predict from; "" for one that is made now
	prices string
	format string
	out    string
	quiet  bool
	engine string
}

func newChoose() *cobra.Command {
	var f chooseFlags
	numbers := newProduct()
	c := &cobra.Command{
		Use:   "choose [FILE]",
		Short: "Say which transport a product should take, and why",
		Long: `Choose takes a product's profile and what was measured of the transports, and
says which of them meets its requirements and needs the fewest servers, or costs
the least where there are prices: with intervals, what decided, every number that
it rests on, and how far the profile must move before the answer changes. Where no
difference can be shown, or none of half a server, it says so.

The profile is a FILE of YAML, flags, or both, and then flags win; with neither,
on a terminal, it asks. --run names a saved run of 'pushbench run choose', or any
over several loads; - is one from standard input. Without it choose measures now
what the product needs, in less than two minutes on a machine that does nothing
else, and saves that: ask further questions of the saved run.

--prices names a FILE of YAML with what a month of the product is made of:
currency, cpu_hour, memory_gib_hour, egress_gb, million_requests and
million_connection_minutes. What is not in it is for nothing.

Exit codes: 104 a profile or prices that cannot be, 105 interrupted, 106 too few
valid trials to predict from.`,
		Example: `  pushbench choose --clients 200000 --rate 2/s --size 200B --staleness 1s --p99 250ms
  pushbench choose my-product.yaml --run results/published/choose/run.json
  pushbench choose my-product.yaml --run run.json --staleness 10s --format json`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usage("choose takes one profile, got %s", strings.Join(args, " "))
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			format, err := report.AnswerFormats.Named(f.format)
			if err != nil {
				return &exitError{exitUsage, err}
			}
			if err := f.prepare(slices.Concat(args, []string{f.run, f.prices})...); err != nil {
				return err
			}
			profile, err := numbers.profile(c, args)
			if err != nil {
				return err
			}
			if err := f.answerable(c, profile); err != nil {
				return err
			}
			prices, err := f.priced()
			if err != nil {
				return err
			}
			var model *choose.Model
			var file string
			if f.run != "" { // what is wrong with it is said before anything is asked
				if model, file, err = f.saved(c); err != nil {
					return err
				}
			}
			if profile == nil {
				profile = scenarios.DefaultProfile()
				if err := interview(c.Context(), c.InOrStdin(), c.ErrOrStderr(), profile, questionsOf(prices != nil)); err != nil {
					return err
				}
			}
			if prices == nil && profile.Budget > 0 {
				return &exitError{exitScenario, errors.New("budget: what a product costs is told by prices: give --prices FILE")}
			}
			if model == nil {
				if model, file, err = f.measured(c, profile); err != nil {
					return err
				}
			}
			answer := model.Decide(asked(profile), prices)
			answer.Source.File = file
			return f.tell(c, format, answer)
		},
	}
	flags := c.Flags()
	flags.StringVar(&f.run, "run", "", "predict from this saved run, a `file` (default: measure now)")
	flags.StringVar(&f.prices, "prices", "", "rank by money: a `file` of prices")
	flags.StringVar(&f.format, "format", "table", "one of "+strings.Join(report.AnswerFormats.Names(), ", "))
	flags.StringVarP(&f.out, "out", "o", "-", "`file` to write; - is standard output")
	flags.StringVar(&f.engine, "engine", defaultEngine, "what drives the clients that are measured: loop (Linux) or goroutine")
	flags.BoolVarP(&f.quiet, "quiet", "q", false, "no status while it measures")
	numbers.register(flags)
	return c
}

// prepare says before anything is asked or measured what would keep tell from
// writing the answer; it must not take the place of what it is made from.
func (f *chooseFlags) prepare(inputs ...string) error {
	switch f.out {
	case "":
		return usage("--out names no file: - is standard output")
	case "/dev/stdout": // a name for the same, which must not be replaced by a file
		f.out = standard
	}
	if f.out == standard {
		return nil
	}
	for _, input := range inputs {
		if same(f.out, input) {
			return usage("%s is what the answer is made from: write that to another file", f.out)
		}
	}
	return prepareFile(f.out)
}

// answerable says whether the questions can be asked that there are without a
// profile.
func (f *chooseFlags) answerable(c *cobra.Command, profile *scenarios.Profile) error {
	switch {
	case profile != nil:
		return nil
	case f.run == standard:
		return usage("standard input cannot bring both the run and the answers to questions: give flags such as --clients and --staleness, or a FILE")
	case !onTerminal(c.InOrStdin()):
		return usage("choose must know the product: give flags such as --clients and --staleness, or a FILE; on a terminal it asks")
	}
	return nil
}

// priced reads the prices, if there are any.
func (f *chooseFlags) priced() (*choose.Prices, error) {
	if f.prices == "" {
		return nil, nil
	}
	p, err := scenarios.ReadPrices(f.prices)
	if err != nil {
		return nil, &exitError{exitScenario, err}
	}
	return &choose.Prices{
		Currency: p.Currency, CPUHour: p.CPUHour, MemoryHour: p.MemoryHour,
		Egress: p.Egress, Requests: p.Requests, ConnectionMinutes: p.ConnectionMinutes,
	}, nil
}

// saved is the model of the run that was named, and the file that it is in.
func (f *chooseFlags) saved(c *cobra.Command) (*choose.Model, string, error) {
	run, file, err := saved(c, f.run, choose.Histograms...)
	if err != nil {
		return nil, "", err
	}
	model, err := learn(run, file)
	return model, file, err
}

// measured is the model of a short run that is made now of what the product needs
// to be known, and the file that it is in.
func (f *chooseFlags) measured(c *cobra.Command, profile *scenarios.Profile) (*choose.Model, string, error) {
	t, err := load("choose")
	if err != nil {
		return nil, "", err
	}
	t.scenario = profile.Narrow(t.scenario)
	t.scenario.Transports = transportNames()
	run, file, err := f.measure(c, t)
	if err != nil {
		return nil, "", err
	}
	model, err := learn(run, file)
	return model, file, err
}

// measure makes the run that a product is predicted from.
func (f *chooseFlags) measure(c *cobra.Command, t task) (*results.Run, string, error) {
	t.engine = f.engine
	if err := t.scenario.Validate(); err != nil {
		return nil, "", fmt.Errorf("measure for this product: %w", err)
	}
	run, file, err := runFlags{engine: f.engine, quiet: f.quiet}.measure(c, t, nil, func(_ *results.Run, file string) error { return f.prepare(file) })
	switch {
	case run != nil && c.Context().Err() != nil:
		return nil, "", &exitError{exitInterrupted, fmt.Errorf("interrupted in trial %d of %d: what there is stands in %s", len(run.Trials), run.Planned, file)}
	case err != nil:
		return nil, "", err
	}
	fmt.Fprintf(c.ErrOrStderr(), "pushbench: measured in %s; ask more of it with --run %s\n", time.Since(run.Started).Round(time.Second), quoted(file))
	return run, file, nil
}

// learn is the model of a run; the file is "" where it came from standard input.
func learn(run *results.Run, file string) (*choose.Model, error) {
	name := cmp.Or(file, "the run of standard input")
	model, err := choose.Learn(run)
	switch {
	case errors.Is(err, choose.ErrLoads):
		return nil, &exitError{exitUsage, fmt.Errorf("%s: %w: measure with 'pushbench run choose -o FILE'", name, err)}
	case err != nil:
		return nil, &exitError{exitUntrusted, fmt.Errorf("%s: %w: see 'pushbench report %s' for the reasons", name, err, quoted(cmp.Or(file, standard)))}
	}
	return model, nil
}

// tell renders the answer.
func (f *chooseFlags) tell(c *cobra.Command, format report.Format[*choose.Answer], answer *choose.Answer) error {
	if f.out == standard {
		out := c.OutOrStdout()
		return format.Write(out, answer, report.Options{Width: width(out)})
	}
	var page bytes.Buffer
	if err := format.Write(&page, answer, report.Options{}); err != nil {
		return err
	}
	return writeFile(f.out, page.Bytes())
}

// asked is the profile as numbers.
func asked(p *scenarios.Profile) choose.Profile {
	return choose.Profile{
		Name: p.Name, Clients: float64(p.Clients), Rate: float64(p.Rate), Burst: float64(p.Burst), Audience: float64(p.Audience),
		Size: float64(p.Size), Latest: p.Value == scenarios.Latest, Binary: p.Binary,
		Staleness: p.Staleness.Duration(), P99: p.P99.Duration(), RTT: p.RTT.Duration(),
		Uplink: float64(p.Uplink.Rate), UplinkSize: float64(p.Uplink.Size), Stay: p.Stay.Duration(),
		Browsers: p.Browsers, HTTP1: p.HTTP1, BufferingProxy: p.BufferingProxy, Mobile: p.Mobile,
		Server: choose.Machine{
			CPUs: float64(p.Server.CPUs), Memory: float64(p.Server.Memory),
			Utilisation: float64(p.Server.Utilisation) / 100, Connections: float64(p.Server.Connections),
		},
		Budget: p.Budget,
	}
}

// onTerminal says whether somebody can answer questions there.
func onTerminal(in io.Reader) bool {
	file, ok := in.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// wordOf is the file of a profile, or what stands for it in a message.
func wordOf(args []string) string { return cmp.Or(strings.Join(args, ""), "the profile") }
