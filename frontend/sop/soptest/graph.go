// Package soptest draws random s-op graphs and inputs for property tests. Only
// tests import it.
package soptest

import (
	"pgregory.net/rapid"

	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
)

// Graph draws a graph from at most steps random operators and the leaves that
// they need. Every operator occurs. Most graphs are defined on most inputs of
// Input, as arguments mostly have the type that their user wants; some are not.
// Every s-op may be a root.
func Graph(steps int) *rapid.Generator[*sop.Graph] {
	return rapid.Custom(func(t *rapid.T) *sop.Graph {
		b := &builder{t: t, g: sop.NewGraph()}
		b.strings = []sop.ID{b.g.Tokens(sop.ReadStr, b.pos())}
		b.numbers = []sop.ID{b.g.Indices(b.pos())}
		b.selectors = []sop.ID{b.g.Select(b.numbers[0], b.numbers[0], value.EQ, b.pos())}
		for range rapid.IntRange(1, steps).Draw(t, "steps") {
			rapid.SampledFrom(productions).Draw(t, "production")(b)
		}
		return b.g
	})
}

// builder grows a graph and keeps its nodes apart by what they hold.
type builder struct {
	t                           *rapid.T
	g                           *sop.Graph
	strings, numbers, selectors []sop.ID
}

// productions are the ways to grow a graph; frequent ones stand twice.
var productions = []func(*builder){
	(*builder).arithmetic, (*builder).arithmetic, (*builder).unary, (*builder).power, (*builder).compare, (*builder).logic,
	(*builder).choice, (*builder).in, (*builder).lookup, (*builder).leaf, (*builder).leaf,
	(*builder).selection, (*builder).selection, (*builder).combine, (*builder).aggregate, (*builder).aggregate, (*builder).width,
}

// pick prefers recent nodes, as rapid prefers small numbers, so that graphs grow
// deep.
func (b *builder) pick(from []sop.ID) sop.ID {
	return from[len(from)-1-rapid.IntRange(0, len(from)-1).Draw(b.t, "argument")]
}

// number picks an s-op of numbers, now and then one of strings.
func (b *builder) number() sop.ID {
	if rapid.IntRange(0, 24).Draw(b.t, "illTyped") == 24 {
		return b.pick(b.strings)
	}
	return b.pick(b.numbers)
}

// alike picks two s-ops of one type.
func (b *builder) alike() (x, y sop.ID, pool *[]sop.ID) {
	pool = &b.numbers
	if rapid.IntRange(0, 3).Draw(b.t, "strings") == 3 {
		pool = &b.strings
	}
	return b.pick(*pool), b.pick(*pool), pool
}

func (b *builder) addNumber(id sop.ID)   { b.numbers = append(b.numbers, b.named(id)) }
func (b *builder) addSelector(id sop.ID) { b.selectors = append(b.selectors, b.named(id)) }

func (b *builder) arithmetic() {
	op := rapid.SampledFrom([]sop.Op{sop.Add, sop.Sub, sop.Mul, sop.Div, sop.Mod}).Draw(b.t, "op")
	y := b.number()
	if op >= sop.Div && rapid.IntRange(0, 7).Draw(b.t, "divisor") < 7 { // a variable one is 0 too often
		y = b.g.Const(value.Number(value.KindFloat, value.Frac(rapid.Int64Range(1, 4).Draw(b.t, "divisor"), 2)), b.pos())
	}
	b.addNumber(b.g.Map(op, b.pos(), b.number(), y))
}

func (b *builder) unary() {
	ops := []sop.Op{sop.Neg, sop.Not, sop.Round, sop.Indicator}
	b.addNumber(b.g.Map(rapid.SampledFrom(ops).Draw(b.t, "op"), b.pos(), b.number()))
}

func (b *builder) power() {
	exponent := rapid.SampledFrom([]int64{2, 0, 1, 3, 2, 1, 0, -1}).Draw(b.t, "exponent")
	b.addNumber(b.g.Map(sop.Pow, b.pos(), b.number(), b.g.Const(value.IntOf(exponent), b.pos())))
}

func (b *builder) cmp() value.Cmp {
	return value.Cmp(rapid.IntRange(0, int(value.GE)).Draw(b.t, "cmp"))
}

func (b *builder) compare() {
	x, y, _ := b.alike()
	b.addNumber(b.g.Compare(b.cmp(), x, y, b.pos()))
}

