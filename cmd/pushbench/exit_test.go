package main

import (
	"errors"
	"os/exec"
	"strconv"
	"strings"
)

func splitCodes(s string) []string { return strings.Split(s, "|") }

// exitCode is that of a command that failed, or the error in words.
func exitCode(err error) string {
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return strconv.Itoa(exit.ExitCode())
	}
	return err.Error()
}
