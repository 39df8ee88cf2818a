package page

import (
	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
	"github.com/raspc/raspc/verify"
)

// data is what the page's script reads.
type data struct {
	Causal  bool       `json:"causal"` // the program, not the model
	MaxLen  int        `json:"maxLen"`
	Vocab   []atom     `json:"vocab"` // by token id
	Labels  []atom     `json:"labels"`
	Others  []atom     `json:"others"` // what logits behind those of the labels stand for, which never are the largest
	Numeric bool       `json:"numeric"`
	Inputs  *automaton `json:"inputs"`    // nil where all inputs are the program's
	Partial bool       `json:"unchecked"` // which inputs are is not written here
	Example []atom     `json:"example"`

	Nodes  Nodes `json:"nodes"` // arguments before users
	Output int   `json:"output"`

	Columns []columnLabel `json:"columns"`
	// Rotation is that of the manifest, nil for none: columns are not what the network
	// has, but along its rows.
	Rotation []numbers     `json:"rotation,omitempty"`
	Held     []held        `json:"held"`
	Heads    []headLabel   `json:"heads"`
	Neurons  []neuronLabel `json:"neurons"`
	Front    int           `json:"front"` // layers that the labels do not number
	Network  *network      `json:"network"`
}

// columnLabel, headLabel and neuronLabel are what the page says of the labels of the
// manifest's columns, heads and neurons.
type columnLabel struct {
	Index    int    `json:"index"`
	Variable string `json:"variable"`
	Value    string `json:"value,omitempty"`
}

type headLabel struct {
	Layer    int    `json:"layer"`
	Index    int    `json:"index"`
	SOp      string `json:"sop"`
	Kind     string `json:"kind"`
	Selector string `json:"selector"`
}

type neuronLabel struct {
	Layer int    `json:"layer"`
	Index int    `json:"index"`
	SOp   string `json:"sop"`
	Role  string `json:"role"`
}

// automaton says which inputs the program is meant for; see verify.View.Inputs.
type automaton struct {
	Next      []int32 `json:"next"`
	Accepting []int   `json:"accepting"` // states
}

// maxAutomaton is how many transitions a page holds.
const maxAutomaton = 1 << 18

// node is a node of the graph of s-ops.
type node struct {
	ID    sop.ID   `json:"id"` // in the program's graph, as names in the source have it
	Op    string   `json:"op"`
	Args  []int    `json:"args,omitempty"` // places in the list of nodes
	Read  string   `json:"read,omitempty"`
	Cmp   string   `json:"cmp,omitempty"`
	Value *atom    `json:"value,omitempty"`
	Table *table   `json:"table,omitempty"`
	Names []string `json:"names,omitempty"`
	Expr  string   `json:"expr"`
	Line  int      `json:"line,omitempty"` // in the program's own text
}

type table struct {
	Dict bool   `json:"dict"`
	Keys []atom `json:"keys,omitempty"`
	Vals []atom `json:"vals"`
}

// held is an s-op and the columns that hold it; see verify.Held.
type held struct {
	Name     string       `json:"name"`
	Node     int          `json:"node"` // place in the list of nodes; -1 for the tokens
	Encoding string       `json:"encoding"`
	Error    float64      `json:"error"`
	Gap      float64      `json:"gap"`
	Scale    float64      `json:"scale"`
	Columns  []heldColumn `json:"columns"`
}

type heldColumn struct {
	Index int    `json:"index"`
	Label string `json:"label,omitempty"`
	From  int    `json:"from"`
	To    int    `json:"to"`
}

// atom is a value as one string: the first letter of its kind, then the text or the
// exact number.
type atom string

func atomOf(v value.Value) atom {
	kind := atom(v.Kind().String()[:1])
	if v.IsString() {
		return kind + atom(v.Text())
	}
	return kind + atom(v.Rat().String())
}

func atomsOf(vs []value.Value) []atom {
	atoms := make([]atom, len(vs))
	for i, v := range vs {
		atoms[i] = atomOf(v)
	}
	return atoms
}

func dataOf(v *verify.View) *data {
	m := v.Manifest
	d := &data{
		Causal: v.Program.Settings.Causal.Value, MaxLen: v.MaxLen(), Vocab: atomsOf(v.Vocab()), Labels: atomsOf(v.Labels()), Others: atomsOf(v.Others),
		Numeric: m.Output.Kind == manifest.Numeric, Example: atomsOf(v.Example()),
	}
	next, accepting, complete := v.Inputs()
	switch {
	case !complete || len(next) > maxAutomaton:
		d.Partial = true
	case next != nil:
		d.Inputs = &automaton{Next: next}
		for q, yes := range accepting {
			if yes {
				d.Inputs.Accepting = append(d.Inputs.Accepting, q)
			}
		}
	}
	place := d.graph(v.Program.Graph, v.Program.Output.ID, v.Program.Files[0].Name())
	if r := len(m.Rotation); v.Network == nil || weights(v.Network)+r*m.Model.DModel > MaxWeights || r > 0 && m.Model.DModel > v.Network.Width {
		return d
	}
	for _, row := range m.Rotation {
		d.Rotation = append(d.Rotation, row)
	}
	d.Network, d.Front = networkOf(v.Network, v.MaxLen()+1), v.Front
	d.labels(m, max(v.Network.Width, len(m.Rotation)))
	for _, h := range v.Held {
		x := held{Name: h.Name, Node: -1, Encoding: h.Encoding, Error: h.Error, Gap: h.Gap, Scale: h.Scale}
		if h.Node != verify.Raw {
			x.Node = place[h.Node]
		}
		for _, c := range h.Columns {
			x.Columns = append(x.Columns, heldColumn(c))
		}
		d.Held = append(d.Held, x)
	}
	return d
}

// labels takes over what the manifest says of the network, as far as it speaks of parts
// that are there: who wrote it is not known.
func (d *data) labels(m *manifest.Manifest, width int) {
	layers := d.Network.Layers[min(d.Front, len(d.Network.Layers)):]
	inLayer := func(layer, index int, size func(layer) int) bool {
		return layer >= 0 && layer < len(layers) && index >= 0 && index < size(layers[layer])
	}
	for _, c := range m.Columns {
		if c.Index >= 0 && c.Index < width {
			d.Columns = append(d.Columns, columnLabel{c.Index, c.Variable, c.Value})
		}
	}
	for _, h := range m.Heads {
		if inLayer(h.Layer, h.Index, func(l layer) int { return len(l.Heads) }) {
			d.Heads = append(d.Heads, headLabel{h.Layer, h.Index, h.SOp, h.Kind, h.Selector})
		}
	}
	for _, n := range m.Neurons {
		if inLayer(n.Layer, n.Index, func(l layer) int { return len(l.In.Columns) }) {
			d.Neurons = append(d.Neurons, neuronLabel{n.Layer, n.Index, n.SOp, n.Role})
		}
	}
}

// graph writes the nodes that an output depends on, and returns their places.
func (d *data) graph(g *sop.Graph, output sop.ID, file string) map[sop.ID]int {
	d.Nodes = NodesOf(g, output)
	d.Output = len(d.Nodes) - 1
	place := map[sop.ID]int{}
	for i := range d.Nodes {
		n := &d.Nodes[i]
		place[n.ID] = i
		if pos := g.Node(n.ID).Pos; pos.File == file {
			n.Line = pos.Line
		}
	}
	return place
}
