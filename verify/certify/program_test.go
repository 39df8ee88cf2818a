package certify

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/resolve"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
)

// small resolves a program for few tokens and short inputs.
func small(t *testing.T, path string) (Spec, bool) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	src := diag.NewSource(filepath.Base(path), string(text))
	p, list := resolve.Run(src, resolve.Options{Read: resolve.ReadFile})
	if list.Err() != nil || p.Output == nil || p.Output.Selector || !p.Settings.Vocab.Set {
		return Spec{}, false
	}
	const tokens, length = 3, 4
	vocab := p.Settings.Alphabet()
	if len(vocab) > tokens {
		vocab = vocab[:tokens]
	}
	s := Spec{
		Graph: p.Graph, Output: p.Output.ID, Causal: p.Settings.Causal.Value, MaxLen: length, Vocab: vocab,
	}
	if p.Settings.BOS.Set {
		if s.BOS = &p.Settings.BOS.Value; !contains(vocab, *s.BOS) {
			s.Vocab = append(vocab[:len(vocab)-1:len(vocab)-1], *s.BOS)
		}
	}
	return s, true
}

func contains(vs []value.Value, v value.Value) bool {
	for _, w := range vs {
		if value.Equal(v, w) {
			return true
		}
	}
	return false
}

// everyProgram calls test with each program of the fixtures and the corpus.
func everyProgram(t *testing.T, test func(t *testing.T, s Spec)) {
	var paths []string
	for _, pattern := range []string{"*.rasp", "corpus/*.rasp", "tracr/*.rasp"} {
		found, err := filepath.Glob(filepath.Join("..", "..", "fixtures", pattern))
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, found...)
	}
	tried := 0
	for _, path := range paths {
		s, ok := small(t, path)
		if !ok {
			continue
		}
		tried++
		t.Run(strings.TrimSuffix(filepath.Base(path), ".rasp"), func(t *testing.T) { test(t, s) })
	}
	if tried < 100 {
		t.Errorf("only %d programs could be tried", tried)
	}
}

// TestReached runs every program on all its inputs: each value of an atom, each
// combination of values and each row of a selector must be one that the analysis
// allows for.
func TestReached(t *testing.T) {
	everyProgram(t, func(t *testing.T, s Spec) {
		free, err := newProgram(t.Context(), s)
		if err != nil {
			return // undecided is no claim
		}
		free.limit = 1 << 12
		p, r := reached(t, s)
		checkStates(t, free, p, r)
		checkRows(t, p, r)
	})
}

