package lower_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/raspc/raspc/craft"
	"github.com/raspc/raspc/craft/lower"
	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/interp"
	"github.com/raspc/raspc/frontend/resolve"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
	"github.com/raspc/raspc/frontend/values"
)

// subject is a program and what lowering made of it.
type subject struct {
	graph  *sop.Graph
	out    sop.ID
	domain values.Domain
	table  *values.Table
	prog   *craft.Program
	oracle *interp.Evaluator // of the output and all nodes that variables hold
	held   []bool            // by variable: holds the values of its node
}

// attempt resolves a program, pragmas included, and lowers it.
func attempt(t testing.TB, text string, opts lower.Options, materialize ...string) (*subject, error) {
	t.Helper()
	p, list := resolve.Run(diag.NewSource("test.rasp", text), resolve.Options{})
	if err := list.Err(); err != nil {
		t.Fatal(err)
	}
	set := p.Settings
	d := values.Domain{Vocab: set.Alphabet(), MaxLen: set.MaxLen.Value, Causal: set.Causal.Value, Accept: set.Accept()}
	if set.BOS.Set {
		d.BOS = &set.BOS.Value
	}
	for _, name := range materialize {
		b, ok := p.Lookup(name)
		if !ok {
			t.Fatalf("no s-op is called %s", name)
		}
		opts.Materialize = append(opts.Materialize, b.Value.(resolve.SOp).ID)
	}
	return attemptGraph(p.Graph, p.Output.ID, d, opts)
}

// attemptGraph infers value sets, lowers, and checks.
func attemptGraph(g *sop.Graph, out sop.ID, d values.Domain, opts lower.Options) (*subject, error) {
	table, err := values.Infer(g, out, d)
	if err != nil {
		return nil, err
	}
	p, err := lower.Lower(table, out, opts)
	if err != nil {
		return nil, err
	}
	s := &subject{graph: g, out: out, domain: d, table: table, prog: p}
	s.observe()
	return s, craft.Check(p)
}

// lowered is attempt for programs that must compile.
func lowered(t testing.TB, text string, opts lower.Options, materialize ...string) *subject {
	t.Helper()
	s, err := attempt(t, text, opts, materialize...)
	if err != nil {
		t.Fatalf("%s\n%v", text, err)
	}
	return s
}

// observe prepares the evaluation of what variables hold. A variable that holds
// classes of values, or joins two variables of a selector, holds no s-op's
// values.
func (s *subject) observe() {
	nodes := []sop.ID{s.out}
	for _, v := range s.prog.Variables {
		joined := strings.Contains(v.Name, " class of ")
		held := v.Encoding == craft.Numeric || !joined && slices.EqualFunc(v.Values, s.table.Set(v.SOp), value.Equal)
		s.held = append(s.held, held)
		if held && v.SOp != values.RawToken {
			nodes = append(nodes, v.SOp)
		}
	}
	s.oracle = interp.New(s.graph, s.domain.Causal, nodes...)
}

// tokens spells token ids.
func (s *subject) tokens(ids []int) []value.Value {
	in := make([]value.Value, len(ids))
	for i, id := range ids {
		in[i] = s.domain.Vocab[id]
	}
	return in
}

// inputs returns all inputs of the domain up to a length.
func (s *subject) inputs(longest int) [][]int {
	var all [][]int
	for n := 1; n <= min(longest, s.domain.MaxLen); n++ {
		ids := make([]int, n)
		for more := true; more; more = next(ids, len(s.domain.Vocab)) {
			all = append(all, slices.Clone(ids))
		}
	}
	return slices.DeleteFunc(all, func(ids []int) bool { return !s.accepts(ids) })
}

func (s *subject) accepts(ids []int) bool {
	return s.domain.Accept == nil || s.domain.Accept(s.tokens(ids))
}

// random draws inputs of the longest lengths.
func (s *subject) random(count int, seed uint64) [][]int {
	rng := rand.New(rand.NewPCG(seed, 7))
	var all [][]int
	for k := range count {
		ids := make([]int, s.domain.MaxLen-k%3*(s.domain.MaxLen/3))
		some := 1 + rng.IntN(len(s.domain.Vocab))
		for i := range ids {
			ids[i] = (some + rng.IntN(some)) % len(s.domain.Vocab)
		}
		if s.accepts(ids) {
			all = append(all, ids)
		}
	}
	return all
}

