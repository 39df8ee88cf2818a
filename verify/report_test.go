package verify_test

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raspc/raspc/frontend/value"
	"github.com/raspc/raspc/verify"
)

func pointer[T any](x T) *T { return &x }

// reports are one of each verdict.
func reports() map[string]*verify.Report {
	got := value.Str("z")
	labels := verify.FileReport{File: "model.onnx", Runner: "onnx-go on gonum", Inputs: 14, ExhaustiveTo: 3, Longest: 3, MaxLen: 3, WorstMargin: pointer(0.5), Seconds: 1.5,
		Histogram: []verify.Bucket{{From: 0.5, Count: 40}, {From: 2, Count: 2}}}
	numbers := verify.FileReport{File: "model.safetensors", Runner: "stock bert", Inputs: 900, Undefined: 10, ExhaustiveTo: 2, Longest: 8, MaxLen: 9, MaxAbsError: pointer(1e-6), Seconds: 0.25,
		Histogram: []verify.Bucket{{From: 0, Count: 90}}, Lengths: []verify.Covered{{Length: 8, Tried: 400}, {Length: 9, Tried: 494}}}
	difference := &verify.Difference{File: "model.onnx", Input: []value.Value{value.Str("a"), value.Str("b\"")}, Position: 1, Expected: value.Str("a"), Got: &got, SOp: "x"}
	wrong := labels
	wrong.WorstMargin, wrong.Difference = nil, difference
	third := value.Number(value.KindFloat, value.FromFloat(0.328125))
	off := &verify.Difference{File: "model.safetensors", Input: []value.Value{value.IntOf(3)}, Expected: value.Number(value.KindFloat, value.Frac(1, 3)), Got: &third, SOp: "m"}
	noNumber := &verify.Difference{File: "model.onnx", Input: []value.Value{value.Bool(true)}, Expected: value.IntOf(2), SOp: "m"}
	offFile, noFile := numbers, labels
	offFile.Difference, noFile.Difference = off, noNumber
	weak := labels
	weak.Weak = 2
	return map[string]*verify.Report{
		"equivalent": {Result: verify.Equivalent, Program: "p.rasp", Files: []verify.FileReport{labels},
			Plan:        verify.Plan{ExhaustiveTo: 3, Exhaustive: 14, MaxLen: 3, Seed: 7},
			Seconds:     2.5,
			Assumptions: []verify.Assumption{{SOp: "x", Claim: "every row selects at most one position", Discharged: "exhaustive", Inputs: 14}}},
		"equivalent as far as tried": {Result: verify.Equivalent, Program: "p.rasp", Files: []verify.FileReport{numbers, labels}},
		"different":                  {Result: verify.Different, Program: "p.rasp", Files: []verify.FileReport{wrong, numbers}, FirstDifference: difference},
		"different number":           {Result: verify.Different, Program: "p.rasp", Files: []verify.FileReport{offFile}, FirstDifference: off},
		"no number":                  {Result: verify.Different, Program: "p.rasp", Files: []verify.FileReport{noFile}, FirstDifference: noNumber},
		"too close":                  {Result: verify.Undecided, Program: "p.rasp", Files: []verify.FileReport{weak}},
		"nothing tried":              {Result: verify.Undecided, Program: "p.rasp", Files: []verify.FileReport{{File: "model.onnx", Runner: "r", MaxLen: 4, ExhaustiveTo: 4}}},
	}
}

