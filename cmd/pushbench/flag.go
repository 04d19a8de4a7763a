package main

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/spf13/pflag"
)

// wrongFlag is the error for a flag that cannot be read. Of numbers and switches the
// library tells what its parser did; what a user wants to know is what to write.
func wrongFlag(err error) error {
	invalid, ok := errors.AsType[*pflag.InvalidValueError](err)
	if _, parsed := errors.AsType[*strconv.NumError](err); ok && parsed {
		flag := invalid.GetFlag()
		want := map[string]string{"bool": "true or false", "int": "a whole number", "uint64": "a whole number, not below zero"}[flag.Value.Type()]
		if want != "" {
			err = fmt.Errorf("invalid argument %q for \"--%s\" flag: want %s", invalid.GetValue(), flag.Name, want)
		}
	}
	return &exitError{exitUsage, err}
}
