package diag

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestPositions(t *testing.T) {
	src := NewSource("a.rasp", "ab\ncé日x\r\n\rz")
	tests := []struct {
		offset int
		want   Position
	}{
		{-5, Position{1, 1}}, {0, Position{1, 1}}, {2, Position{1, 3}}, {3, Position{2, 1}},
		{6, Position{2, 3}}, {9, Position{2, 4}}, {12, Position{3, 1}}, {13, Position{4, 1}},
		{14, Position{4, 2}}, {999, Position{4, 2}},
	}
	for _, tt := range tests {
		if got := src.Position(tt.offset); got != tt.want {
			t.Errorf("offset %d: %v, want %v", tt.offset, got, tt.want)
		}
	}
	for line, want := range map[int]string{0: "", 1: "ab", 2: "cé日x", 3: "", 4: "z", 5: ""} {
		if got := src.Line(line); got != want {
			t.Errorf("line %d: %q, want %q", line, got, want)
		}
	}
}

// TestPositionProperty compares Position with a walk over the text.
func TestPositionProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOf(rapid.SampledFrom([]string{"a", "é", "\n", "\r\n", "日"})).Draw(t, "text"), "")
		src := NewSource("p", text)
		want := Position{1, 1}
		skipped := false
		for i, r := range text {
			if got := src.Position(i); !skipped && got != want {
				t.Fatalf("%q offset %d: %v, want %v", text, i, got, want)
			}
			skipped = r == '\r'
			if r == '\n' {
				want = Position{want.Line + 1, 1}
			} else if r != '\r' {
				want.Column++
			}
		}
	})
}

func TestTable(t *testing.T) {
	codes := Codes()
	if !slices.IsSortedFunc(codes, func(a, b Info) int { return strings.Compare(string(a.Code), string(b.Code)) }) {
		t.Error("the table is not sorted by code")
	}
	for i, c := range codes {
		if i > 0 && codes[i-1].Code == c.Code {
			t.Errorf("%s stands twice", c.Code)
		}
		if c.Title == "" || c.Kind == "" || len(c.Code) != 5 {
			t.Errorf("%q is incomplete", c)
		}
		if warning := c.Code[0] == 'W'; warning != (c.Kind == Advice) || warning != (New(c.Code, Span{}, "").Severity == Warning) {
			t.Errorf("%s: kind %s does not suit", c.Code, c.Kind)
		}
		if got, ok := Lookup(c.Code); !ok || got != c {
			t.Errorf("Lookup(%s) = %v, %v", c.Code, got, ok)
		}
	}
	for _, c := range []Code{"", "E0000", "E0106", "X9999"} {
		if info, ok := Lookup(c); ok {
			t.Errorf("Lookup(%q) = %v", c, info)
		}
	}
}

func sample() (*Source, List) {
	src := NewSource("dir/a.rasp", "x = 1;\n\ty = nosuch + (2;\nlong\u202e;\n")
	lib := NewSource("b.rasp", "z = y;\n")
	at := func(s *Source, from, to int) Span { return Span{Source: s, Start: from, End: to} }
	return src, List{
		New(ShadowsLibrary, at(src, 0, 1), "odd name"),
		New(UnclosedBracket, at(src, 23, 24), "expected `)`, found `;`").
			WithLabel(at(src, 21, 22), "`(` opened here").
			WithLabel(at(src, 0, 6), "first line").
			WithLabel(at(lib, 0, 1), "used here"),
		New(Undefined, at(src, 12, 18), "undefined variable `nosuch`").
			WithText("not defined here").WithNote("names are\nlooked up late").WithHelp("did you mean `such`?"),
		New(GraphLimit, Span{}, "too many s-ops"),
		New(UnexpectedToken, at(src, 25, 32), "direction \u202e mark"),
	}
}

func TestText(t *testing.T) {
	_, list := sample()
	var b strings.Builder
	if err := WriteText(&b, list, TextOptions{}); err != nil {
		t.Fatal(err)
	}
	want := `warning[W0301]: odd name
 --> dir/a.rasp:1:1
  |
1 | x = 1;
  | ^

error[E0401]: undefined variable ` + "`nosuch`" + `
 --> dir/a.rasp:2:6
  |
2 |     y = nosuch + (2;
  |         ^^^^^^ not defined here
  |
  = note: names are�looked up late
  = help: did you mean ` + "`such`" + `?

error[E0204]: expected ` + "`)`, found `;`" + `
 --> dir/a.rasp:2:17
  |
2 |     y = nosuch + (2;
  |                    ^
  |                  - ` + "`(`" + ` opened here
1 | x = 1;
  | ------ first line
 ::: b.rasp:1:1
1 | z = y;
  | - used here

error[E0202]: direction � mark
 --> dir/a.rasp:3:1
  |
3 | long�;
  | ^^^^^

error[E0904]: too many s-ops
`
	if d := cmp.Diff(want, b.String()); d != "" {
		t.Error(d)
	}
}

