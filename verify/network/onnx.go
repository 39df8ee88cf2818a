package network

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/raspc/raspc/verify/onnxrun"
)

// FromONNX reads a network from a graph. The graph must be, operation by
// operation, the decoder that is described in docs/certificate.md; anything
// else is an error, whatever it may compute.
func FromONNX(m *onnxrun.Model, bos int) (*Network, error) {
	g := &graph{m: m, by: map[string]onnxrun.Operation{}, used: map[string]bool{}}
	ops := m.Operations()
	for _, op := range ops {
		for _, out := range op.Outputs {
			g.by[out] = op
		}
	}
	n := &Network{BOS: bos}
	err := g.network(n)
	if err == nil && len(g.used) != len(ops) {
		err = fmt.Errorf("%d of its %d operations have no part in the decoder", len(ops)-len(g.used), len(ops))
	}
	if err != nil {
		return nil, fmt.Errorf("the graph is not that of a decoder: %w", err)
	}
	return n, nil
}

// graph matches operations from the output backwards.
type graph struct {
	m    *onnxrun.Model
	by   map[string]onnxrun.Operation // by output
	used map[string]bool              // by first output
	n    *Network

	ends      []string // the stream behind each addition, then before and behind each layer
	stream    string   // what the layer under study adds to
	visible   string   // the keys that queries see
	heads     int
	headSize  int
	positions string
}

// op returns the operation that makes a value; it must be of the given kind.
func (g *graph) op(name, kind string, inputs int) (onnxrun.Operation, error) {
	op, ok := g.by[name]
	switch {
	case !ok:
		return op, fmt.Errorf("%q is not computed where a %s is expected", name, kind)
	case op.Op != kind:
		return op, fmt.Errorf("%q is made by a %s, not a %s", name, op.Op, kind)
	case len(op.Inputs) != inputs || len(op.Outputs) != 1:
		return op, fmt.Errorf("%q has %d inputs, not %d", name, len(op.Inputs), inputs)
	}
	g.used[name] = true
	return op, nil
}

// plain is an op without attributes.
func (g *graph) plain(name, kind string, inputs int) (onnxrun.Operation, error) {
	op, err := g.op(name, kind, inputs)
	if err == nil && len(op.Attributes) > 0 {
		err = fmt.Errorf("%q has attributes that change a %s", name, kind)
	}
	return op, err
}

// matrix returns a constant of two dimensions.
func (g *graph) matrix(name string) (rows, cols int, data []float64, err error) {
	c, ok := g.m.Constant(name)
	if !ok || c.Floats == nil && len(c.Ints)+len(c.Bools) > 0 || len(c.Shape) != 2 || c.Double {
		return 0, 0, nil, fmt.Errorf("%q is not a float32 matrix", name)
	}
	return c.Shape[0], c.Shape[1], c.Floats, nil
}

// vector returns a constant of one dimension.
func (g *graph) vector(name string, n int) ([]float64, error) {
	c, ok := g.m.Constant(name)
	if !ok || !slices.Equal(c.Shape, []int{n}) || len(c.Floats) != n || c.Double {
		return nil, fmt.Errorf("%q is not a vector of %d numbers", name, n)
	}
	return c.Floats, nil
}

// ints checks a constant vector of integers.
func (g *graph) ints(name string, want ...int64) error {
	c, ok := g.m.Constant(name)
	if !ok || !slices.Equal(c.Ints, want) || len(c.Shape) != 1 || c.Int32 {
		return fmt.Errorf("%q is not %v", name, want)
	}
	return nil
}

// integer checks a constant that is one integer.
func (g *graph) integer(name string, want int64) error {
	c, ok := g.m.Constant(name)
	if !ok || !slices.Equal(c.Ints, []int64{want}) || len(c.Shape) != 0 || c.Int32 {
		return fmt.Errorf("%q is not %d", name, want)
	}
	return nil
}

// product matches x W, for a constant W.
func (g *graph) product(name string) (x string, l Linear, rows int, err error) {
	op, err := g.plain(name, "MatMul", 2)
	if err != nil {
		return "", Linear{}, 0, err
	}
	rows, cols, data, err := g.matrix(op.Inputs[1])
	return op.Inputs[0], LinearOf(data, cols, nil), rows, err
}

