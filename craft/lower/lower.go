package lower

import (
	"fmt"
	"math"
	"slices"

	"github.com/raspc/raspc/craft"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
	"github.com/raspc/raspc/frontend/values"
)

// Options choose between equivalent programs.
type Options struct {
	// MaterializeAll gives every s-op a subspace of its own, under its name.
	MaterializeAll bool
	// BothWays keeps full attention where every selector looks back.
	BothWays bool
	// Materialize names s-ops that get a subspace of their own.
	Materialize []sop.ID
	// Encode overrides how the output is held, by node.
	Encode map[sop.ID]craft.Encoding

	// Arithmetic is how the files are computed; its zero value stands for float32.
	Arithmetic craft.Arithmetic

	// needed is set where everything is held not to be seen but because the
	// program cannot be lowered otherwise.
	needed bool
}

// Keeps reports whether an s-op has a subspace of its own.
func (o Options) Keeps(id sop.ID) bool {
	return o.MaterializeAll && !o.needed || slices.Contains(o.Materialize, id)
}

// Error says why an s-op cannot be lowered.
type Error struct {
	Node sop.ID
	Msg  string
	Help string
}

func (e *Error) Error() string { return e.Msg }

// Lower builds the craft program that computes output. Where more than one
// encoding of the output would do, the first that can be built is taken. Where
// none can, everything is held in a subspace of its own, of small sets one-hot:
// that takes more room, and the errors of numbers do not add up.
func Lower(t *values.Table, output sop.ID, opts Options) (*craft.Program, error) {
	p, err := lowerAny(t, output, opts)
	if err != nil && !opts.MaterializeAll {
		all := opts
		all.MaterializeAll, all.needed = true, true
		if q, again := lowerAny(t, output, all); again == nil {
			return q, nil
		}
	}
	return p, err
}

// lowerAny tries the encodings of the output. The error is that of the first.
func lowerAny(t *values.Table, output sop.ID, opts Options) (*craft.Program, error) {
	var first error
	for _, enc := range outputEncodings(t, output, opts) {
		p, err := lowerAs(t, output, enc, opts)
		if err == nil {
			return p, nil
		}
		if first == nil {
			first = err
		}
	}
	return nil, first
}

func lowerAs(t *values.Table, output sop.ID, enc craft.Encoding, opts Options) (*craft.Program, error) {
	b := newBuilder(t, opts)
	b.output = output
	if err := b.defined(); err != nil {
		return nil, err
	}
	if err := b.unembed(output, enc); err != nil {
		return nil, err
	}
	b.recode()
	b.assumptions(output)
	p := b.finish()
	return p, b.representable(p)
}

// defined refuses programs with an s-op that has no value at all: they are
// undefined on every input.
func (b *builder) defined() error {
	for _, id := range b.graph.Reachable(b.output) {
		if b.table.Has(id) && !b.graph.Node(id).Selector() && len(b.table.Set(id)) == 0 {
			return b.errorf(id, "", "%s is undefined on every input", b.graph.Describe(id))
		}
	}
	return nil
}

// representable refuses weights outside the range of the type of the files.
func (b *builder) representable(p *craft.Program) error {
	const margin = 16 // for what architectures multiply weights by
	a := b.opts.Arithmetic
	least, most := a.Smallest*margin, a.Largest/margin
	if a != craft.Float16 { // whose range is narrow
		least, most = 0x1p-120, 0x1p120
	}
	maps := []craft.Map{p.Embed, p.Position, p.Unembed}
	for _, part := range p.Parts {
		if h := part.Head; h != nil {
			maps = append(maps, h.Q, h.K, h.V, h.O)
		} else {
			maps = append(maps, part.MLP.In, part.MLP.Out, part.MLP.Bias)
		}
	}
	for _, m := range maps {
		for _, e := range m {
			if w := math.Abs(e.W.Float64()); w < least || w > most {
				return b.errorf(b.output, "scale the numbers of the program",
					"a weight of size %.3g does not fit %s", w, a)
			}
		}
	}
	return nil
}

// varID numbers the variables of the program under construction.
type varID int

// none stands for no variable: a constant.
const none varID = -1

type builder struct {
	table *values.Table
	graph *sop.Graph
	opts  Options
	prog  craft.Program

	output sop.ID

	forced  map[sop.ID]bool       // s-ops that are variables though they need not be
	native  map[sop.ID]varID      // of leaves
	onehot  map[choiceKey]varID   // choices made by MLPs
	numbers map[varID]number      // of numeric variables
	stepped map[sop.ID]functional // numbers that are read from their steps
	choices map[*craft.MLP]varID  // choices by the MLP that makes them
	steps   map[*craft.MLP][]jump // of those made by steps
	named   map[string]int        // how often a variable name was taken
	memo    memo
	embed   []craft.Entry
	pos     []craft.Entry
}

func newBuilder(t *values.Table, opts Options) *builder {
	d := t.Domain()
	if opts.Arithmetic == (craft.Arithmetic{}) {
		opts.Arithmetic = craft.Float32
	}
	b := &builder{
		table: t, graph: t.Graph(), opts: opts,
		forced: map[sop.ID]bool{}, native: map[sop.ID]varID{}, onehot: map[choiceKey]varID{}, named: map[string]int{"bos": 1, "real": 1}, numbers: map[varID]number{}, stepped: map[sop.ID]functional{},
		choices: map[*craft.MLP]varID{}, steps: map[*craft.MLP][]jump{},
	}
	for _, id := range opts.Materialize {
		// Tokens are always held; whatever reads them reads those directions.
		if b.graph.Node(id).Op.Elementwise() {
			b.forced[id] = true
		}
	}
	b.forget()
	b.prog.Residual = craft.Space{{Variable: "bos"}, {Variable: "real"}}
	b.prog.Vocab, b.prog.MaxLen, b.prog.Causal = d.Vocab, d.MaxLen, d.Causal || t.LooksBack() && !opts.BothWays
	one := value.Int(1)
	b.embed = append(b.embed, craft.Entry{From: len(d.Vocab), To: craft.BOS, W: one})
	for i := range d.Vocab {
		b.embed = append(b.embed, craft.Entry{From: i, To: craft.Real, W: one})
	}
	return b
}