func TestColour(t *testing.T) {
	_, list := sample()
	var plain, coloured strings.Builder
	if err := WriteText(&plain, list, TextOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := WriteText(&coloured, list, TextOptions{Colour: true}); err != nil {
		t.Fatal(err)
	}
	stripped := coloured.String()
	for _, code := range []string{ansiReset, ansiBold, ansiBlue, severityStyle(Error), severityStyle(Warning)} {
		stripped = strings.ReplaceAll(stripped, code, "")
	}
	if d := cmp.Diff(plain.String(), stripped); d != "" {
		t.Error(d)
	}
}

func TestLongLine(t *testing.T) {
	src := NewSource("l", strings.Repeat("a", 5000)+"BAD"+strings.Repeat("c", 5000))
	var b strings.Builder
	if err := WriteText(&b, List{New(Undefined, Span{src, 5000, 5003}, "x")}, TextOptions{}); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(b.String(), "\n")
	if len(lines[3]) > 200 || !strings.Contains(lines[3], "BAD") {
		t.Errorf("shown line: %q", lines[3])
	}
	// The carets stand below the marked text.
	shown, under := []rune(lines[3]), []rune(lines[4])
	if i := strings.Index(string(under), "^^^"); string(shown[i:i+3]) != "BAD" {
		t.Errorf("carets are off:\n%s", b.String())
	}
}

func TestJSON(t *testing.T) {
	_, list := sample()
	var b strings.Builder
	if err := WriteJSON(&b, list[1:4], 2); err != nil {
		t.Fatal(err)
	}
	want := "{\"code\":\"E0401\",\"severity\":\"error\",\"message\":\"undefined variable `nosuch`\",\"file\":\"dir/a.rasp\",\"line\":2,\"column\":6," +
		"\"notes\":[\"names are\\nlooked up late\"],\"help\":\"did you mean `such`?\",\"class\":\"always\"}\n" +
		"{\"code\":\"E0204\",\"severity\":\"error\",\"message\":\"expected `)`, found `;`\",\"file\":\"dir/a.rasp\",\"line\":2,\"column\":17," +
		"\"notes\":[\"dir/a.rasp:2:15: `(` opened here\",\"dir/a.rasp:1:1: first line\",\"b.rasp:1:1: used here\"],\"help\":\"\",\"class\":\"always\"}\n" +
		"{\"code\":\"\",\"severity\":\"note\",\"message\":\"1 more diagnostic\",\"file\":\"\",\"line\":0,\"column\":0,\"notes\":[],\"help\":\"\"}\n"
	if d := cmp.Diff(want, b.String()); d != "" {
		t.Error(d)
	}
	for _, line := range strings.Split(strings.TrimSpace(b.String()), "\n") {
		if !json.Valid([]byte(line)) {
			t.Errorf("not JSON: %s", line)
		}
	}
}

func TestCap(t *testing.T) {
	src := NewSource("c", strings.Repeat("x\n", 100))
	var list List
	for i := range 30 {
		code := ShadowsLibrary
		if i >= 12 && i < 20 {
			code = Undefined
		}
		list = append(list, New(code, Span{src, 2 * i, 2*i + 1}, "m%d", i))
	}
	shown, rest := capped(list.Sorted(), 0)
	if len(shown) != DefaultMax || rest != 20 || len(shown.Errors()) != 8 {
		t.Errorf("%d shown, %d errors among them, %d left out", len(shown), len(shown.Errors()), rest)
	}
	if shown, rest := capped(list, -1); len(shown) != 30 || rest != 0 {
		t.Errorf("no cap: %d shown, %d left out", len(shown), rest)
	}
	var b strings.Builder
	if err := WriteText(&b, list, TextOptions{}); err != nil || !strings.HasSuffix(b.String(), "\n… and 20 more\n") {
		t.Errorf("%v: %q", err, b.String())
	}
}

func TestListErr(t *testing.T) {
	var r Report
	r.Add(New(ShadowsLibrary, Span{}, "w"))
	if err := r.List().Err(); err != nil {
		t.Errorf("warnings alone are an error: %v", err)
	}
	src := NewSource("f", "abc")
	r.Add(New(Undefined, Span{src, 1, 2}, "one"))
	r.Add(New(Undefined, Span{src, 1, 2}, "one"))
	r.AddAll(List{New(Reserved, Span{src, 0, 1}, "two")})
	err := r.List().Err()
	var list List
	if !errors.As(err, &list) || len(list) != 3 || r.NumErrors() != 2 || !r.HasErrors() {
		t.Errorf("got %v", err)
	}
	if want := "f:1:1: error[E0402]: two (and 1 more)"; err.Error() != want {
		t.Errorf("got %q, want %q", err, want)
	}
	if got := (List{}).Error(); got != "no errors" {
		t.Errorf("got %q", got)
	}
	if k := list[0].Kind(); k != ReservedName {
		t.Errorf("kind %q", k)
	}
}

// TestCopies checks that the With methods leave their receiver alone.
func TestCopies(t *testing.T) {
	base := New(Undefined, Span{}, "m").WithNote("a").WithLabel(Span{}, "l")
	x, y := base.WithNote("x").WithLabel(Span{}, "lx"), base.WithNote("y").WithLabel(Span{}, "ly")
	if len(base.Notes) != 1 || x.Notes[1] != "x" || y.Notes[1] != "y" || x.Labels[1].Text != "lx" || y.Labels[1].Text != "ly" {
		t.Errorf("copies share memory: %v %v %v", base, x, y)
	}
}

func TestNearest(t *testing.T) {
	names := []string{"vocab", "max_len", "tokens", "causal", "output"}
	for word, want := range map[string]string{
		"vocba": "vocab", "vocabulary": "", "maxlen": "max_len", "Tokens": "tokens", "tokesn": "tokens",
		"ouput": "output", "zzz": "", "": "", "casual": "causal", "vocab": "",
	} {
		if got := Nearest(word, names); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", word, got, want)
		}
	}
}