func (g *graph) network(n *Network) error {
	g.n = n
	x, unembed, width, err := g.product(g.m.Output())
	if err != nil {
		return err
	}
	n.Unembed, n.Width = unembed, width
	for {
		g.ends = append(g.ends, x)
		next, err := g.layer(x)
		if errors.Is(err, errEmbedding) {
			n.Layers, g.ends = joined(n.Layers, g.ends)
			return errors.Join(g.embedding(x), g.hiddenStates())
		}
		if err != nil {
			return err
		}
		x = next
	}
}

// joined returns layers that were found from the last to the first, with heads
// and the neurons behind them as one. ends are the streams behind what was found,
// and the embedding; those before and behind the layers are returned.
func joined(found []Layer, ends []string) (layers []Layer, streams []string) {
	streams = []string{ends[len(found)]}
	for i, l := range slices.Backward(found) {
		if last := len(layers) - 1; last >= 0 && len(l.Heads) == 0 && len(layers[last].In.Columns) == 0 && layers[last].Out.Bias == nil {
			layers[last].In, layers[last].Out = l.In, l.Out
			streams[last+1] = ends[i]
			continue
		}
		layers, streams = append(layers, l), append(streams, ends[i])
	}
	return layers, streams
}

// hiddenStates matches the outputs beside the first one, if there are any, with
// the streams before and behind the layers.
func (g *graph) hiddenStates() error {
	n := g.m.HiddenStates()
	if n == 0 {
		return nil
	}
	if n != len(g.ends) {
		return fmt.Errorf("%d hidden states are outputs, of %d", n, len(g.ends))
	}
	for i, stream := range g.ends {
		if stream != onnxrun.HiddenState(i) {
			return fmt.Errorf("%q is not the residual stream before layer %d", onnxrun.HiddenState(i), i)
		}
	}
	return nil
}

// errEmbedding ends the search for layers.
var errEmbedding = errors.New("the embedding")

// layer matches one addition to the stream, from its end: neurons, a bias, or
// attention. It returns the stream before it.
func (g *graph) layer(x string) (string, error) {
	op, ok := g.by[x]
	if ok && op.Op == "Add" && len(op.Inputs) == 2 && g.kind(op.Inputs[0]) == "Gather" && g.kind(op.Inputs[1]) == "Gather" {
		return "", errEmbedding
	}
	op, err := g.plain(x, "Add", 2)
	if err != nil {
		return "", err
	}
	g.stream = op.Inputs[0]
	added := op.Inputs[1]
	l := Layer{In: Linear{}, Out: Linear{Columns: make([][]Weight, g.n.Width)}}
	switch g.kind(added) {
	case "":
		l.Out.Bias, err = g.vector(added, g.n.Width)
	case "Add":
		err = g.neurons(added, &l)
	case "MatMul":
		err = g.attention(added, &l)
	default:
		err = fmt.Errorf("%q adds a %s to the residual stream", x, g.kind(added))
	}
	g.n.Layers = append(g.n.Layers, l)
	return g.stream, err
}

// kind is the operation that makes a value; "" for a constant or an input.
func (g *graph) kind(name string) string { return g.by[name].Op }

// reads checks that something reads the stream that it is added to.
func (g *graph) reads(x string, rows int) error {
	if x != g.stream || rows != g.n.Width {
		return fmt.Errorf("a part that is added to %q reads %q", g.stream, x)
	}
	return nil
}

// neurons matches relu(x In) Out + bias.
func (g *graph) neurons(name string, l *Layer) error {
	add, err := g.plain(name, "Add", 2)
	if err != nil {
		return err
	}
	bias, err := g.vector(add.Inputs[1], g.n.Width)
	if err != nil {
		return err
	}
	post, out, hidden, err := g.product(add.Inputs[0])
	if err != nil {
		return err
	}
	relu, err := g.plain(post, "Relu", 1)
	if err != nil {
		return err
	}
	x, in, rows, err := g.product(relu.Inputs[0])
	if err != nil {
		return err
	}
	if len(out.Columns) != g.n.Width || len(in.Columns) != hidden {
		return fmt.Errorf("%q: the sizes of its matrices do not fit", name)
	}
	out.Bias = bias
	l.In, l.Out = in, out
	return g.reads(x, rows)
}

