package repl_test

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raspc/raspc/frontend/repl"
	"github.com/raspc/raspc/internal/golden"
)

// album keeps drawings by name.
type album map[string]string

func (a album) save(name string, svg []byte) (string, error) {
	a[name] = string(svg)
	return "album/" + name, wellFormed(string(svg))
}

func wellFormed(svg string) error {
	d := xml.NewDecoder(strings.NewReader(svg))
	for {
		if _, err := d.Token(); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
}

const sorting = `examples off
smaller = select(tokens_int, tokens_int, <);
same_earlier = select(tokens_int, tokens_int, ==) and select(indices, indices, <);
rank = selector_width(smaller or same_earlier);
sorted = aggregate(select(rank, indices, ==), tokens_int);
`

// TestDraw draws an s-op with two layers, and says where.
func TestDraw(t *testing.T) {
	a := album{}
	out := converse(t, repl.Options{Save: a.save}, sorting+"draw(sorted, \"3122\");\n")
	if want := ">> \tdrawn into album/sorted-3122\n\t =  [1, 2, 2, 3] (ints)\n>> \n"; !strings.HasSuffix(out, want) {
		t.Errorf("%q does not end in %q", out, want)
	}
	golden.Compare(t, filepath.Join("testdata", "sorted.svg"), a["sorted-3122"])
}

// TestDrawings counts what stands in drawings.
func TestDrawings(t *testing.T) {
	chain := "x = indices" + strings.Repeat(" + 1", 400) + ";\n"
	many := "x = indices;\nfor i in range(400) { x = x + count(tokens, i); }\n"
	for name, tt := range map[string]struct {
		lines string
		want  map[string]int // what stands how often in the one drawing; nil for none
		said  string
	}{
		"on the running example": {"set example \"abc\"\ndraw(indices);\n", map[string]int{">indices(&#34;abc&#34;)<": 2, `class="sop"`: 1, `class="head"`: 0}, "indices-abc"},
		"a head used twice is drawn once": {
			"s = select(tokens, tokens, ==);\nx = aggregate(s, indices) + selector_width(s);\ndraw(x);\n",
			map[string]int{`class="head"`: 1, `class="sop"`: 5, ">layer 1<": 1, ">s<": 1}, "x-hello",
		},
		"a head used in two layers is drawn in both": {
			"s = select(tokens, tokens, ==);\nx = aggregate(s, aggregate(s, indices));\ndraw(x);\n",
			map[string]int{`class="head"`: 2, ">layer 2<": 1}, "x-hello",
		},
		"unnamed steps are passed over":  {chain + "draw(x[0] + 1);\n", map[string]int{`class="sop"`: 4}, "drawn"},
		"names cannot break the picture": {"set example [\"<&\", \"\x01\"]\ndraw(tokens);\n", map[string]int{"&lt;&amp;": 3, "\x01": 0}, "drawn into album/tokens-x01\n"},
		"long inputs are cut":            {"set example range(300)\ndraw(selector_width(full_s));\n", map[string]int{">…<": 1, `class="selected"`: 400}, "drawn"},
		"in loops":                       {"for x in [indices] { draw(x); }\n", map[string]int{`class="sop"`: 1}, "drawn"},
		"in endless loops":               {"for i in range(1000) { draw(indices); }\n", map[string]int{`class="sop"`: 1}, "too much work to show"},
		"a constant":                     {"draw(tokens == [1]);\n", map[string]int{`class="sop"`: 1}, "drawn"},
		"too many":                       {many + "draw(x);\n", nil, "a drawing of more than 150"},
		"undefined":                      {"draw(tokens_int);\n", nil, "something went wrong: the token"},
		"too long":                       {"draw(selector_width(full_s), range(10000));\n", nil, "too much work"},
		"no s-op":                        {"draw(full_s);\n", nil, "`draw` needs an s-op"},
		"no input":                       {"draw(tokens, 1);\n", nil, "an input is a string"},
	} {
		t.Run(name, func(t *testing.T) {
			a := album{}
			out := converse(t, repl.Options{Save: a.save}, "examples off\n"+tt.lines)
			if !strings.Contains(out, tt.said) || len(a) != min(1, len(tt.want)) {
				t.Errorf("%d drawings, and said %q", len(a), out)
			}
			for _, svg := range a {
				for text, want := range tt.want {
					if got := strings.Count(svg, text); got != want {
						t.Errorf("%q stands %d times, want %d", text, got, want)
					}
				}
			}
		})
	}
}

func TestDrawingFails(t *testing.T) {
	full := func(string, []byte) (string, error) { return "", errors.New("disk full") }
	out := converse(t, repl.Options{Save: full}, "examples off\ndraw(indices);\n1;\n")
	if want := ">> something went wrong: the drawing cannot be written: disk full\n>>     value: out =  1\n>> \n"; !strings.HasSuffix(out, want) {
		t.Errorf("%q", out)
	}
}

// TestDrawingFile writes a drawing into its folder, below the working directory.
func TestDrawingFile(t *testing.T) {
	t.Chdir(t.TempDir())
	converse(t, repl.Options{}, "draw(indices, \"a/../b\");\ndraw(indices, \"a\");\n")
	entries, err := os.ReadDir("comp_flows")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if diff := cmp.Diff([]string{"indices-a-b.svg", "indices-a.svg"}, got); diff != "" {
		t.Error(diff)
	}
	if err := os.WriteFile("blocked", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll("comp_flows"); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("blocked", "comp_flows"); err != nil {
		t.Fatal(err)
	}
	if out := converse(t, repl.Options{}, "draw(indices);\n"); !strings.Contains(out, "the drawing cannot be written") {
		t.Errorf("%q", out)
	}
}
