package pipeline_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raspc/raspc/backend/decoder"
	"github.com/raspc/raspc/backend/pipeline"
	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/resolve"
	"github.com/raspc/raspc/frontend/value"
)

const head = "#: tokens = int\n#: vocab = [0, 1, 3]\n#: max_len = 4\n"

// busy is a program that every stage has something to do with.
const busy = head + `
	h = selector_width(select(tokens, tokens, ==));
	p = aggregate(select(indices, indices - 1, ==), tokens, 7);
	m = aggregate(select(indices, indices, <=), tokens) - aggregate(select(indices, indices, <=), p);
	x = h > 2 or p + m > 5;
`

func run(t testing.TB, text string, o pipeline.Options) *pipeline.Result {
	t.Helper()
	o.Check = true
	r, err := pipeline.Run(diag.NewSource("test.rasp", text), o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func dump(t testing.TB, r *pipeline.Result, stage string) string {
	t.Helper()
	var b strings.Builder
	if err := pipeline.Dump(&b, r, stage); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestDumpsAreStable compiles again and again: no dump differs.
func TestDumpsAreStable(t *testing.T) {
	for _, opt := range []int{0, 1} {
		first := run(t, busy, pipeline.Options{Opt: opt})
		for range 4 {
			again := run(t, busy, pipeline.Options{Opt: opt})
			for _, stage := range pipeline.Names() {
				want := dump(t, first, stage)
				if diff := cmp.Diff(want, dump(t, again, stage)); diff != "" || want == "" {
					t.Fatalf("%s: %s", stage, diff)
				}
			}
			if diff := cmp.Diff(first.Layout.Model, again.Layout.Model); diff != "" {
				t.Fatal(diff)
			}
		}
	}
}

// TestDeadCode adds what the output does not depend on. In front of the program
// it gives all nodes other ids, and unnamed ones other numbers; behind it, it
// changes nothing at all. The weights stay the same.
func TestDeadCode(t *testing.T) {
	const dead = `
		unused = aggregate(select(tokens, 1, ==), tokens + indices * 2);
		other = selector_width(select(tokens, indices, >)) + unused;
		def f(x) { return x + other; }
		dead = f(tokens) * f(indices);
		#: output = x
	`
	for _, opt := range []int{0, 1} {
		want := run(t, busy, pipeline.Options{Opt: opt})
		before := run(t, head+dead+strings.TrimPrefix(busy, head), pipeline.Options{Opt: opt})
		if diff := cmp.Diff(want.Layout.Model, before.Layout.Model); diff != "" {
			t.Errorf("opt %d: in front: %s", opt, diff)
		}
		behind := run(t, busy+dead, pipeline.Options{Opt: opt})
		for _, stage := range []string{"simplify", "values", "craft", "layout", "decoder"} {
			if diff := cmp.Diff(dump(t, want, stage), dump(t, behind, stage)); diff != "" {
				t.Errorf("opt %d: %s: %s", opt, stage, diff)
			}
		}
	}
}

// TestShuffledStatements writes the same program in every order that its names
// permit. The models are equally large and compute the same.
func TestShuffledStatements(t *testing.T) {
	lines := []string{
		"a = selector_width(select(tokens, tokens, ==));", "b = aggregate(select(indices, indices - 1, ==), tokens, 7);",
		"c = aggregate(select(indices, indices, <=), tokens);", "d = tokens * 2;",
	}
	var sizes string
	var outputs []string
	for _, order := range permutations(len(lines)) {
		text := head
		for _, i := range order {
			text += lines[i] + "\n"
		}
		r := run(t, text+"x = a > 2 or b + c > d;", pipeline.Options{Opt: 1})
		c := r.Layout.Model.Config
		_, nonzero := r.Layout.Model.Params()
		got := fmt.Sprintf("%+v, %d weights", c, nonzero)
		if sizes == "" {
			sizes, outputs = got, labels(t, r)
		}
		if got != sizes {
			t.Errorf("order %v: %s, not %s", order, got, sizes)
		}
		if diff := cmp.Diff(outputs, labels(t, r)); diff != "" {
			t.Errorf("order %v: %s", order, diff)
		}
	}
}

func permutations(n int) [][]int {
	if n == 0 {
		return [][]int{nil}
	}
	var all [][]int
	for _, rest := range permutations(n - 1) {
		for at := range n {
			all = append(all, slices.Insert(slices.Clone(rest), at, n-1))
		}
	}
	return all
}

// labels runs the decoder on all inputs of up to three tokens.
func labels(t *testing.T, r *pipeline.Result) []string {
	t.Helper()
	var all []string
	f := decoder.NewForward(r.Layout.Model)
	for k := range 27 {
		ids := []int{r.Layout.Model.Config.BOS, k % 3, k / 3 % 3, k / 9}
		logits, err := f.Run(ids)
		if err != nil {
			t.Fatal(err)
		}
		for i := range 3 {
			v, _ := r.Craft.Output.Decode(logits.RawRowView(i + 1))
			all = append(all, v.Repr())
		}
	}
	return all
}

func TestUntil(t *testing.T) {
	for i, stage := range pipeline.Names() {
		r := run(t, busy, pipeline.Options{Opt: 1, Until: stage})
		var ran []string
		for _, timing := range r.Timings {
			ran = append(ran, timing.Stage)
		}
		if !slices.Equal(ran, pipeline.Names()[:i+1]) {
			t.Errorf("until %s: %v ran", stage, ran)
		}
		if dump(t, r, stage) == "" {
			t.Errorf("the dump of %s is empty", stage)
		}
	}
	var b strings.Builder
	if err := pipeline.Dump(&b, run(t, busy, pipeline.Options{}), "lower"); err == nil || !strings.Contains(err.Error(), "ast, sop") {
		t.Errorf("an unknown stage: %v", err)
	}
}

// TestDiagnostics gives each stage a program that it refuses.
func TestDiagnostics(t *testing.T) {
	for name, tt := range map[string]struct {
		text string
		opts pipeline.Options
		code diag.Code
		at   string // a part of the line that is pointed at; empty for none
		last string // stage
	}{
		"syntax":           {head + "x = ;", pipeline.Options{}, "", "x = ;", "ast"},
		"names":            {head + "x = y;", pipeline.Options{}, diag.Undefined, "x = y", "sop"},
		"an override":      {head + "x = tokens;", pipeline.Options{Overrides: []resolve.Override{{Flag: "--max-len", Text: "max_len = 0"}}}, diag.BadMaxLen, "max_len = 0", "sop"},
		"a load":           {head + "load \"lib\"; x = tokens;", pipeline.Options{}, "", "load", "sop"},
		"no output":        {head + "x = 1;", pipeline.Options{}, diag.NoOutput, "", "values"},
		"a selector":       {head + "s = full_s;", pipeline.Options{}, diag.OutputIsSelector, "s = full_s", "values"},
		"no domain":        {"x = tokens;", pipeline.Options{}, diag.MissingDomain, "", "values"},
		"no length":        {"#: vocab = \"ab\"\nx = tokens;", pipeline.Options{}, diag.MissingDomain, "", "values"},
		"too many values":  {"#: tokens = int\n#: vocab = 0..255\n#: max_len = 128\nx = aggregate(full_s, tokens);", pipeline.Options{}, diag.SetTooLarge, "x = aggregate", "values"},
		"undefined":        {head + "x = 1 / tokens;", pipeline.Options{}, diag.UndefinedInput, "x = 1 / tokens", "values"},
		"strings averaged": {head + "x = aggregate(select(tokens, tokens, ==), tokens_str);", pipeline.Options{}, diag.UndefinedInput, "x = aggregate", "values"},
		"no such s-op":     {busy, pipeline.Options{Materialize: []string{"q"}}, diag.UnknownTarget, "--> --materialize:1:1", "craft"},
		"no s-op":          {head + "s = full_s; x = selector_width(s);", pipeline.Options{Materialize: []string{"s"}}, diag.UnknownTarget, "`s` is a selector", "craft"},
		"nearly an s-op":   {head + "name = tokens; x = 2 * name;", pipeline.Options{Materialize: []string{"nmae"}}, diag.UnknownTarget, "did you mean `name`?", "craft"},
		"not computable":   {head + "x = tokens * 10^45 + 0.5;", pipeline.Options{}, diag.CannotLower, "x = tokens", "craft"},
	} {
		t.Run(name, func(t *testing.T) {
			tt.opts.Check = true
			r, err := pipeline.Run(diag.NewSource("test.rasp", tt.text), tt.opts)
			var list diag.List
			if !errors.As(err, &list) || len(list) == 0 {
				t.Fatalf("got %v", err)
			}
			if tt.code != "" && list[0].Code != tt.code {
				t.Errorf("got %s: %s", list[0].Code, list[0].Message)
			}
			if r == nil || r.Timings[len(r.Timings)-1].Stage != tt.last {
				t.Errorf("stopped at %+v", r.Timings)
			}
			var b strings.Builder
			if err := diag.WriteText(&b, list, diag.TextOptions{}); err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(b.String(), tt.at) {
				t.Errorf("%s\ndoes not show %q", b.String(), tt.at)
			}
		})
	}
}

// TestEncode obeys the pragma, after all rewrites.
func TestEncode(t *testing.T) {
	for word, want := range map[string]string{"numerical": "numeric, 1 logits", "categorical": "categorical, 3 logits"} {
		r := run(t, head+"#: encode x = "+word+"\ny = tokens; x = y / 2;\n", pipeline.Options{Opt: 1})
		if text := dump(t, r, "craft"); !strings.Contains(text, "output x: "+want) {
			t.Errorf("%s:\n%s", word, text)
		}
	}
}

// TestDomain takes settings from pragmas and overrides.
func TestDomain(t *testing.T) {
	r := run(t, "#: vocab = \"ab\"\n#: bos = \"§\"\n#: max_len = 3\n#: causal = on\n#: inputs = \"§a*\"\nx = tokens;",
		pipeline.Options{Overrides: []resolve.Override{{Flag: "--max-len", Text: "max_len = 5"}}})
	d := r.Domain
	if d.MaxLen != 5 || !d.Causal || d.BOS == nil || d.BOS.Text() != "§" || len(d.Vocab) != 3 || d.Vocab[0].Text() != "§" {
		t.Errorf("got %+v", d)
	}
	if d.Accept([]value.Value{value.Str("§"), value.Str("b")}) || !d.Accept([]value.Value{value.Str("§"), value.Str("a")}) {
		t.Error("the pattern is not obeyed")
	}
}