// attention matches the heads of a layer.
func (g *graph) attention(name string, l *Layer) error {
	joined, o, rows, err := g.product(name)
	if err != nil {
		return err
	}
	if len(o.Columns) != g.n.Width {
		return fmt.Errorf("%q has %d columns, the stream has %d", name, len(o.Columns), g.n.Width)
	}
	merge, err := g.plain(joined, "Reshape", 2)
	if err != nil {
		return err
	}
	mixed, err := g.transposed(merge.Inputs[0], 0, 2, 1, 3)
	if err != nil {
		return err
	}
	mix, err := g.plain(mixed, "MatMul", 2)
	if err != nil {
		return err
	}
	g.heads, g.headSize = 0, 0
	v, err := g.project(mix.Inputs[1], 0, 2, 1, 3)
	if err != nil {
		return err
	}
	q, k, err := g.pattern(mix.Inputs[0])
	if err != nil {
		return err
	}
	if err := g.ints(merge.Inputs[1], 0, 0, int64(g.heads*g.headSize)); err != nil {
		return err
	}
	if rows != g.heads*g.headSize {
		return fmt.Errorf("%q has %d rows for %d heads of size %d", name, rows, g.heads, g.headSize)
	}
	for h := range g.heads {
		lo, hi := h*g.headSize, (h+1)*g.headSize
		l.Heads = append(l.Heads, Head{Q: q.Outputs(lo, hi), K: k.Outputs(lo, hi), V: v.Outputs(lo, hi), O: o.Inputs(lo, hi), Scale: 1})
	}
	return nil
}

// transposed matches a Transpose and returns what it reads.
func (g *graph) transposed(name string, perm ...int64) (string, error) {
	op, err := g.op(name, "Transpose", 1)
	if err != nil {
		return "", err
	}
	if got, ok := op.Attributes["perm"].([]int64); !ok || !slices.Equal(got, perm) || len(op.Attributes) != 1 {
		return "", fmt.Errorf("%q does not permute by %v", name, perm)
	}
	return op.Inputs[0], nil
}

// project matches the queries, keys or values of all heads.
func (g *graph) project(name string, perm ...int64) (Linear, error) {
	split, err := g.transposed(name, perm...)
	if err != nil {
		return Linear{}, err
	}
	shape, err := g.plain(split, "Reshape", 2)
	if err != nil {
		return Linear{}, err
	}
	c, ok := g.m.Constant(shape.Inputs[1])
	if !ok || len(c.Ints) != 4 || len(c.Shape) != 1 || c.Ints[0] != 0 || c.Ints[1] != 0 || c.Ints[2] < 1 || c.Ints[3] < 1 || c.Int32 {
		return Linear{}, fmt.Errorf("%q does not split rows into heads", split)
	}
	x, l, rows, err := g.product(shape.Inputs[0])
	if err != nil {
		return Linear{}, err
	}
	heads, size := int(c.Ints[2]), int(c.Ints[3])
	if g.heads != 0 && (g.heads != heads || g.headSize != size) {
		return Linear{}, fmt.Errorf("%q has %d heads of size %d, not %d of size %d", split, heads, size, g.heads, g.headSize)
	}
	g.heads, g.headSize = heads, size
	if len(l.Columns) != g.heads*g.headSize {
		return Linear{}, fmt.Errorf("%q has %d columns for %d heads of size %d", split, len(l.Columns), g.heads, g.headSize)
	}
	return l, g.reads(x, rows)
}

// pattern matches softmax over the visible scores.
func (g *graph) pattern(name string) (q, k Linear, err error) {
	soft, err := g.op(name, "Softmax", 1)
	if err != nil {
		return q, k, err
	}
	if axis, ok := soft.Attributes["axis"].(int64); !ok || axis != -1 || len(soft.Attributes) != 1 {
		return q, k, fmt.Errorf("%q is not over the last axis", name)
	}
	where, err := g.plain(soft.Inputs[0], "Where", 3)
	if err != nil {
		return q, k, err
	}
	if c, ok := g.m.Constant(where.Inputs[2]); !ok || len(c.Floats) != 1 || len(c.Shape) > 1 || c.Double || c.Floats[0] != -math.MaxFloat32 {
		return q, k, fmt.Errorf("%q does not give hidden keys the lowest score", soft.Inputs[0])
	}
	if err := g.mask(where.Inputs[0]); err != nil {
		return q, k, err
	}
	product, err := g.plain(where.Inputs[1], "MatMul", 2)
	if err != nil {
		return q, k, err
	}
	if q, err = g.project(product.Inputs[0], 0, 2, 1, 3); err != nil {
		return q, k, err
	}
	k, err = g.project(product.Inputs[1], 0, 2, 3, 1)
	return q, k, err
}

