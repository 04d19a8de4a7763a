package results

import "slices"

// outside are codes that no trial's numbers show: only who executes a trial sees
// what they stand for, and adds their reasons itself.
var outside = []string{"accept-queue", "failed", "generator-died", "interrupted", "server-died", "servers-apart", "shared-cpu", "time-wait"}

// FewSamples is the code of the finding that no percentile of latency can be told:
// of a trial, or of a row that has the samples but not the events.
const (
	FewSamples     = "few-samples"
	FewSamplesHint = "raise --duration or --rate"
)

// PollsMissed is the code of the finding that a server was asked more often than it
// answered.
const PollsMissed = "polls-missed"

// Codes are the codes of all reasons that a verdict can have, in alphabetical
// order.
func Codes() []string {
	codes := slices.Clone(outside)
	for _, r := range rules {
		codes = append(codes, r.code)
	}
	slices.Sort(codes)
	return slices.Compact(codes)
}

// meaningless are codes of what leaves nothing to trust, and why: no load is of a
// nature that excuses it.
var meaningless = map[string]string{
	"clipped":          "the largest latencies are missing from the percentiles",
	"failed":           "the trial did not run as planned",
	"generator-died":   "a part of the clients was not played to the end",
	"interrupted":      "the trial did not run to its end",
	"negative-latency": "the clocks of server and clients are not the same",
	"server-died":      "there was no server to measure",
	"servers-apart":    "nobody knows what the clients were owed",
	"unexplained":      "the accounting does not add up",
}

// Meaningless says whether no scenario may expect the code, and why.
func Meaningless(code string) (why string, is bool) {
	why, is = meaningless[code]
	return why, is
}

// Judge fills the verdict from the trial's numbers and from the reasons that are
// already there. Reasons whose codes are exempt, because the scenario expects
// them, stay as findings, unless they leave nothing to trust. Judging twice
// changes nothing.
func (t *Trial) Judge(exempt []string) {
	reasons := t.Verdict.Reasons
	for _, r := range rules {
		known := slices.ContainsFunc(reasons, func(have Reason) bool { return have.Code == r.code })
		if !known && r.fires(t) {
			reasons = append(reasons, Reason{r.code, r.state, r.text(t), r.advice(t)})
		}
	}
	state := Valid
	for i := range reasons {
		r := &reasons[i]
		if _, never := Meaningless(r.Code); !never && slices.Contains(exempt, r.Code) {
			r.State = Valid
		}
		if r.State == Invalid || r.State == Suspect && state == Valid {
			state = r.State
		}
	}
	t.Verdict = Verdict{state, reasons}
}
