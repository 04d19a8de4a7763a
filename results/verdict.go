package results

import "slices"

// outside are codes that no trial's numbers show: only who executes a trial sees
// what they stand for, and adds their reasons itself.
var outside = []string{"accept-queue", "failed", "interrupted", "server-died", "shared-cpu", "time-wait"}

// FewSamples is the code of the finding that no percentile of latency can be told:
// of a trial, or of a row that has the samples but not the events.
const (
	FewSamples     = "few-samples"
	FewSamplesHint = "raise --duration or --rate"
)

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

// Judge fills the verdict from the trial's numbers and from the reasons that are
// already there. Reasons whose codes are exempt, because the scenario expects
// them, stay as findings. Judging twice changes nothing.
func (t *Trial) Judge(exempt []string) {
	reasons := t.Verdict.Reasons
	for _, r := range rules {
		known := slices.ContainsFunc(reasons, func(have Reason) bool { return have.Code == r.code })
		if !known && r.fires(t) {
			reasons = append(reasons, Reason{r.code, r.state, r.text(t), r.hint})
		}
	}
	state := Valid
	for i := range reasons {
		r := &reasons[i]
		if slices.Contains(exempt, r.Code) {
			r.State = Valid
		}
		if r.State == Invalid || r.State == Suspect && state == Valid {
			state = r.State
		}
	}
	t.Verdict = Verdict{state, reasons}
}
