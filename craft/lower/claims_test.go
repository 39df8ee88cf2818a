package lower_test

import (
	"errors"
	"testing"

	"pgregory.net/rapid"

	"github.com/raspc/raspc/craft/lower"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/sop/soptest"
	"github.com/raspc/raspc/frontend/value"
	"github.com/raspc/raspc/frontend/values"
)

// TestClaimsOfRandomPrograms executes random programs in float32.
func TestClaimsOfRandomPrograms(t *testing.T) {
	compiled := 0
	rapid.Check(t, func(t *rapid.T) {
		g := soptest.Graph(40).Draw(t, "graph")
		d := values.Domain{
			Vocab: []value.Value{value.IntOf(0), value.IntOf(1), value.IntOf(3)}, MaxLen: rapid.IntRange(2, 12).Draw(t, "length"),
			Causal: rapid.Bool().Draw(t, "causal"),
		}
		if holds(t, g, root(g), d) {
			compiled++
		}
	})
	t.Logf("%d programs compiled", compiled)
}

// TestClaimsOfArithmetic executes random arithmetic on numbers of all sizes,
// and what compares, selects and averages its results.
func TestClaimsOfArithmetic(t *testing.T) {
	compiled := 0
	rapid.Check(t, func(t *rapid.T) {
		b := &arithmetic{t: t, g: sop.NewGraph()}
		d := b.domain()
		b.operands()
		for range rapid.IntRange(1, 6).Draw(t, "steps") {
			b.step()
		}
		if holds(t, b.g, b.numbers[len(b.numbers)-1], d) {
			compiled++
		}
	})
	t.Logf("%d programs compiled", compiled)
}

// holds lowers a program and checks its claims on some inputs, several times
// each. It returns false where the program is refused.
func holds(t *rapid.T, g *sop.Graph, out sop.ID, d values.Domain) bool {
	s, err := attemptGraph(g, out, d, lower.Options{MaterializeAll: rapid.Bool().Draw(t, "materialize")})
	var le *lower.Error
	var limit *values.LimitError
	var unsupported *values.UnsupportedError
	if errors.As(err, &le) || errors.As(err, &limit) || errors.As(err, &unsupported) {
		return false
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, sop.Dump(g, out))
	}
	for k, ids := range append(s.inputs(2), s.random(12, 1)...) {
		want, err := s.oracle.Run(s.tokens(ids))
		if err != nil {
			continue
		}
		x, logits := newSingle(s.prog, uint64(k)).run(ids)
		s.claims(t, ids, want, x)
		s.logits(t, ids, want, widened(logits))
	}
	return true
}

// root is the last s-op of a graph.
func root(g *sop.Graph) sop.ID {
	for id := sop.ID(g.Len() - 1); ; id-- {
		if !g.Node(id).Selector() {
			return id
		}
	}
}

// arithmetic draws programs whose s-ops are numbers.
type arithmetic struct {
	t         *rapid.T
	g         *sop.Graph
	numbers   []sop.ID
	selectors []sop.ID
}

// domain draws a small vocabulary of numbers of any size.
func (b *arithmetic) domain() values.Domain {
	offset := rapid.SampledFrom([]int64{0, 0, -3, 1000, 1 << 20}).Draw(b.t, "offset")
	scale := rapid.SampledFrom([]int64{1, 1, 3, 1000, 1 << 22}).Draw(b.t, "scale")
	d := values.Domain{MaxLen: rapid.IntRange(2, 16).Draw(b.t, "length"), Causal: rapid.Bool().Draw(b.t, "causal")}
	for _, k := range rapid.SliceOfNDistinct(rapid.Int64Range(0, 6), 1, 4, rapid.ID[int64]).Draw(b.t, "vocab") {
		d.Vocab = append(d.Vocab, value.IntOf(offset+scale*k))
	}
	return d
}

// operands are the tokens and positions, a count, a copy and a mean.
func (b *arithmetic) operands() {
	var at sop.Pos
	g := b.g
	tokens, idx := g.Tokens(sop.ReadAsIs, at), g.Indices(at)
	same := g.Select(tokens, tokens, value.EQ, at)
	before := g.Map(sop.Sub, at, idx, g.Const(value.IntOf(1), at))
	previous := g.Select(idx, before, value.EQ, at)
	b.selectors = []sop.ID{same, previous, g.Select(idx, idx, value.LE, at), g.Full(at)}
	b.numbers = []sop.ID{tokens, idx, g.Width(same, at), g.Aggregate(previous, tokens, b.fraction(), at)}
}

func (b *arithmetic) number() sop.ID {
	return b.numbers[len(b.numbers)-1-rapid.IntRange(0, len(b.numbers)-1).Draw(b.t, "argument")]
}

func (b *arithmetic) selector() sop.ID { return rapid.SampledFrom(b.selectors).Draw(b.t, "selector") }

// fraction draws a constant, which may be large or have no exact float.
func (b *arithmetic) fraction() *value.Value {
	n := rapid.SampledFrom([]int64{1, 2, 3, -1, 5, 7, 1000, 99999}).Draw(b.t, "numerator")
	d := rapid.SampledFrom([]int64{1, 1, 2, 3, 7, 10}).Draw(b.t, "denominator")
	v := value.Number(value.KindFloat, value.Frac(n, d))
	return &v
}

func (b *arithmetic) step() {
	var at sop.Pos
	g, t := b.g, b.t
	var made sop.ID
	switch rapid.IntRange(0, 9).Draw(t, "step") {
	case 0, 1:
		op := rapid.SampledFrom([]sop.Op{sop.Add, sop.Sub, sop.Mul}).Draw(t, "op")
		made = g.Map(op, at, b.number(), b.number())
	case 2, 3:
		op := rapid.SampledFrom([]sop.Op{sop.Add, sop.Mul, sop.Div, sop.Mod}).Draw(t, "op")
		made = g.Map(op, at, b.number(), g.Const(*b.fraction(), at))
	case 4:
		made = g.Map(rapid.SampledFrom([]sop.Op{sop.Round, sop.Neg, sop.Indicator}).Draw(t, "op"), at, b.number())
	case 5:
		made = g.Map(sop.If, at, g.Compare(b.cmp(), b.number(), b.number(), at), b.number(), b.number())
	case 6:
		made = g.Compare(b.cmp(), b.number(), g.Const(*b.fraction(), at), at)
	case 7:
		made = g.Aggregate(b.selector(), b.number(), b.fraction(), at)
	case 8:
		b.selectors = append(b.selectors, g.Select(b.number(), b.number(), b.cmp(), at))
		made = g.Width(b.selector(), at)
	default:
		b.selectors = append(b.selectors, g.SelOr(b.selector(), b.selector(), at))
		made = g.Aggregate(b.selectors[len(b.selectors)-1], b.number(), nil, at)
	}
	b.numbers = append(b.numbers, made)
}

func (b *arithmetic) cmp() value.Cmp { return value.Cmp(rapid.IntRange(0, 5).Draw(b.t, "cmp")) }
