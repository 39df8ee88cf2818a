package diag

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// find is the span of a word's first occurrence.
func find(src *Source, word string) Span {
	start := strings.Index(src.Text(), word)
	return Span{src, start, start + len(word)}
}

func TestApply(t *testing.T) {
	src := NewSource("a", "one two three")
	two := find(src, "two")
	edits := append(Enclose(two, "(", ")"), Insert(two, "["), Edit{find(src, "three"), "3"}, Append(two, "]"))
	if got, want := Apply(src, edits), "one ([two)] 3"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := Apply(src, nil); got != src.Text() {
		t.Errorf("without edits: %q", got)
	}
	if got, want := (Fix{Edits: edits}).Span().Text(), "two three"; got != want {
		t.Errorf("the edits span %q, want %q", got, want)
	}
	if got := (Fix{}).Span(); !got.IsZero() {
		t.Errorf("no edits span %v", got)
	}
}

// TestApplyProperty cuts a text at random places and replaces each second piece.
func TestApplyProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pieces := rapid.SliceOf(rapid.StringMatching(`[aé\n]{0,3}`)).Draw(t, "pieces")
		src := NewSource("a", strings.Join(pieces, ""))
		var edits []Edit
		var want strings.Builder
		at := 0
		for i, p := range pieces {
			if i%2 == 1 {
				edits = append(edits, Edit{Span{src, at, at + len(p)}, "<" + p})
				want.WriteString("<")
			}
			want.WriteString(p)
			at += len(p)
		}
		if got := Apply(src, rapid.Permutation(edits).Draw(t, "edits")); got != want.String() && distinctStarts(edits) {
			t.Fatalf("%q becomes %q, want %q", src.Text(), got, want.String())
		}
	})
}

// distinctStarts reports whether the order of the edits does not matter.
func distinctStarts(edits []Edit) bool {
	for i := 1; i < len(edits); i++ {
		if edits[i-1].Span.Start == edits[i].Span.Start {
			return false
		}
	}
	return true
}

func TestLines(t *testing.T) {
	for _, tt := range []struct{ text, word, above, removed string }{
		{"a\n\tb X c\nd", "X", "a\n\tnew\n\tb X c\nd", "a\n\tb c\nd"},
		{"a\r\nX\r\nd", "X", "a\r\nnew\r\nX\r\nd", "a\r\nd"},
		{"a\r  X  \rd", "X", "a\r  new\r  X  \rd", "a\rd"},
		{"X", "X", "new\nX", ""},
		{"\uFEFFX b", "X", "\uFEFFnew\nX b", "\uFEFF b"},
		{"\uFEFF X\nb", "X", "\uFEFF new\n X\nb", "\uFEFFb"},
		{"a X", "X", "new\na X", "a"},
		{"a X # c", "X", "new\na X # c", "a # c"},
	} {
		src := NewSource("a", tt.text)
		at := find(src, tt.word)
		if d := cmp.Diff(tt.above, Apply(src, []Edit{NewLine(at, "new")})); d != "" {
			t.Errorf("%q: a line above: %s", tt.text, d)
		}
		if d := cmp.Diff(tt.removed, Apply(src, []Edit{Remove(at)})); d != "" {
			t.Errorf("%q: removed: %s", tt.text, d)
		}
	}
}

func TestFixJSON(t *testing.T) {
	src := NewSource("a.rasp", "é = x\n")
	d := New(MissingSemicolon, find(src, "x").After(), "missing").
		WithFix(Fix{Title: "end it", Edits: []Edit{Append(find(src, "x"), ";")}, Safe: true}).
		WithEdit("take another", find(src, "x\n"), "y")
	var b strings.Builder
	if err := WriteJSON(&b, List{d}, 0); err != nil {
		t.Fatal(err)
	}
	want := `{"code":"E0201","severity":"error","message":"missing","file":"a.rasp","line":1,"column":6,"notes":[],"help":"","class":"always","fixes":[` +
		`{"title":"end it","safe":true,"edits":[{"file":"a.rasp","line":1,"column":6,"end_line":1,"end_column":6,"text":";"}]},` +
		`{"title":"take another","safe":false,"edits":[{"file":"a.rasp","line":1,"column":5,"end_line":2,"end_column":1,"text":"y"}]}]}` + "\n"
	if d := cmp.Diff(want, b.String()); d != "" {
		t.Error(d)
	}
}

func TestClass(t *testing.T) {
	fault := New(UndefinedInput, Span{}, "m")
	for _, tt := range []struct {
		d     Diagnostic
		class Class
		input string
	}{
		{fault, Always, ""},
		{fault.WithWitness(OnInput, []any{"a", 1}), OnInput, `["a",1]`},
		{fault.WithWitness(OnExample, []string{"<"}), OnExample, `["<"]`},
		{fault.WithWitness(OnInput, func() {}), OnInput, ""},
		{New(NotIn, Span{}, "m"), "", ""},
		{Diagnostic{Severity: Note}, "", ""},
	} {
		var input []any
		if tt.input != "" {
			if err := json.Unmarshal(tt.d.Witness(), &input); err != nil {
				t.Errorf("%s: %v", tt.d.Witness(), err)
			}
		}
		if got := tt.d.Class(); got != tt.class || (len(input) > 0) != (tt.input != "") {
			t.Errorf("%v is of class %q with the input %s, not %q with %s", tt.d, got, tt.d.Witness(), tt.class, tt.input)
		}
	}
	var b strings.Builder
	if err := WriteJSON(&b, List{fault.WithWitness(OnInput, []any{"<"})}, 0); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Class Class
		Input []string
	}
	if err := json.Unmarshal([]byte(b.String()), &got); err != nil || got.Class != OnInput || len(got.Input) != 1 || got.Input[0] != "<" {
		t.Errorf("%s reads as %v, %v", b.String(), got, err)
	}
}

// TestFixLine checks the last line of a report, which counts safe fixes.
func TestFixLine(t *testing.T) {
	src, loaded := NewSource("a", "abc"), NewSource("b", "abc")
	plain := New(NotIn, Span{src, 0, 1}, "w").WithEdit("e", Span{src, 0, 1}, "")
	fixed := plain.WithFix(Fix{Title: "f", Edits: Enclose(Span{src, 0, 1}, "(", ")"), Safe: true})
	elsewhere := New(NotIn, Span{loaded, 0, 1}, "w").WithFix(Fix{Title: "f", Edits: Enclose(Span{loaded, 0, 1}, "(", ")"), Safe: true})
	for _, tt := range []struct {
		list List
		file string
		want string
	}{
		{List{plain, elsewhere}, "a", ""},
		{List{plain, fixed, elsewhere}, "a", "\n1 safe fix can be made by `--fix`\n"},
		{List{fixed, fixed}, "a", "\n2 safe fixes can be made by `--fix`\n"},
		{List{fixed}, "", ""},
	} {
		var without, with strings.Builder
		if err := WriteText(&without, tt.list, TextOptions{}); err != nil {
			t.Fatal(err)
		}
		if err := WriteText(&with, tt.list, TextOptions{Fixable: tt.file}); err != nil {
			t.Fatal(err)
		}
		if got, ok := strings.CutPrefix(with.String(), without.String()); !ok || got != tt.want {
			t.Errorf("%v: got %q, want %q", tt.list, got, tt.want)
		}
	}
}
