package diag

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var samplePage = parsePage(Info{Code: LoadFailed, Kind: LoadError, Title: "file cannot be loaded"}, []byte(`One two three four
five six.

Seven.

-- wrong.rasp --
load "é";

a = 1;
-- more.rasp --
b = 2;
-- input --
abc
-- diagnostic --
error
  |
-- right.rasp --
a = 2;
`))

func TestWritePage(t *testing.T) {
	want := `error[E0701]: file cannot be loaded

One two three
four five six.

Seven.

Wrong:

    load "é";

    a = 1;

With more.rasp:

    b = 2;

Run on the input:

    abc

What is printed:

    error
      |

Right:

    a = 2;
`
	var plain, coloured strings.Builder
	if err := WritePage(&plain, samplePage, PageOptions{Width: 14}); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, plain.String()); d != "" {
		t.Errorf("the page differs (-want +got):\n%s", d)
	}
	if err := WritePage(&coloured, samplePage, PageOptions{Width: 14, Colour: true}); err != nil {
		t.Fatal(err)
	}
	stripped := coloured.String()
	for _, code := range []string{ansiReset, ansiBold, severityStyle(Error)} {
		if !strings.Contains(coloured.String(), code) {
			t.Errorf("the coloured page has no %q", code)
		}
		stripped = strings.ReplaceAll(stripped, code, "")
	}
	if d := cmp.Diff(want, stripped); d != "" {
		t.Errorf("the coloured page differs (-want +got):\n%s", d)
	}
}

// TestPageWidth checks that lines of text are full and not longer than asked.
func TestPageWidth(t *testing.T) {
	for _, width := range []int{0, 1, 20, 80} {
		var b strings.Builder
		if err := WritePage(&b, Page{Info: samplePage.Info, Text: strings.Repeat("word ", 100)}, PageOptions{Width: width}); err != nil {
			t.Fatal(err)
		}
		most := max(4, width/5*5-1)
		if width == 0 {
			most = DefaultWidth - 1
		}
		if line := strings.Split(b.String(), "\n")[2]; len(line) != most {
			t.Errorf("width %d: a line of %d columns, want %d: %q", width, len(line), most, line)
		}
	}
}

func TestPageJSON(t *testing.T) {
	got, err := json.Marshal(samplePage)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"code":"E0701","title":"file cannot be loaded","severity":"error","kind":"load_error",` +
		`"text":"One two three four five six.\n\nSeven.","wrong":"load \"é\";\n\na = 1;\n","input":"abc",` +
		`"diagnostic":"error\n  |\n","right":"a = 2;\n","loaded":{"more.rasp":"b = 2;\n"}}`
	if d := cmp.Diff(want, string(got)); d != "" {
		t.Errorf("the JSON differs (-want +got):\n%s", d)
	}
}

func TestExplain(t *testing.T) {
	p, ok := Explain(NotIn)
	if !ok || p.Severity() != Warning || p.Title != "`not` binds tighter than `in`" || p.Wrong == "" || p.Right == "" {
		t.Errorf("got %v, %v", p, ok)
	}
	for _, c := range []Code{"", "E0000", "e0401", "../table.go"} {
		if p, ok := Explain(c); ok {
			t.Errorf("%q has the page %v", c, p)
		}
	}
}

// TestExplainLine checks the line that points to a page: of the first error,
// else of the first warning, and none where nothing is reported.
func TestExplainLine(t *testing.T) {
	src := NewSource("a.rasp", "abc")
	warning, mistake := New(NotIn, Span{src, 0, 1}, "w"), New(Undefined, Span{src, 1, 2}, "e")
	for _, tt := range []struct {
		list List
		want string
	}{
		{List{warning, mistake}, "\nfor more about this error, try `raspc explain E0401`\n"},
		{List{warning}, "\nfor more about this warning, try `raspc explain W0204`\n"},
		{nil, ""},
	} {
		var plain, explained strings.Builder
		if err := WriteText(&plain, tt.list, TextOptions{}); err != nil {
			t.Fatal(err)
		}
		if err := WriteText(&explained, tt.list, TextOptions{Explain: true}); err != nil {
			t.Fatal(err)
		}
		if got, ok := strings.CutPrefix(explained.String(), plain.String()); !ok || got != tt.want {
			t.Errorf("%v: got %q, want %q", tt.list, got, tt.want)
		}
	}
}