// code is what direction k of a variable holds where the variable's value is x.
func code(v *craft.Variable, k int, x value.Value) float64 {
	on := false
	switch v.Encoding {
	case craft.Digits:
		i := slices.IndexFunc(v.Values, func(y value.Value) bool { return value.Equal(x, y) })
		return float64(v.Digit(i, k)) / v.Scale.Float64()
	case craft.Numeric:
		return x.Rat().Quo(v.Scale).Float64()
	case craft.Steps:
		on = value.Compare(x, v.Values[k+1]) >= 0
	case craft.Marks:
		on = slices.ContainsFunc(v.Sets[k], func(i int) bool { return value.Equal(v.Values[i], x) })
	default:
		on = value.Equal(v.Values[k], x)
	}
	if on {
		return 1
	}
	return 0
}

// place is a direction of a variable at one position: row 0 is BOS.
type place struct {
	v      *craft.Variable
	row, k int
}

// codes compares the residual stream, n+1 rows, with the codes of the oracle's
// values and calls report for each direction with its code and content. Where
// the value is not the oracle's to know, the code is the nearest of 0 and 1.
func (s *subject) codes(ids []int, r *interp.Result, residual func(row, d int) float64, report func(at place, want, got float64)) {
	in := s.tokens(ids)
	for i := range s.prog.Variables {
		v := &s.prog.Variables[i]
		for k := range v.Size() {
			report(place{v, 0, k}, v.AtBOS[k].Float64(), residual(0, v.First+k))
			for at := range in {
				got := residual(at+1, v.First+k)
				want := 0.0
				switch {
				case v.SOp == values.RawToken:
					want = code(v, k, in[at])
				case s.held[i]:
					want = code(v, k, r.Sequence(v.SOp)[at])
				case got > 0.5:
					want = 1
				}
				report(place{v, at + 1, k}, want, got)
			}
		}
	}
}

// exact runs the program in float64 on the inputs and compares every variable,
// at every position, and the output with the oracle. It skips inputs on which
// the program is undefined, and fails if none is left.
func (s *subject) exact(t testing.TB, inputs [][]int) {
	t.Helper()
	run, ran := craft.NewRunner(s.prog), 0
	for _, ids := range inputs {
		want, err := s.oracle.Run(s.tokens(ids))
		if err != nil {
			continue
		}
		ran++
		got, err := run.Run(ids)
		if err != nil {
			t.Fatal(err)
		}
		s.codes(ids, want, func(row, d int) float64 { return got.Residual[row][d] }, func(at place, want, got float64) {
			if e := math.Abs(got - want); !(e <= at.v.Noise+1e-9) {
				t.Fatalf("%v: row %d: %s holds %g, want %g (error bound %g)", ids, at.row, s.prog.Residual[at.v.First+at.k], got, want, at.v.Noise)
			}
		})
		s.logits(t, ids, want, got.Logits)
	}
	if ran == 0 {
		t.Fatal("the program is undefined on all inputs")
	}
}

// logits compares the outputs of one input.
func (s *subject) logits(t fataler, ids []int, want *interp.Result, logits [][]float64) {
	t.Helper()
	for i, w := range want.Sequence(s.out) {
		got, x := s.prog.Output.Decode(logits[i])
		if s.prog.Output.Encoding == craft.Numeric {
			if e := math.Abs(x - w.Rat().Float64()); !(e <= 2e-5*s.largest()) {
				t.Fatalf("%v: position %d: got %g, want %s", ids, i, x, w.Rat())
			}
		} else if !value.Equal(got, w) || !(x >= 0.25) {
			t.Fatalf("%v: position %d: got %s by %g, want %s", ids, i, got.Repr(), x, w.Repr())
		}
	}
}

// largest is the size to which the error of a numeric output is relative.
func (s *subject) largest() float64 {
	most := 1.0
	for _, v := range s.table.Set(s.out) {
		most = max(most, math.Abs(v.Rat().Float64()))
	}
	return most
}

// neurons counts the hidden neurons of all MLPs.
func (s *subject) neurons() int {
	n := 0
	for _, part := range s.prog.Parts {
		if part.MLP != nil {
			n += len(part.MLP.Hidden)
		}
	}
	return n
}

// heads lists the heads of a kind.
func (s *subject) heads(kind craft.HeadKind) []*craft.Head {
	var hs []*craft.Head
	for _, part := range s.prog.Parts {
		if part.Head != nil && part.Head.Kind == kind {
			hs = append(hs, part.Head)
		}
	}
	return hs
}

// pragmas spells a domain.
func pragmas(kind, vocab string, maxLen int) string {
	return fmt.Sprintf("#: tokens = %s\n#: vocab = %s\n#: max_len = %d\n", kind, vocab, maxLen)
}

// fataler is what checks need of a test; rapid has tests of its own.
type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}
