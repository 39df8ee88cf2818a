package verify

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"

	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/frontend/interp"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
	"github.com/raspc/raspc/verify/network"
	"github.com/raspc/raspc/verify/sparse"
)

// Departure is where the residual stream first holds something else than the
// program's value of an s-op. Which columns hold an s-op, how and when, is what
// the manifest says: a hint for people, on which no verdict rests.
type Departure struct {
	Layer    *int   // nil for the embedding
	Part     string // embedding, attention or mlp: what the stream was read behind
	SOp      string
	Encoding string // of the columns, as the manifest names it
	Position int
	Expected value.Value // of the s-op
	Column   int
	Label    string  // what the column stands for; empty for a number
	Code     float64 // what the column should hold, in units of the number
	Held     float64 // what it holds; may be no number
	Distance float64 // of the two, in units of the gap between values; may be infinite
}

// raw stands for the input's tokens, which are no node of the graph.
const raw = sop.ID(-1)

// variable is an s-op of the program and the columns that hold it.
type variable struct {
	manifest.Variable
	id      sop.ID
	scale   float64 // by which the number was divided; 1 for the other encodings
	columns []column
}

// column is one column of a variable, from the stage that writes it until the one
// that clears it.
type column struct {
	index    int
	label    string
	code     code
	from, to stage
}

// called is how people know a variable: rank.2, which holds rank once more in
// another way, as rank.
func called(v manifest.Variable) string {
	if v.SOp != "" && strings.HasPrefix(v.Name, v.SOp+".") {
		return v.SOp + manifest.CopyOf(v.Copy)
	}
	return v.Name
}

// written is the stage behind which the variable is complete.
func (v *variable) written() stage {
	last := stage(0)
	for _, c := range v.columns {
		last = max(last, c.from)
	}
	return last
}

// probe reads the residual streams of a network as a program's s-ops.
type probe struct {
	subject   *subject
	others    []value.Value // see opened
	net       *network.Network
	front     int // layers of the network in front of those that the manifest speaks of
	variables []variable
	skipped   int // variables of the manifest that no s-op of the program was found for
	written   map[stage][]place
	oracle    *interp.Evaluator
}

// place is a column of a variable, both by their numbers.
type place struct{ variable, column int }

// observation is an input's s-ops, and what the columns hold where they are written.
type observation struct {
	ids    []int
	values *interp.Result
	tokens []value.Value
	held   [][][]float32 // by variable, column and position
	logits [][]float32   // of each position, BOS's first
}

// newProbe finds the s-ops of the program that the manifest's variables are.
func newProbe(s *subject, f opened) *probe {
	n := f.net
	p := &probe{subject: s, net: n, others: f.others, front: s.front(n), written: map[stage][]place{}}
	nodes := newIndex(s.graph, s.output)
	ids := []sop.ID{s.output}
	rest := s.man.Columns
	for _, v := range s.man.Variables {
		// The columns of a variable are neighbours, in the order of the variables.
		first := slices.IndexFunc(rest, func(c manifest.Column) bool { return c.Variable == v.Name })
		if first < 0 || v.Columns < 1 || v.Columns > len(rest)-first {
			p.skipped++
			continue
		}
		own := rest[first : first+v.Columns]
		rest = rest[first+v.Columns:]
		id, ok := nodes.find(v)
		held := variable{Variable: v, id: id, scale: 1, columns: p.columns(v, own, id)}
		if !ok || len(held.columns) == 0 || !(v.Gap > 0) || !(v.Error >= 0) {
			p.skipped++
			continue
		}
		if p.variables = append(p.variables, held); id != raw {
			ids = append(ids, id)
		}
	}
	for i, v := range p.variables {
		for k, c := range v.columns {
			p.written[c.from] = append(p.written[c.from], place{i, k})
		}
	}
	p.oracle = interp.New(s.graph, s.causal, ids...)
	return p
}

// front is how many layers of a network are in front of those that the manifest numbers: of
// a host it numbers all.
func (s *subject) front(n *network.Network) int {
	if s.man.Host != nil {
		return 0
	}
	return max(0, len(n.Layers)-s.man.Model.Layers)
}

