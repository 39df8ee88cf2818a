package syntax

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestLayout checks that the arrangement of text on lines does not matter where
// it should not, and does where it should.
func TestLayout(t *testing.T) {
	tests := map[string]struct {
		text string
		want []any
	}{
		"several statements a line": {
			"a = 1; b = 2; def f(x) { return x; } f(a);",
			[]any{
				[]any{"assign", []any{"a"}, []any{[]any{"int", "1"}}},
				[]any{"assign", []any{"b"}, []any{[]any{"int", "2"}}},
				[]any{"def", "f", []any{"x"}, []any{}, []any{[]any{"id", "x"}}},
				[]any{"expr", []any{"call", []any{"id", "f"}, []any{[]any{"id", "a"}}}},
			},
		},
		"breaks anywhere": {
			"a\n=\n(1\n+\n2)\n[\n0\n]\n;",
			[]any{[]any{"assign", []any{"a"}, []any{
				[]any{"index", []any{"bin", "+", []any{"int", "1"}, []any{"int", "2"}}, []any{"int", "0"}},
			}}},
		},
		"line ends of all kinds": {
			"a;\r\nb;\rc;\n",
			[]any{[]any{"expr", []any{"id", "a"}}, []any{"expr", []any{"id", "b"}}, []any{"expr", []any{"id", "c"}}},
		},
		"console statements end with their line": {
			"set example [1,\n2]\n(a)[0];\nset example x if p\nelse y\n-z;\nset example \"a\" +\n\"b\"\n[1];",
			[]any{
				[]any{"set-example", "both", []any{"list", []any{[]any{"int", "1"}, []any{"int", "2"}}}},
				[]any{"expr", []any{"index", []any{"id", "a"}, []any{"int", "0"}}},
				[]any{"set-example", "both", []any{"if", []any{"id", "p"}, []any{"id", "x"}, []any{"id", "y"}}},
				[]any{"expr", []any{"un", "-", []any{"id", "z"}}},
				[]any{"set-example", "both", []any{"bin", "+", []any{"str", "a"}, []any{"str", "b"}}},
				[]any{"expr", []any{"list", []any{[]any{"int", "1"}}}},
			},
		},
		"console statements": {
			"set s-op example a set selector example b show s-op example full seq display on full seq display off quit exit",
			[]any{
				[]any{"set-example", "s-op", []any{"id", "a"}},
				[]any{"set-example", "selector", []any{"id", "b"}},
				[]any{"show-example", "s-op"},
				[]any{"full-seq", "on"}, []any{"full-seq", "off"}, []any{"exit"}, []any{"exit"},
			},
		},
		"glued tokens need their parenthesis": {
			"select (x); a-op; s-op examples on range_; lens(zips); exits;",
			[]any{
				[]any{"expr", []any{"call", []any{"id", "select"}, []any{[]any{"id", "x"}}}},
				[]any{"expr", []any{"bin", "-", []any{"id", "a"}, []any{"id", "op"}}},
				[]any{"examples", "s-op", "on"},
				[]any{"expr", []any{"id", "range_"}},
				[]any{"expr", []any{"call", []any{"id", "lens"}, []any{[]any{"id", "zips"}}}},
				[]any{"expr", []any{"id", "exits"}},
			},
		},
		"byte order mark": {"\uFEFFa;", []any{[]any{"expr", []any{"id", "a"}}}},
		"strings have no escapes": {
			`"a\"; "日本";`,
			[]any{[]any{"expr", []any{"str", `a\`}}, []any{"expr", []any{"str", "日本"}}},
		},
		"draw": {
			"draw(a); draw (a, \"x\");",
			[]any{[]any{"draw", []any{"id", "a"}}, []any{"draw", []any{"id", "a"}, []any{"str", "x"}}},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			f, list := parse(tt.text)
			if list.HasErrors() {
				t.Fatal(list)
			}
			if d := cmp.Diff(tt.want, stmtList(f.Stmts)); d != "" {
				t.Error(d)
			}
		})
	}
}

// TestIncomplete checks what makes a console ask for another line.
func TestIncomplete(t *testing.T) {
	tests := map[string]bool{
		"a = 1":              true,
		"a = (1 +":           true,
		"def f(x) {":         true,
		"def f(x) { y = x;":  true,
		"select(a,":          true,
		"a = 1;":             false,
		"a = );":             false,
		"a = ) b = 1":        false,
		"# nothing":          false,
		"set example [1,":    true,
		"set example":        true,
		"for i in [1] { a;}": false,
	}
	for text, want := range tests {
		if f, _ := parse(text); f.Incomplete != want {
			t.Errorf("%q: incomplete %v, want %v", text, f.Incomplete, want)
		}
	}
}

// TestSpans checks that every node spans its text.
func TestSpans(t *testing.T) {
	f, list := parse("a = f( -x )[ 1 ] + ( y if z else \"s\" ) ;  # c\n#: max_len = 3\nb;")
	if list.HasErrors() {
		t.Fatal(list)
	}
	var got []string
	for _, s := range f.Stmts {
		got = append(got, s.Span().Text())
	}
	Inspect(f.Stmts[0].(*Assign).Values[0], func(e Expr) { got = append(got, e.Span().Text()) })
	for _, p := range f.Pragmas {
		got = append(got, p.Span().Text(), p.Key.Span().Text(), p.Value.Span().Text())
	}
	for _, c := range f.Comments {
		got = append(got, c.Span().Text())
	}
	want := []string{
		"a = f( -x )[ 1 ] + ( y if z else \"s\" ) ;", "b;",
		"f( -x )[ 1 ] + ( y if z else \"s\" )", "f( -x )[ 1 ]", "f( -x )", "f", "-x", "x", "1",
		"( y if z else \"s\" )", "y if z else \"s\"", "y", "z", "\"s\"",
		"#: max_len = 3", "max_len", "3",
		"# c",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}