// mask matches what queries see: what the attention mask has 1 for, and in a
// causal network no later position.
func (g *graph) mask(name string) error {
	if g.visible != "" {
		if name != g.visible {
			return fmt.Errorf("%q and %q are two masks", g.visible, name)
		}
		return nil
	}
	g.visible = name
	keys := name
	if g.kind(name) == "And" {
		g.n.Causal = true
		and, err := g.plain(name, "And", 2)
		if err != nil {
			return err
		}
		keys = and.Inputs[0]
		if err := g.causal(and.Inputs[1]); err != nil {
			return err
		}
	}
	un, err := g.plain(keys, "Unsqueeze", 2)
	if err != nil {
		return err
	}
	if err := g.ints(un.Inputs[1], 1, 2); err != nil {
		return err
	}
	cast, err := g.op(un.Inputs[0], "Cast", 1)
	if err != nil {
		return err
	}
	const toBool = 9
	if to, ok := cast.Attributes["to"].(int64); !ok || to != toBool || len(cast.Attributes) != 1 || cast.Inputs[0] != onnxrun.AttentionMask {
		return fmt.Errorf("%q is not the attention mask as truth values", un.Inputs[0])
	}
	return nil
}

// causal matches key position <= query position.
func (g *graph) causal(name string) error {
	le, err := g.plain(name, "LessOrEqual", 2)
	if err != nil {
		return err
	}
	un, err := g.plain(le.Inputs[1], "Unsqueeze", 2)
	if err != nil {
		return err
	}
	if un.Inputs[0] != le.Inputs[0] {
		return fmt.Errorf("%q does not compare positions with themselves", name)
	}
	if err := g.ints(un.Inputs[1], 1); err != nil {
		return err
	}
	return g.counted(le.Inputs[0])
}

// counted matches the positions 0 … n-1.
func (g *graph) counted(name string) error {
	if g.positions != "" && g.positions == name {
		return nil
	}
	g.positions = name
	r, err := g.plain(name, "Range", 3)
	if err != nil {
		return err
	}
	if err := errors.Join(g.integer(r.Inputs[0], 0), g.integer(r.Inputs[2], 1)); err != nil {
		return err
	}
	length, err := g.gather(r.Inputs[1])
	if err != nil {
		return err
	}
	if err := g.integer(length.Inputs[1], 1); err != nil {
		return err
	}
	shape, err := g.plain(length.Inputs[0], "Shape", 1)
	if err == nil && shape.Inputs[0] != onnxrun.InputIDs {
		err = fmt.Errorf("%q is not the shape of the input", length.Inputs[0])
	}
	return err
}

// gather matches a Gather along the first axis.
func (g *graph) gather(name string) (onnxrun.Operation, error) {
	op, err := g.op(name, "Gather", 2)
	for k, v := range op.Attributes {
		if axis, ok := v.(int64); err == nil && (k != "axis" || !ok || axis != 0) {
			err = fmt.Errorf("%q does not gather rows", name)
		}
	}
	return op, err
}

// embedding matches tokens plus positions.
func (g *graph) embedding(name string) error {
	add, err := g.plain(name, "Add", 2)
	if err != nil {
		return err
	}
	tokens, err := g.gather(add.Inputs[0])
	if err != nil {
		return err
	}
	places, err := g.gather(add.Inputs[1])
	if err != nil {
		return err
	}
	if tokens.Inputs[1] != onnxrun.InputIDs {
		return fmt.Errorf("%q is not the tokens' embedding", add.Inputs[0])
	}
	if g.n.Tokens, err = g.table(tokens.Inputs[0]); err != nil {
		return err
	}
	if g.n.Positions, err = g.table(places.Inputs[0]); err != nil {
		return err
	}
	return g.counted(places.Inputs[1])
}

// table returns the rows of a matrix as wide as the stream.
func (g *graph) table(name string) ([][]float64, error) {
	rows, cols, data, err := g.matrix(name)
	if err != nil {
		return nil, err
	}
	if cols != g.n.Width {
		return nil, fmt.Errorf("%q has %d columns, the stream has %d", name, cols, g.n.Width)
	}
	out := make([][]float64, rows)
	for i := range out {
		out[i] = data[i*cols : (i+1)*cols]
	}
	return out, nil
}