// stage returns the stage of a point of sparse.Forward. What front layers do, such
// as to count positions, is part of the embedding: stages before are negative.
func (p *probe) stage(point int) stage { return stage(point - 2*p.front) }

// columns returns the columns of a variable whose codes and stages are known.
func (p *probe) columns(v manifest.Variable, listed []manifest.Column, id sop.ID) []column {
	last := p.stage(2 * len(p.net.Layers))
	width := p.net.Width
	if r := p.subject.man.Rotation; len(r) > 0 {
		if len(r[0]) > width {
			return nil // it is none of this stream
		}
		width = max(width, len(r))
	}
	var labels []value.Value
	if id == p.subject.output {
		labels = p.subject.labels
	}
	var known []column
	numbers := listedNumbers(v)
	for _, c := range listed {
		from, ok := stageOf(c.Written)
		to := last + 1
		if c.Cleared != "" && ok {
			to, ok = stageOf(c.Cleared)
		}
		read := listedCode(v, c, numbers)
		if read == nil {
			read = codeOf(v.Encoding, c.Value, labels)
		}
		if ok && read != nil && from < to && to <= last+1 && c.Index >= 0 && c.Index < width && c.Variable == v.Name {
			known = append(known, column{c.Index, c.Value, read, from, to})
		}
	}
	return known
}

// index finds the s-ops of a graph by what the manifest calls them.
type index struct {
	graph           *sop.Graph
	last, any, expr map[string][]sop.ID
}

func newIndex(g *sop.Graph, output sop.ID) index {
	x := index{g, map[string][]sop.ID{}, map[string][]sop.ID{}, map[string][]sop.ID{}}
	for _, id := range g.Reachable(output) {
		if g.Node(id).Selector() {
			continue
		}
		for _, name := range g.Names(id) {
			x.any[name] = append(x.any[name], id)
		}
		if name := g.Name(id); name != "" {
			x.last[name] = append(x.last[name], id)
		} else {
			e := g.Express(id)
			x.expr[e] = append(x.expr[e], id)
		}
	}
	return x
}

// again is what follows the name of a variable that is not the first of its name.
var again = regexp.MustCompile(`\.[0-9]+$`)

// find returns the s-op that a variable holds. The compiler numbers nodes in its
// own way, so that those without a name are known by their expression, and by their
// line where that is cut. What could be more than one is not found.
func (x index) find(v manifest.Variable) (sop.ID, bool) {
	found := x.expr[v.Expr]
	if v.Expr == "" {
		name := strings.TrimSuffix(v.Name, manifest.CopyOf(v.Copy))
		if name == "tokens" {
			return raw, true
		}
		name = again.ReplaceAllString(name, "")
		if found = x.last[name]; len(found) == 0 {
			found = x.any[name]
		}
	}
	if len(found) != 1 || strings.Contains(v.Expr, "…") && x.graph.Node(found[0]).Pos.Line != v.Line {
		return 0, false
	}
	return found[0], true
}

// observe runs the program and the network on an input; nil where the program is
// undefined.
func (p *probe) observe(ids []int) (*observation, error) {
	o := &observation{ids: ids, tokens: p.subject.tokens(ids)}
	r, err := p.oracle.Run(o.tokens)
	switch {
	case errors.As(err, new(*interp.Undefined)):
		return nil, nil
	case err != nil:
		return nil, err
	case len(ids) >= len(p.net.Positions) || slices.Max(ids) >= len(p.net.Tokens):
		return nil, fmt.Errorf("the network has %d positions and %d tokens", len(p.net.Positions), len(p.net.Tokens))
	}
	o.values = r
	for _, v := range p.variables {
		o.held = append(o.held, make([][]float32, len(v.columns)))
	}
	o.logits = sparse.Forward(p.net, ids, func(point int, xs [][]float32) {
		for _, at := range p.written[p.stage(point)] {
			held := make([]float32, len(ids))
			for i := range held {
				held[i] = p.held(xs[i+1], p.variables[at.variable].columns[at.column].index)
			}
			o.held[at.variable][at.column] = held
		}
	})
	return o, nil
}