// TestEditDistance checks the bounded distance against the defining recursion.
func TestEditDistance(t *testing.T) {
	var slow func(a, b string) int
	slow = func(a, b string) int {
		if a == "" || b == "" {
			return len(a) + len(b)
		}
		best := min(slow(a[1:], b)+1, slow(a, b[1:])+1, slow(a[1:], b[1:])+differ(rune(a[0]), rune(b[0])))
		if len(a) > 1 && len(b) > 1 && a[0] == b[1] && a[1] == b[0] {
			best = min(best, slow(a[2:], b[2:])+1)
		}
		return best
	}
	word := rapid.StringMatching(`[abc]{0,5}`)
	rapid.Check(t, func(t *rapid.T) {
		a, b := word.Draw(t, "a"), word.Draw(t, "b")
		limit := rapid.IntRange(1, 6).Draw(t, "limit")
		if got, want := editDistance(a, b, limit), min(limit, slow(a, b)); got != want {
			t.Fatalf("%q %q: %d, want %d", a, b, got, want)
		}
	})
}

func TestSpans(t *testing.T) {
	src := NewSource("s", "hello\nworld")
	a, b := Span{src, 1, 3}, Span{src, 6, 8}
	if got := a.To(b); got.Text() != "ello\nwo" || b.To(a) != got {
		t.Errorf("To: %q", got.Text())
	}
	if other := (Span{NewSource("o", "x"), 0, 1}); a.To(other) != a {
		t.Error("spans of two sources were joined")
	}
	if got := a.After(); got.Start != 3 || got.Text() != "" {
		t.Errorf("After: %v", got)
	}
	if got := b.EndPos(); got != (Position{2, 3}) {
		t.Errorf("EndPos: %v", got)
	}
	var zero Span
	if zero.String() != "-" || zero.Text() != "" || zero.Pos() != (Position{}) || zero.EndPos() != (Position{}) || !zero.IsZero() {
		t.Error("the zero span is not nowhere")
	}
}

func TestWords(t *testing.T) {
	if Plural(1, "byte") != "1 byte" || Plural(0, "byte") != "0 bytes" || Plural(2, "fix") != "2 fixes" {
		t.Error("Plural")
	}
	if Either("a") != "a" || Either("a", "b", "c") != "a, b or c" || Either() != "" {
		t.Error("Either")
	}
}