func TestText(t *testing.T) {
	want := map[string]string{
		"equivalent": `compared with p.rasp
model.onnx (onnx-go on gonum): 14 inputs, every one up to length 3, worst margin 0.5
assumed of x: every row selects at most one position (exhaustive on 14 inputs)
equivalent: model.onnx is equivalent to the program on every input
`,
		"equivalent as far as tried": `compared with p.rasp
model.safetensors (stock bert): 900 inputs, every one up to length 2 and some up to 8 of 9, 10 more on which the program is undefined, largest error 1e-06
model.onnx (onnx-go on gonum): 14 inputs, every one up to length 3, worst margin 0.5
equivalent: model.safetensors and model.onnx are equivalent to the program on every input up to length 2 and on 400 to 494 of each other length up to 9
`,
		"different": `compared with p.rasp
model.onnx (onnx-go on gonum): 14 inputs, every one up to length 3
model.safetensors (stock bert): 900 inputs, every one up to length 2 and some up to 8 of 9, 10 more on which the program is undefined, largest error 1e-06
model.onnx differs on ['a', 'b"'] at position 1: x is 'a', the file says 'z'
different: model.onnx is not equivalent to the program
`,
		"different number": `compared with p.rasp
model.safetensors (stock bert): 900 inputs, every one up to length 2 and some up to 8 of 9, 10 more on which the program is undefined, largest error 1e-06
model.safetensors differs on [3] at position 0: m is 0.3333333333333333, the file says 0.328125
different: model.safetensors is not equivalent to the program
`,
		"no number": `compared with p.rasp
model.onnx (onnx-go on gonum): 14 inputs, every one up to length 3, worst margin 0.5
model.onnx differs on [True] at position 0: m is 2, the file says something that is not a number
different: model.onnx is not equivalent to the program
`,
		"too close": `compared with p.rasp
model.onnx (onnx-go on gonum): 14 inputs, every one up to length 3, worst margin 0.5, 2 outputs right by less than 1e-05 of the largest logit
undecided: model.onnx is not shown to be equivalent to the program: 2 outputs right by less than 1e-05 of the largest logit, which other runtimes may round otherwise
`,
		"nothing tried": `compared with p.rasp
model.onnx (r): 0 inputs, every one up to length 4
undecided: model.onnx is not shown to be equivalent to the program: no input was tried on which the program is defined
`,
	}
	for name, r := range reports() {
		var b strings.Builder
		if err := r.WriteText(&b); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want[name], b.String()); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
}

func TestJSON(t *testing.T) {
	want := map[string]string{
		"equivalent": `{"result":"equivalent","program":"p.rasp","plan":{"exhaustive_to":3,"exhaustive":14,"boundary":0,"random":0,"max_len":3,"seed":7},"seconds":2.5,"files":[{"file":"model.onnx","runner":"onnx-go on gonum","inputs":14,` +
			`"undefined":0,"undefined_by":{},"weak":0,"exhaustive_to":3,"worst_margin":0.5,"max_abs_error":null,"seconds":1.5,"histogram":[{"from":0.5,"count":40},{"from":2,"count":2}],"lengths":[]}],"first_difference":null,` +
			`"assumptions":[{"sop":"x","claim":"every row selects at most one position","discharged":"exhaustive","inputs":14}],"certificate":null,"made_by":"","distance":null}`,
		"different number": `{"result":"different","program":"p.rasp","plan":{"exhaustive_to":0,"exhaustive":0,"boundary":0,"random":0,"max_len":0,"seed":0},"seconds":0,"files":[{"file":"model.safetensors","runner":"stock bert","inputs":900,` +
			`"undefined":10,"undefined_by":{},"weak":0,"exhaustive_to":2,"worst_margin":null,"max_abs_error":0.000001,"seconds":0.25,"histogram":[{"from":0,"count":90}],"lengths":[{"length":8,"tried":400,"exist":null,"all":false},{"length":9,"tried":494,"exist":null,"all":false}]}],` +
			`"first_difference":{"file":"model.safetensors","input":[3],"position":0,"expected":0.3333333333333333,"got":0.328125,"sop":"m","departure":null},` +
			`"assumptions":[],"certificate":null,"made_by":"","distance":null}`,
		"no number": `{"result":"different","program":"p.rasp","plan":{"exhaustive_to":0,"exhaustive":0,"boundary":0,"random":0,"max_len":0,"seed":0},"seconds":0,"files":[{"file":"model.onnx","runner":"onnx-go on gonum","inputs":14,` +
			`"undefined":0,"undefined_by":{},"weak":0,"exhaustive_to":3,"worst_margin":0.5,"max_abs_error":null,"seconds":1.5,"histogram":[{"from":0.5,"count":40},{"from":2,"count":2}],"lengths":[]}],` +
			`"first_difference":{"file":"model.onnx","input":[true],"position":0,"expected":2,"got":null,"sop":"m","departure":null},"assumptions":[],"certificate":null,"made_by":"","distance":null}`,
	}
	for name, r := range reports() {
		var b strings.Builder
		if err := r.WriteJSON(&b); err != nil {
			t.Fatal(err)
		}
		if text := b.String(); !json.Valid([]byte(text)) || strings.Count(text, "\n") != 1 || !strings.HasSuffix(text, "\n") {
			t.Errorf("%s: not one line of JSON: %s", name, text)
		}
		if w, ok := want[name]; ok {
			if diff := cmp.Diff(w+"\n", b.String()); diff != "" {
				t.Errorf("%s:\n%s", name, diff)
			}
		}
	}
}

