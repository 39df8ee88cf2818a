package generate_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/format"
	"github.com/raspc/raspc/frontend/generate"
	"github.com/raspc/raspc/frontend/resolve"
)

func TestMutateSamples(t *testing.T) {
	o := generate.Default()
	wide := o
	wide.Size, wide.Depth = generate.Range{Min: 1, Max: 64}, generate.Range{Min: 0, Max: 8}
	for i := range uint64(60) {
		p := sample(t, o, i)
		m, err := generate.Mutate(p.Source, o, i)
		if err != nil {
			t.Errorf("%v\n%s", err, p.Source)
			continue
		}
		checkSample(t, m, wide)
		if m.Source == p.Source || m.Behaviour == p.Behaviour {
			t.Errorf("the copy is the same:\n%s", m.Source)
		}
		again, err := generate.Mutate(p.Source, o, i)
		if err != nil || again.Source != m.Source {
			t.Errorf("the second copy is another one, error %v", err)
		}
	}
}

// TestMutations finds, in copies of one program, each sort of change.
func TestMutations(t *testing.T) {
	const text = `#: vocab = "abc"
#: max_len = 5
#: causal = on

same = select(tokens, tokens, ==);
n = selector_width(same) + 1;
first = tokens == "a" and indices < 2;
y = indices if first else n;
`
	var all strings.Builder
	for i := range uint64(300) {
		m, err := generate.Mutate(text, generate.Default(), i)
		if err != nil {
			t.Fatal(err)
		}
		all.WriteString(m.Source)
	}
	for _, want := range []string{
		"max_len = 8", "causal = off", "tokens, <)", "tokens, !=)", "selector_width(same) * 1", "(same) + 2", "== \"a\" or", "indices <= 2", "indices == 2",
		"select(indices, tokens", "else n + 1;", "if not first else", "selector_width(not same)",
	} {
		if !strings.Contains(all.String(), want) {
			t.Errorf("no copy has %q", want)
		}
	}
}

// TestCopiesChangeDifferentPlaces: numbers that follow each other, as there are as many places, and some of
// which nothing comes.
func TestCopiesChangeDifferentPlaces(t *testing.T) {
	const text = `#: vocab = "abc"
#: max_len = 5

same = select(tokens, tokens, ==);
n = selector_width(same) + 1;
first = tokens == "a" and indices < 2;
y = indices + n if first else n * 2;
`
	for _, from := range []uint64{0, 5, 1000} {
		lines := map[string]bool{}
		sources := map[string]bool{}
		for i := range uint64(12) {
			m, err := generate.Mutate(text, generate.Default(), from+i)
			if err != nil {
				t.Fatal(err)
			}
			sources[m.Source] = true
			for k, line := range strings.Split(m.Source, "\n") {
				if line != strings.Split(text, "\n")[k] {
					lines[fmt.Sprint(k)] = true
				}
			}
		}
		if len(sources) < 12 || len(lines) < 4 {
			t.Errorf("from %d: 12 copies are %d programs, with changes in %d lines", from, len(sources), len(lines))
		}
	}
}

// TestChangesKeepToTheMix: an operator of weight 0 is not put in.
func TestChangesKeepToTheMix(t *testing.T) {
	const text = "#: vocab = \"ab\"\n#: max_len = 4\n\nn = selector_width(select(tokens, tokens, ==) and select(indices, indices, <));\n"
	o := generate.Default()
	o.Mix.Boolean, o.Mix.Or = 0, 0
	for i := range uint64(40) {
		if m, err := generate.Mutate(text, o, i); err != nil || strings.Contains(m.Source, " or ") {
			t.Errorf("%v\n%s", err, m.Source)
		}
	}
}

// TestSameDomain copies a program, but no pragma is changed.
func TestSameDomain(t *testing.T) {
	const text = "#: vocab = \"ab\"\n#: max_len = 5\n#: causal = on\n\n"
	o := generate.Default()
	o.SameDomain = true
	for i := range uint64(60) {
		m, err := generate.Mutate(text+"y = selector_width(select(tokens, tokens, ==)) + indices;\n", o, i)
		if err != nil || !strings.HasPrefix(m.Source, text) {
			t.Errorf("%v\n%s", err, m.Source)
		}
	}
}

// TestMutateFixtures changes programs with functions, loops and warnings.
func TestMutateFixtures(t *testing.T) {
	for _, name := range []string{"sort", "hist", "dyck1", "most_freq", "frac_prevs", "bos_declared", "inputs_restricted", "next_induction"} {
		text, err := os.ReadFile(filepath.Join("..", "..", "fixtures", name+".rasp"))
		if err != nil {
			t.Fatal(err)
		}
		for i := range uint64(3) {
			m, err := generate.Mutate(string(text), generate.Default(), i)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			p, list := resolve.Run(diag.NewSource("m.rasp", m.Source), resolve.Options{})
			laidOut, err := format.Source(diag.NewSource("m.rasp", m.Source))
			if list.HasErrors() || err != nil || laidOut != m.Source {
				t.Errorf("%s: %v, %v\n%s", name, list, err, m.Source)
				continue
			}
			checkFacts(t, m, p)
		}
	}
}

func TestMutateRefuses(t *testing.T) {
	const head = "#: vocab = \"ab\"\n#: max_len = 4\n"
	for _, c := range []struct{ text, want string }{
		{"a = ", "E0203"},
		{"a = b;", "E0401"},
		{head + "s = select(tokens, tokens, ==);", "no s-op"},
		{"a = indices + 1;", "no vocabulary"},
		{"#: vocab = \"ab\"\n#: max_len = 100\na = indices + 1;", "inputs of up to 100"},
		{head + "x = indices;\nfor i in range(70) { x = x + i; }", "70 operators"},
		{head + "n = 0;\nfor i in range(500000) { n = n + i; }\na = indices + n;", "E0902"},
		{head + "load \"other\";\na = indices + 1;", "E0701"},
	} {
		_, err := generate.Mutate(c.text, generate.Default(), 0)
		var list diag.List
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.HasPrefix(c.want, "E") != errors.As(err, &list) {
			t.Errorf("%v is not about %q:\n%s", err, c.want, c.text)
		}
	}
	_, err := generate.Mutate(head+"a = tokens;", generate.Default(), 0)
	var exhausted *generate.ExhaustedError
	if err != nil && !errors.As(err, &exhausted) {
		t.Error(err)
	}
}

// FuzzMutate gives hostile text and a number: what comes of it is an error or a
// program that can be read.
func FuzzMutate(f *testing.F) {
	for i := range uint64(4) {
		p, err := generate.Sample(generate.Default(), i)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(p.Source, i)
	}
	f.Add("#: vocab = \"ab\"\n#: max_len = 4\ndef f(x) { return x + 1 if x > 1 else x; }\nfor i in [1, 2] { y = f(indices) + i; }", uint64(1))
	f.Add("#: vocab = [1, 2.5]\n#: tokens = float\n#: max_len = 3\n#: inputs = \"1.*\"\nx = round(tokens * 3) ^ 2;", uint64(2))
	f.Add("#: vocab = \"ab\"\n#: max_len = 4\nx = select(\n# here\ntokens, tokens, ==  );\ny = selector_width(x);", uint64(3))
	f.Fuzz(func(t *testing.T, text string, index uint64) {
		m, err := generate.Mutate(text, generate.Default(), index)
		if err != nil {
			return
		}
		if _, list := resolve.Run(diag.NewSource("m.rasp", m.Source), resolve.Options{}); list.HasErrors() {
			t.Errorf("%v\n%s", list, m.Source)
		}
	})
}
