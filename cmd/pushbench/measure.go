package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"pushbench/loadgen/campaign"
	"pushbench/loadgen/target"
	"pushbench/results"
)

// measure executes a task and saves its run, which it returns with the name of its
// file and with why it ended early. The run is nil where nothing began: check, if
// there is one, can still refuse it then. The notes are told before the load.
func (f runFlags) measure(c *cobra.Command, t task, notes []string, check func(run *results.Run, file string) error) (run *results.Run, file string, err error) {
	picked, err := pick(t.scenario.WithBaseline())
	if err != nil {
		return nil, "", err
	}
	if err := measurable(picked, t.scenario); err != nil {
		return nil, "", err
	}
	if err := heeded(t.scenario.Search.Key, picked); err != nil {
		return nil, "", err
	}
	drive, err := engineOf(t.engine)
	if err != nil {
		return nil, "", err
	}
	run, err = describe(t)
	if err != nil {
		return nil, "", err
	}
	if file, err = f.runFile(run); err != nil {
		return nil, "", err
	}
	executable, err := target.Executable()
	if err != nil {
		return nil, "", err
	}
	run.Repeat = repeat(file)
	for _, note := range notes {
		fmt.Fprintf(c.ErrOrStderr(), "pushbench: note: %s\n", note)
	}
	status := newStatus(c.ErrOrStderr(), f.quiet)
	options := campaign.Options{
		Scenario:   t.scenario,
		Again:      t.again,
		Executable: executable,
		Engine:     drive,
		EngineName: t.engine,
		Save: func(r *results.Run) error {
			if r.Status != results.Running {
				judge(r, t.scenario)
			}
			return results.Save(file, r)
		},
		Report: status.report,
	}
	for _, one := range picked {
		options.Transports = append(options.Transports, one.measured())
	}
	running, err := campaign.New(options, run)
	if err != nil {
		return nil, "", err
	}
	if check != nil {
		if err := check(run, file); err != nil {
			return nil, "", err
		}
	}
	for _, warning := range run.Machine.Warnings {
		fmt.Fprintf(c.ErrOrStderr(), "pushbench: note: %s\n", warning)
	}
	stop := context.AfterFunc(c.Context(), func() {
		fmt.Fprintln(c.ErrOrStderr(), "pushbench: interrupted: accounting for what is under way (again to stop at once)")
	})
	err = running.Run(c.Context())
	stop()
	status.end()
	return run, file, err
}

// runFile is where the run is saved: the file that was named, or one of the folder
// of runs, also when it is to be printed. It can be written.
func (f runFlags) runFile(run *results.Run) (string, error) {
	file := f.out
	if file == "" || file == standard {
		var err error
		if file, err = results.DefaultPath(run.Started, run.Scenario); err != nil {
			return "", err
		}
	}
	return file, makeFirst(results.Prepare(file))
}