// held is what a column holds where a stream is x: along its direction, where the
// stream is rotated or compressed.
func (p *probe) held(x []float32, column int) float32 {
	r := p.subject.man.Rotation
	if column >= len(r) {
		return x[column]
	}
	sum := 0.0
	for j, w := range r[column] {
		sum += float64(w * float64(x[j]))
	}
	return float32(sum)
}

// of returns the values of a variable.
func (o *observation) of(v *variable) []value.Value {
	if v.id == raw {
		return o.tokens
	}
	return o.values.Sequence(v.id)
}

// contrast is what a column should hold and what it holds, in units of the number, and
// their distance in units of the gap, which is infinite where a number overflowed.
type contrast struct {
	code, held, distance float64
}

// contrast compares; ok is false where the code is not known.
func (v *variable) contrast(c *column, x value.Value, held float32) (t contrast, ok bool) {
	t.code, ok = c.code(x)
	t.held = float64(held) * v.scale
	if t.distance = math.Abs(t.held-t.code) / v.Gap; math.IsNaN(t.distance) {
		t.distance = math.Inf(1)
	}
	return t, ok
}

// observeAll observes inputs on all processors, in their order, without those on
// which the program is undefined.
func (p *probe) observeAll(ctx context.Context, inputs [][]int) ([]*observation, error) {
	all, errs := make([]*observation, len(inputs)), make([]error, len(inputs))
	parallel(len(inputs), func(i int) {
		if errs[i] = ctx.Err(); errs[i] == nil {
			all[i], errs[i] = p.observe(inputs[i])
		}
	})
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return slices.DeleteFunc(all, func(o *observation) bool { return o == nil }), nil
}

// fit finds the powers of two by which numbers are divided where the manifest does
// not list them, as those of old versions. It is the smallest that no value exceeds, unless most of the large
// values are then read wrongly: the compiler divides by what bounds the values, and
// a bound may be higher than all that occur. So a network in which a number is
// halved everywhere may look as if it were right.
func (p *probe) fit(seen []*observation) {
	for i := range p.variables {
		v := &p.variables[i]
		if v.scaled() {
			continue
		}
		switch v.Encoding {
		case "numeric", "digits":
			for largest := v.largest(seen, p.subject.labels); v.scale < largest && v.scale < math.MaxFloat32; {
				v.scale *= 2
			}
			v.scale *= p.factor(i, seen)
		}
	}
}

// scaled takes over the power of two that the manifest lists, if it is one.
func (v *variable) scaled() bool {
	frac, exp := math.Frexp(v.Scale)
	if frac != 0.5 || exp < 1 || exp > 128 {
		return false
	}
	v.scale = v.Scale
	return true
}

// largest is the largest size of a number that the columns hold.
func (v *variable) largest(seen []*observation, labels []value.Value) float64 {
	most := 0.0
	see := func(x value.Value) {
		for _, c := range v.columns {
			if code, known := c.code(x); known {
				most = max(most, math.Abs(code))
			}
		}
	}
	if v.Encoding == "digits" {
		for _, l := range labels {
			see(l)
		}
		return most
	}
	for _, o := range seen {
		for _, x := range o.of(v) {
			see(x)
		}
	}
	return most
}

// factor returns the power of two, at least 1, by which most of the large numbers that
// a variable holds are to be multiplied, beside its scale.
func (p *probe) factor(variable int, seen []*observation) float64 {
	v := &p.variables[variable]
	var factors []float64
	right := 0
	for _, o := range seen {
		for i, x := range o.of(v) {
			for k := range v.columns {
				t, ok := v.contrast(&v.columns[k], x, o.held[variable][k][i])
				if !ok || math.Abs(t.code) < v.scale/4 {
					continue
				}
				if t.distance <= 0.5 {
					right++
				}
				factors = append(factors, t.code/t.held)
			}
		}
	}
	if 2*right >= len(factors) {
		return 1
	}
	slices.Sort(factors)
	power := math.Exp2(math.Round(math.Log2(factors[len(factors)/2])))
	if power > 1 && power <= 1<<32 { // not for NaN
		return power
	}
	return 1
}

// fitInputs is how many inputs the powers of two are found by.
const fitInputs = 64

