package faults_test

import (
	"strings"
	"testing"

	"pushbench/servers/faults"
)

func TestSpecificationsAreReadOrRefusedWithTheRightOnes(t *testing.T) { // D11, R1
	for spec, refusal := range map[string]string{
		"drop": "", "drop=100": "", "reorder=2": "", "swap": "", "forget-epoch": "",
		"stall=1s@1.2s": "", "freeze=200ms@0s": "", "late-headers=100ms": "", "vanish=10@1s": "",
		"delay=constant:20ms": "", "delay=bimodal:5ms:40ms:0.7": "", "delay=exponential:10ms": "", "delay=ramp:0ms:40ms": "",

		"":                            "unknown fault \"\" (have drop[=N], duplicate[=N]",
		"pigeon=3":                    "unknown fault \"pigeon\" (have drop[=N]",
		"drop=0":                      "not a number from 1 (want drop[=N])",
		"drop=":                       "want drop[=N]",
		"drop=-1":                     "not a number",
		"drop@1s":                     "want drop[=N]",
		"reorder=1":                   "not a number from 2",
		"swap=2":                      "want swap",
		"stall":                       "want stall=LENGTH@INSTANT",
		"stall=1s":                    "want stall=LENGTH@INSTANT",
		"stall@1s":                    "want stall=LENGTH@INSTANT",
		"stall=soon@1s":               "\"soon\" is not a length of time",
		"stall=1s@-1s":                "\"-1s\" is not a length of time",
		"late-headers=1m":             "up to 5s",
		"vanish=0@1s":                 "not a number from 1",
		"delay=pareto:1ms":            "a law is constant:LENGTH",
		"delay=constant":              "not a length of time",
		"delay=constant:1ms:2ms":      "a law is constant:LENGTH",
		"delay=bimodal:1ms:2ms:70":    "\"70\" is not a share",
		"delay=bimodal:1ms:2ms:NaN":   "not a share",
		"delay=bimodal:1ms:never:0.5": "\"never\" is not a length",
		"delay=ramp:1ms":              "a law is",
		"delay=exponential:6s":        "up to 5s",
	} {
		f, err := faults.Parse(spec)
		switch {
		case refusal == "" && err != nil:
			t.Errorf("%q: %v", spec, err)
		case refusal == "" && !strings.HasPrefix(spec, f.Name):
			t.Errorf("%q is the fault %q", spec, f.Name)
		case refusal != "" && (err == nil || !strings.Contains(err.Error(), refusal)):
			t.Errorf("%q: error %v, want one with %q", spec, err, refusal)
		}
	}
}
