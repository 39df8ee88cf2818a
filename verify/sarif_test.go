package verify_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raspc/raspc/frontend/sarif"
	"github.com/raspc/raspc/verify"
)

// uncertified is a report whose runs are right and whose second file is not proved.
func uncertified() *verify.Report {
	r := reports()["equivalent as far as tried"]
	r.Result = verify.Undecided
	r.Certificate = &verify.Certificate{MaxLen: 9, Files: []verify.FileProof{
		{File: "model.safetensors", Proved: true}, {File: "model.onnx", Reason: "a head is not hard"}}}
	return r
}

func TestSARIF(t *testing.T) {
	all := reports()
	all["not proved"] = uncertified()
	want := map[string][]string{ // rule, level, file, message
		"equivalent":                 nil,
		"equivalent as far as tried": nil,
		"different":                  {"different|error|my%20out/model.onnx|model.onnx differs on ['a', 'b\"'] at position 1: x is 'a', the file says 'z'\ncompared with p.rasp"},
		"different number":           {"different|error|my%20out/model.safetensors|model.safetensors differs on [3] at position 0: m is 0.3333333333333333, the file says 0.328125\ncompared with p.rasp"},
		"no number":                  {"different|error|my%20out/model.onnx|model.onnx differs on [True] at position 0: m is 2, the file says something that is not a number\ncompared with p.rasp"},
		"too close":                  {"undecided|warning|my%20out/model.onnx|model.onnx is undecided: 2 outputs right by less than 1e-05 of the largest logit, which other runtimes may round otherwise"},
		"nothing tried":              {"undecided|warning|my%20out/model.onnx|model.onnx is undecided: no input was tried on which the program is defined"},
		"not proved":                 {"not-proved|warning|my%20out/model.onnx|model.onnx is not proved: a head is not hard"},
	}
	for name, r := range all {
		run := sarifLog(t, r)
		var got []string
		for _, found := range run.Results {
			rule := run.Tool.Driver.Rules[found.RuleIndex]
			if rule.ID != found.RuleID || rule.Help == nil || len(found.Locations) != 1 || found.Locations[0].Physical.Region != nil {
				t.Errorf("%s: %+v of %+v", name, found, rule)
				continue
			}
			got = append(got, strings.Join([]string{found.RuleID, string(found.Level), found.Locations[0].Physical.Artifact.URI, found.Message.Text}, "|"))
		}
		if d := cmp.Diff(want[name], got); d != "" {
			t.Errorf("%s:\n%s", name, d)
		}
		if run.AutomationDetails.ID != "raspc verify my out/" || !run.Invocations[0].ExecutionSuccessful {
			t.Errorf("%s: the run is %+v", name, run)
		}
	}
	difference, _ := sarifLog(t, all["different"]).Results[0].Properties["difference"].(map[string]any)
	for key, want := range map[string]any{"file": "model.onnx", "input": []any{"a", `b"`}, "position": 1.0, "expected": "a", "got": "z", "sop": "x"} {
		if d := cmp.Diff(want, difference[key]); d != "" {
			t.Errorf("%s: %s", key, d)
		}
	}
}

func sarifLog(t *testing.T, r *verify.Report) sarif.Run {
	t.Helper()
	var b strings.Builder
	if err := r.WriteSARIF(&b, "./my out/"); err != nil {
		t.Fatal(err)
	}
	var log sarif.Log
	if err := json.Unmarshal([]byte(b.String()), &log); err != nil || len(log.Runs) != 1 {
		t.Fatalf("%v:\n%s", err, b.String())
	}
	return log.Runs[0]
}