func (b *builder) finish() *craft.Program {
	b.prog.Embed = craft.NewMap(b.embed)
	b.prog.Position = craft.NewMap(b.pos)
	return &b.prog
}

// assumptions records what the value sets took for granted.
func (b *builder) assumptions(output sop.ID) {
	for _, id := range b.graph.Reachable(output) {
		if n := b.graph.Node(id); n.Op == sop.Aggregate && b.table.Has(id) && b.table.Aggregate(id).Assumed {
			b.prog.Assumptions = append(b.prog.Assumptions, craft.Assumption{
				SOp: b.graph.Call(id), Claim: "every row selects at most one position"})
		}
	}
	for _, h := range b.table.Hazards() {
		b.prog.Assumptions = append(b.prog.Assumptions, craft.Assumption{
			SOp: b.graph.Call(h.Node), Claim: "never undefined: " + h.What})
	}
}

func (b *builder) errorf(id sop.ID, help, format string, args ...any) error {
	return &Error{Node: id, Msg: fmt.Sprintf(format, args...), Help: help}
}

func (b *builder) v(id varID) *craft.Variable { return &b.prog.Variables[id] }

// number is what a numeric variable can hold, before it is scaled.
type number struct {
	set   []value.Rat
	size  float64 // the largest of their absolute values
	short bool    // all are numbers of the type of the files
}

// numbersOf describes the numbers of a value set.
func (b *builder) numbersOf(set []value.Value) number {
	n := number{short: true}
	for _, v := range set {
		n.short = n.short && b.short(v.Rat())
		n.set = append(n.set, v.Rat())
		n.size = max(n.size, math.Abs(v.Rat().Float64()))
	}
	return n
}

// newNumber adds a numeric variable.
func (b *builder) newNumber(id sop.ID, name string, n number) varID {
	v := b.newVariable(id, name, craft.Numeric, nil)
	scale := value.Int(1)
	for scale.Float64() < n.size {
		scale = scale.Mul(value.Int(2))
	}
	b.v(v).Scale = scale
	b.numbers[v] = n
	return v
}

// self reads a numeric variable as the number that it holds.
func (b *builder) self(id varID) functional {
	return functional{b.v(id).First: b.v(id).Scale}
}

// newVariable adds a variable to the residual space; vals are nil for a number.
func (b *builder) newVariable(id sop.ID, name string, enc craft.Encoding, vals []value.Value) varID {
	v := craft.Variable{
		Name: b.unique(name), SOp: id, First: len(b.prog.Residual), Encoding: enc, Values: vals, Scale: value.Int(1),
		Kept: b.opts.Keeps(id),
	}
	for i := range v.Size() {
		d := craft.Direction{Variable: v.Name}
		switch enc {
		case craft.Categorical:
			d.Value = vals[i].Repr()
		case craft.Steps:
			d.Value, d.Step = vals[i+1].Repr(), true
		}
		b.prog.Residual = append(b.prog.Residual, d)
	}
	v.AtBOS = make([]value.Rat, v.Size())
	b.prog.Variables = append(b.prog.Variables, v)
	return varID(len(b.prog.Variables) - 1)
}

// unique makes the names of variables distinct: the second "x" is "x.2".
func (b *builder) unique(name string) string {
	b.named[name]++
	if n := b.named[name]; n > 1 {
		return fmt.Sprintf("%s.%d", name, n)
	}
	return name
}

// code returns the directions that stand for value number i of a variable, as
// entries from 0. For a numeric variable x is the number.
func (b *builder) code(id varID, i int, x value.Rat) []craft.Entry {
	v := b.v(id)
	one := value.Int(1)
	switch v.Encoding {
	case craft.Numeric:
		return []craft.Entry{{To: v.First, W: x.Quo(v.Scale)}}
	case craft.Steps:
		es := make([]craft.Entry, i)
		for k := range es {
			es[k] = craft.Entry{To: v.First + k, W: one}
		}
		return es
	}
	return []craft.Entry{{To: v.First + i, W: one}}
}

// read is the functional that takes the value w[i] where a variable has its
// value number i. Constants are no variable and have one value.
func (b *builder) read(id varID, w []value.Rat) functional {
	f := functional{}
	if id == none {
		return f.with(craft.Real, w[0])
	}
	v := b.v(id)
	if v.Encoding == craft.Steps {
		f = f.with(craft.Real, w[0])
		for i := 1; i < len(w); i++ {
			f = f.with(v.First+i-1, w[i].Sub(w[i-1]))
		}
		return f
	}
	for i := range w {
		f = f.with(v.First+i, w[i])
	}
	return f
}

// indicator is 1 where the variable has one of the given values.
func (b *builder) indicator(id varID, members []int) functional {
	w := make([]value.Rat, b.values(id))
	for _, i := range members {
		w[i] = value.Int(1)
	}
	return b.read(id, w)
}

// values returns the number of values of a variable that is not a number.
func (b *builder) values(id varID) int {
	if id == none {
		return 1
	}
	return len(b.v(id).Values)
}