func (b *builder) logic() {
	op := rapid.SampledFrom([]sop.Op{sop.And, sop.Or}).Draw(b.t, "op")
	b.addNumber(b.g.Map(op, b.pos(), b.number(), b.number()))
}

func (b *builder) choice() {
	x, y, pool := b.alike()
	*pool = append(*pool, b.named(b.g.Map(sop.If, b.pos(), b.number(), x, y)))
}

func (b *builder) in() {
	x, _, _ := b.alike()
	list := rapid.SliceOfN(Atom(), 0, 3).Draw(b.t, "list")
	b.addNumber(b.g.In(x, list, b.pos()))
}

func (b *builder) lookup() {
	if rapid.Bool().Draw(b.t, "dict") {
		keys := rapid.SliceOfNDistinct(Atom(), 0, 8, value.Value.Key).Draw(b.t, "keys")
		vals := rapid.SliceOfN(number(), len(keys), len(keys)).Draw(b.t, "vals")
		x, _, _ := b.alike()
		b.addNumber(b.g.Lookup(&sop.Table{Dict: true, Keys: keys, Vals: vals}, x, b.pos()))
		return
	}
	vals := rapid.SliceOfN(text(), 6, 8).Draw(b.t, "vals")
	x := b.g.Lookup(&sop.Table{Vals: vals}, b.number(), b.pos())
	b.strings = append(b.strings, b.named(x))
}

func (b *builder) leaf() {
	switch v := Atom().Draw(b.t, "constant"); {
	case rapid.IntRange(0, 3).Draw(b.t, "tokens") == 0:
		read := rapid.SampledFrom([]sop.Read{sop.ReadInt, sop.ReadFloat, sop.ReadBool, sop.ReadAsIs}).Draw(b.t, "read")
		b.addNumber(b.g.Tokens(read, b.pos()))
	case v.IsString():
		b.strings = append(b.strings, b.named(b.g.Const(v, b.pos())))
	default:
		b.addNumber(b.g.Const(v, b.pos()))
	}
}

func (b *builder) selection() {
	k, q, _ := b.alike()
	b.addSelector(b.g.Select(k, q, b.cmp(), b.pos()))
}

func (b *builder) combine() {
	x, y := b.pick(b.selectors), b.pick(b.selectors)
	switch rapid.IntRange(0, 2).Draw(b.t, "combination") {
	case 0:
		x = b.g.SelAnd(x, y, b.pos())
	case 1:
		x = b.g.SelOr(x, y, b.pos())
	default:
		x = b.g.SelNot(x, b.pos())
	}
	b.addSelector(x)
}

func (b *builder) aggregate() {
	var def *value.Value
	v, pool := b.number(), &b.numbers
	if rapid.IntRange(0, 3).Draw(b.t, "strings") == 3 {
		d := text().Draw(b.t, "default")
		v, pool, def = b.pick(b.strings), &b.strings, &d
	} else if rapid.Bool().Draw(b.t, "hasDefault") {
		d := number().Draw(b.t, "default")
		def = &d
	}
	*pool = append(*pool, b.named(b.g.Aggregate(b.pick(b.selectors), v, def, b.pos())))
}

func (b *builder) width() { b.addNumber(b.g.Width(b.pick(b.selectors), b.pos())) }

// named gives the node a name now and then, also one that is no identifier.
func (b *builder) named(id sop.ID) sop.ID {
	if rapid.IntRange(0, 3).Draw(b.t, "named") == 0 {
		names := []string{"a", "b", "out_2", "_x", "( a + b )", "é", `say "x"`, "n0", "#", "a:1:2", "\xff"}
		b.g.SetName(id, rapid.SampledFrom(names).Draw(b.t, "name"))
	}
	return id
}

func (b *builder) pos() sop.Pos {
	if rapid.IntRange(0, 3).Draw(b.t, "placed") != 0 {
		return sop.Pos{}
	}
	files := []string{"rev.rasp", "lib/a-b.rasp", "a b.rasp", `C:\x.rasp`, "", "é.rasp", "x:3:4", `"`}
	return sop.Pos{
		File: rapid.SampledFrom(files).Draw(b.t, "file"),
		Line: rapid.IntRange(0, 99).Draw(b.t, "line"),
		Col:  rapid.IntRange(0, 99).Draw(b.t, "col"),
	}
}