// departure finds where a file's residual stream first leaves its code on an input;
// nil where it does not, or where the file's network is not known.
func (s *subject) departure(ctx context.Context, f opened, ids []int) (*Departure, error) {
	if f.net == nil {
		return nil, nil
	}
	p := newProbe(s, f)
	seen, err := p.observeAll(ctx, append(some(s.affordable(f.net, 0)), ids))
	if err != nil || len(seen) == 0 {
		return nil, err
	}
	p.fit(seen)
	return p.first(seen[len(seen)-1]), nil // the program is defined on ids: it was found to differ there
}

// affordable returns inputs of all lengths: 500, or as many as take some seconds on a
// large network.
func (s *subject) affordable(n *network.Network, seed uint64) [][]int {
	const most, operations = 500, 1 << 31
	return makePlan(s, max(1, min(most, operations/max(1, sparse.Work(n, s.maxLen+1)))), seed).all()
}

// some returns up to fitInputs of some inputs, evenly spaced, the last among them: plans
// begin with short ones, which the largest numbers may not occur on.
func some(inputs [][]int) [][]int {
	n := min(len(inputs), fitInputs)
	picked := make([][]int, n)
	for i := range picked {
		picked[i] = inputs[(i+1)*len(inputs)/n-1]
	}
	return picked
}

// first returns the first departure, by stages and then by columns: of a column that is
// off by more than twice the error that the manifest states and a 64th of the gap, or by
// half of it. That is what the compiler leaves the parts that read numbers; less than half
// a gap can already turn a later one. Where there is none it is the first that is off by
// more than a thousandth of the gap beside the error, which numeric outputs show.
func (p *probe) first(o *observation) *Departure {
	far := func(v *variable) float64 { return min(0.5, max(2*v.Error/v.Gap, 1.0/64)) }
	near := func(v *variable) float64 { return 2*v.Error/v.Gap + 1e-3 }
	found := make([]*Departure, 2)
	sparse.Forward(p.net, o.ids, func(point int, xs [][]float32) {
		s := p.stage(point)
		for k, limit := range []func(*variable) float64{far, near} {
			for i := 0; found[k] == nil && i < len(p.variables); i++ {
				v := &p.variables[i]
				found[k] = p.departure(v, o.of(v), s, xs[1:], limit(v))
			}
		}
	})
	return cmp.Or(found...)
}

// departure returns the first of a variable's columns, at a stage, that is off by
// more than the limit.
func (p *probe) departure(v *variable, values []value.Value, s stage, xs [][]float32, limit float64) *Departure {
	for k := range v.columns {
		c := &v.columns[k]
		if s < c.from || s >= c.to {
			continue
		}
		for i, x := range values {
			if t, ok := v.contrast(c, x, p.held(xs[i], c.index)); ok && t.distance > limit {
				return departed(v, c, s, i, x, t)
			}
		}
	}
	return nil
}

// departed is the departure of a column from its code at a stage and a position.
func departed(v *variable, c *column, s stage, position int, x value.Value, t contrast) *Departure {
	return &Departure{
		Layer: s.layer(), Part: s.part(), SOp: called(v.Variable), Encoding: v.Encoding, Position: position, Expected: x,
		Column: c.index, Label: c.label, Code: t.code, Held: t.held, Distance: t.distance,
	}
}

// String is the departure in one line.
func (d *Departure) String() string {
	where := "the embedding"
	if d.Layer != nil {
		where = fmt.Sprintf("layer %d, %s", *d.Layer, d.Part)
	}
	held := "the residual stream holds " + apart(d.Held, d.Code)
	if d.Label != "" {
		held += fmt.Sprintf(" for %s in place of %g", plain(d.Label), d.Code)
	}
	return fmt.Sprintf("first departs in %s: `%s` at position %d is %s, %s (column %d)", where, plain(d.SOp), d.Position, d.Expected.Repr(), held, d.Column)
}

// apart spells a number with four digits, or with as many as tell it from another one.
func apart(x, other float64) string {
	for digits := 4; ; digits++ {
		text := fmt.Sprintf("%.*g", digits, x)
		if digits == 17 || text != fmt.Sprintf("%.*g", digits, other) {
			return text
		}
	}
}