// reached analyses a program with the values that occur beside it.
func reached(t *testing.T, s Spec) (*program, *reach) {
	t.Helper()
	s.Accept = func([]value.Value) bool { return true }
	p, err := newProgram(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	if p.reach == nil || p.reach.err != nil {
		t.Fatalf("no inputs, or %v", p.reach.err)
	}
	return p, p.reach
}

// looked lists the s-ops that proofs look at: the output, and what selectors
// compare and aggregates take and give.
func looked(p *program) []nodeID {
	ids := []nodeID{p.order[len(p.order)-1]}
	for _, id := range p.order {
		switch n := p.g.Node(id); n.Op {
		case sop.Aggregate, sop.Width:
			ids = append(append(ids, id), n.Args[1:]...)
		case sop.Select:
			ids = append(ids, n.Args...)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// checkStates looks for each occurring combination among the states of each
// s-op. Both programs have the same atoms, in the same order.
func checkStates(t *testing.T, free, p *program, r *reach) {
	t.Helper()
	if len(free.atoms) != len(p.atoms) {
		t.Fatalf("%d atoms and %d", len(free.atoms), len(p.atoms))
	}
	for _, id := range looked(p) {
		ls := free.newLeaves()
		ls.program(id)
		states, err := ls.states()
		if err != nil {
			continue // undecided is no claim
		}
		all := ls.merged()
		known := map[string]bool{}
		for _, at := range states {
			known[keyOf(sumsAt(all, at))] = true
		}
		for i := range r.at {
			at, ok := translated(free, p, r.at[i])
			if !ok {
				t.Errorf("%s: a value at position %d of an input of length %d is none of its atom's", free.describe(id), r.runs[i].pos, r.runs[i].n)
				break
			}
			if !known[keyOf(sumsAt(all, at))] {
				t.Errorf("%s: values at position %d of an input of length %d are not among its states", free.describe(id), r.runs[i].pos, r.runs[i].n)
				break
			}
			want := r.runs[i].run.Sequence(id)[r.runs[i].pos]
			if got, err := free.eval(id, at); err != nil || !value.Equal(got, want) {
				t.Errorf("%s is %v where the interpreter gives %s (%v)", free.describe(id), got, want.Repr(), err)
				break
			}
		}
	}
}

// translated numbers values as another program does.
func translated(to, from *program, at assignment) (assignment, bool) {
	out := make(assignment, len(at))
	for a, i := range at {
		if !to.atoms[a].listed() {
			continue
		}
		v := from.atoms[a].values[i]
		k, ok := slices.BinarySearchFunc(to.atoms[a].values, v, value.Compare)
		if !ok && a != int(tokenAtom) {
			return nil, false
		}
		if out[a] = int32(k); a == int(tokenAtom) {
			out[a] = i
		}
	}
	return out, true
}

func sumsAt(all []leaf, at assignment) []float64 {
	sums := make([]float64, len(all))
	for i, l := range all {
		for _, t := range l {
			sums[i] += t.table[at[t.atom]]
		}
	}
	return sums
}

// checkRows compares what is claimed of selectors with their rows.
func checkRows(t *testing.T, p *program, r *reach) {
	t.Helper()
	for _, id := range p.order {
		if !p.g.Node(id).Selector() {
			continue
		}
		f, formula := p.fact(id), p.g.Formula(id)
		for _, o := range r.runs {
			width := 0
			for k := range r.keys(o) {
				if r.selects(formula, o, k) {
					width++
				}
			}
			if width < f.least || width > f.most || f.single && width > 1 || f.nonempty && width == 0 {
				t.Errorf("%s selects %d positions at %d of %d; claimed: %+v", p.describe(id), width, o.pos, o.n, f)
				break
			}
		}
	}
}

// TestHardPrograms holds the test above to programs that are hard on it.
func TestHardPrograms(t *testing.T) {
	for _, text := range []string{
		`nth = selector_width(select(tokens, tokens, ==) and select(indices, indices, <)); result = aggregate(select(tokens, tokens, ==) and select(nth, 0, ==), indices, -1);`,
		`rank = selector_width(select(tokens, tokens, <) or select(tokens, tokens, ==) and select(indices, indices, <)); result = aggregate(select(rank, indices, ==), tokens, "-");`,
		`rank = selector_width(select(tokens, tokens, >) or select(tokens, tokens, ==) and select(indices, indices, >=)); result = aggregate(select(rank, indices, ==), tokens, "-");`,
		`a = count(tokens, "a"); b = count(tokens, "b"); result = a - b == length - 2 * b;`,
		`s = select(indices, indices, <=); result = round((indices + 1) * aggregate(s, indicator(tokens == "a"))) - round((indices + 1) * aggregate(s, indicator(tokens == "b")));`,
		`s = select(indices, indices + 1, ==) or select(indices, indices - 1, ==); result = selector_width(s) * 2 + indicator(has_focus(s));`,
		`s = select(tokens, tokens, !=); result = 1 / (1 + selector_width(s)) + aggregate(s, indices, 7);`,
		`s = select(length - 1 - indices, indices, ==); result = aggregate(s, tokens, "-");`,
		`s = select(tokens, "b", ==) and select(indices, indices, <=); result = selector_width(s) >= selector_width(select(tokens, "b", ==));`,
	} {
		for _, causal := range []string{"on", "off"} {
			src := diag.NewSource("hard.rasp", text)
			p, list := resolve.Run(src, resolve.Options{Overrides: []resolve.Override{
				{Flag: "--vocab", Text: `vocab = "abc"`}, {Flag: "--max-len", Text: "max_len = 4"}, {Flag: "--causal", Text: "causal = " + causal},
			}})
			if err := list.Err(); err != nil {
				t.Fatal(err)
			}
			name, _ := json.Marshal(text[:20])
			t.Run(string(name)+causal, func(t *testing.T) {
				s := Spec{Graph: p.Graph, Output: p.Output.ID, Causal: causal == "on", MaxLen: 4, Vocab: p.Settings.Alphabet()}
				free, err := newProgram(t.Context(), s)
				if err != nil {
					t.Fatal(err)
				}
				reachedProgram, r := reached(t, s)
				checkStates(t, free, reachedProgram, r)
				checkRows(t, reachedProgram, r)
			})
		}
	}
}