func TestHistograms(t *testing.T) {
	var b strings.Builder
	if err := reports()["equivalent as far as tried"].WriteHistograms(&b); err != nil {
		t.Fatal(err)
	}
	want := "errors of model.safetensors: 90 from 0\nmargins of model.onnx: 40 from 0.5, 2 from 2\n"
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Error(diff)
	}
}

// TestJUnit reads the XML back.
func TestJUnit(t *testing.T) {
	type message struct {
		Message string `xml:"message,attr"`
	}
	type suite struct {
		XMLName  xml.Name `xml:"testsuite"`
		Name     string   `xml:"name,attr"`
		Tests    int      `xml:"tests,attr"`
		Failures int      `xml:"failures,attr"`
		Errors   int      `xml:"errors,attr"`
		Cases    []struct {
			Class   string   `xml:"classname,attr"`
			Name    string   `xml:"name,attr"`
			Time    float64  `xml:"time,attr"`
			Failure *message `xml:"failure"`
			Error   *message `xml:"error"`
			Output  string   `xml:"system-out"`
		} `xml:"testcase"`
	}
	counts := map[string][3]int{ // tests, failures, errors
		"equivalent": {1, 0, 0}, "equivalent as far as tried": {2, 0, 0}, "different": {2, 1, 0}, "different number": {1, 1, 0},
		"no number": {1, 1, 0}, "too close": {1, 0, 1}, "nothing tried": {1, 0, 1},
	}
	for name, r := range reports() {
		var b strings.Builder
		if err := r.WriteJUnit(&b, `a "suite" <1>`); err != nil {
			t.Fatal(err)
		}
		var s suite
		if err := xml.Unmarshal([]byte(b.String()), &s); err != nil || !strings.HasPrefix(b.String(), xml.Header) {
			t.Fatalf("%s: %v\n%s", name, err, b.String())
		}
		if got := [3]int{s.Tests, s.Failures, s.Errors}; got != counts[name] || len(s.Cases) != s.Tests || s.Name != `a "suite" <1>` {
			t.Errorf("%s: %v, %d cases, %s", name, got, len(s.Cases), s.Name)
		}
		c := s.Cases[0]
		if c.Class != s.Name || c.Output == "" || !strings.Contains(c.Name, r.Files[0].File) || c.Time != r.Files[0].Seconds {
			t.Errorf("%s: %+v", name, c)
		}
		if c.Failure != nil && !strings.Contains(c.Failure.Message, "expected") || c.Error != nil && !strings.Contains(c.Error.Message, "undecided") {
			t.Errorf("%s: %+v", name, c)
		}
		if name == "different" && c.Failure.Message != `['a', 'b"'] at position 1: expected 'a', got 'z'` {
			t.Errorf("%s: %s", name, c.Failure.Message)
		}
	}
}

// full is a writer with room for some bytes.
type full struct{ left int }

func (f *full) Write(b []byte) (int, error) {
	if f.left -= len(b); f.left < 0 {
		return 0, io.ErrShortWrite
	}
	return len(b), nil
}

// TestWriteErrors are passed on wherever they happen.
func TestWriteErrors(t *testing.T) {
	r := reports()["different"]
	for name, write := range map[string]func(w io.Writer) error{
		"text": r.WriteText, "histograms": r.WriteHistograms, "json": r.WriteJSON, "junit": func(w io.Writer) error { return r.WriteJUnit(w, "s") },
		"sarif": func(w io.Writer) error { return r.WriteSARIF(w, "out") },
	} {
		for _, room := range []int{0, 10, 50} {
			if err := write(&full{room}); !errors.Is(err, io.ErrShortWrite) {
				t.Errorf("%s with room for %d: %v", name, room, err)
			}
		}
		if err := write(&full{1 << 20}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
