package diag

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/raspc/raspc/frontend/sarif"
)

// sarifLog renders a list and reads the log again.
func sarifLog(t testing.TB, l List, complete bool) sarif.Run {
	t.Helper()
	var b strings.Builder
	if err := WriteSARIF(&b, l, "check", complete); err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(strings.NewReader(b.String()))
	d.DisallowUnknownFields()
	var log sarif.Log
	if err := d.Decode(&log); err != nil {
		t.Fatal(err)
	}
	if log.Version != "2.1.0" || len(log.Runs) != 1 {
		t.Fatalf("version %q, %d runs", log.Version, len(log.Runs))
	}
	return log.Runs[0]
}

func TestSARIF(t *testing.T) {
	src, lib := NewSource("my dir/a.rasp", "é = nosuch;\nb = 1"), NewSource("lib.rasp", "x;\n")
	name := find(src, "nosuch")
	got := sarifLog(t, List{
		New(NotBindsTight, find(src, "b"), "later in the text"),
		New(Undefined, name, "undefined variable").WithText("here").WithLabel(find(lib, "x"), "loaded here").
			WithNote("it is none").WithHelp("define it").WithEdit("write `b`", name, "b").WithWitness(OnInput, []string{"a"}),
		New(FileTruncated, InFile("out/model.onnx"), "too short"),
		New(BadMaxLen, Span{NewSource("--max-len", "max_len = 0"), 10, 11}, "a flag"),
		New(MissingDomain, Span{}, "nowhere"),
	}, false)

	if got.Invocations[0].ExecutionSuccessful || got.ColumnKind != "unicodeCodePoints" || got.AutomationDetails.ID != "raspc check/" {
		t.Errorf("the run is %+v", got)
	}
	file := sarif.ArtifactLocation{URI: "my%20dir/a.rasp"}
	region := sarif.Region{StartLine: 1, StartColumn: 5, EndLine: 1, EndColumn: 11}
	here := sarif.Location{Physical: sarif.PhysicalLocation{Artifact: file, Region: &region}, Message: &sarif.Message{Text: "here"}}
	want := []sarif.Result{
		{RuleID: "E0401", Level: "error", Message: sarif.Message{Text: "undefined variable\nnote: it is none\nhelp: define it"},
			Locations: []sarif.Location{here},
			RelatedLocations: []sarif.Location{{Message: &sarif.Message{Text: "loaded here"},
				Physical: sarif.PhysicalLocation{Artifact: sarif.ArtifactLocation{URI: "lib.rasp"}, Region: &sarif.Region{StartLine: 1, StartColumn: 1, EndLine: 1, EndColumn: 2}}}},
			Fixes: []sarif.Fix{{Description: sarif.Message{Text: "write `b`"}, Changes: []sarif.ArtifactChange{{Artifact: file,
				Replacements: []sarif.Replacement{{Deleted: region, Inserted: sarif.Message{Text: "b"}}}}}}},
			Properties: map[string]any{"class": "input", "input": []any{"a"}}},
		{RuleID: string(NotBindsTight), Level: "warning", Message: sarif.Message{Text: "later in the text"}, Locations: []sarif.Location{
			{Physical: sarif.PhysicalLocation{Artifact: file, Region: &sarif.Region{StartLine: 2, StartColumn: 1, EndLine: 2, EndColumn: 2}}}}},
		{RuleID: "E1201", Level: "error", Message: sarif.Message{Text: "too short"}, Properties: map[string]any{"class": "always"},
			Locations: []sarif.Location{{Physical: sarif.PhysicalLocation{Artifact: sarif.ArtifactLocation{URI: "out/model.onnx"}}}}},
		{RuleID: "E0306", Level: "error", Message: sarif.Message{Text: "a flag"}, Properties: map[string]any{"class": "always"}},
		{RuleID: "E1001", Level: "error", Message: sarif.Message{Text: "nowhere"}, Properties: map[string]any{"class": "always"}},
	}
	for i := range want {
		want[i].RuleIndex = i
	}
	if d := cmp.Diff(want, got.Results); d != "" {
		t.Errorf("the results differ (-want +got):\n%s", d)
	}
}

// TestSARIFRules describes every code.
func TestSARIFRules(t *testing.T) {
	for _, info := range Codes() {
		run := sarifLog(t, List{New(info.Code, Span{}, "m"), New(info.Code, Span{}, "n")}, true)
		if rules := run.Tool.Driver.Rules; len(rules) != 1 || len(run.Results) != 2 || rules[run.Results[1].RuleIndex].ID != string(info.Code) {
			t.Errorf("%s: rules %+v", info.Code, rules)
			continue
		}
		rule := run.Tool.Driver.Rules[0]
		page, _ := Explain(info.Code)
		switch {
		case rule.ShortDescription.Text != info.Title || rule.Default.Level != run.Results[0].Level:
			t.Errorf("%s: %+v", info.Code, rule)
		case rule.Help == nil || rule.Help.Text == "" || strings.Contains(rule.Help.Text, "\n") || !strings.HasPrefix(page.Text, rule.Help.Text):
			t.Errorf("%s: the help is %+v", info.Code, rule.Help)
		}
	}
}

// TestSARIFFixes makes the fixes of a log by lines and columns of runes, as
// readers of the format do.
func TestSARIFFixes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		src := NewSource("a.rasp", strings.Join(rapid.SliceOf(rapid.SampledFrom([]string{"a", "é", "日", "\n", "\r\n", "𝔸"})).Draw(t, "text"), ""))
		var starts []int // of the runes, and the end
		for i := range src.Text() {
			if i == 0 || src.Text()[i-1:i+1] != "\r\n" { // no place of its own
				starts = append(starts, i)
			}
		}
		starts = append(starts, len(src.Text()))
		from := rapid.IntRange(0, len(starts)-1).Draw(t, "from")
		to := rapid.IntRange(from, len(starts)-1).Draw(t, "to")
		edit := Edit{Span{src, starts[from], starts[to]}, rapid.SampledFrom([]string{"", "x", "é\n"}).Draw(t, "new")}
		d := New(Undefined, edit.Span, "m").WithFix(Fix{Title: "t", Edits: []Edit{edit}})
		var b strings.Builder
		if err := WriteSARIF(&b, List{d}, "check", true); err != nil {
			t.Fatal(err)
		}
		var log sarif.Log
		if err := json.Unmarshal([]byte(b.String()), &log); err != nil {
			t.Fatal(err)
		}
		r := log.Runs[0].Results[0].Fixes[0].Changes[0].Replacements[0]
		if got, want := replaced(src.Text(), r), Apply(src, []Edit{edit}); got != want {
			t.Fatalf("%+v makes %q, want %q", r, got, want)
		}
	})
}

// replaced makes a replacement, counting lines and runes by itself.
func replaced(text string, r sarif.Replacement) string {
	runes, places := []rune(text), []sarif.Region{}
	at := sarif.Region{StartLine: 1, StartColumn: 1}
	for i, c := range runes {
		places = append(places, at)
		at.StartColumn++
		if c == '\n' || c == '\r' && (i+1 == len(runes) || runes[i+1] != '\n') {
			at.StartLine, at.StartColumn = at.StartLine+1, 1
		}
	}
	places = append(places, at)
	offset := func(line, column int) int {
		return slices.Index(places, sarif.Region{StartLine: line, StartColumn: column})
	}
	from, to := offset(r.Deleted.StartLine, r.Deleted.StartColumn), offset(r.Deleted.EndLine, r.Deleted.EndColumn)
	return string(runes[:from]) + r.Inserted.Text + string(runes[to:])
}
