package generate

import (
	"encoding/binary"
	"errors"

	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
)

// draft is what nodes give on a few inputs, each computed once, from what its
// arguments gave. It tells which operators are worth keeping and judges nothing:
// that is up to the reference interpreter.
type draft struct {
	inputs [][]value.Value
	causal bool
	// By node. The positions of all inputs stand one after the other; the cells of
	// a selector row by row.
	sequences [][]value.Value
	matrices  [][]bool
	values    numbering
}

// errNoMean says that several values were selected that are no numbers.
var errNoMean = errors.New("generate: no mean")

// add computes the node that has been added to the graph last.
func (d *draft) add(n *sop.Node) error {
	d.sequences, d.matrices = append(d.sequences, nil), append(d.matrices, nil)
	var err error
	switch {
	case n.Selector():
		d.matrices[n.ID], err = d.selector(n)
	case n.Op.Elementwise():
		d.sequences[n.ID], err = d.elementwise(n)
	default:
		d.sequences[n.ID], err = d.gather(n)
	}
	return err
}

func (d *draft) elementwise(n *sop.Node) ([]value.Value, error) {
	out := make([]value.Value, len(d.sequences[n.Args[0]]))
	var args [3]value.Value
	for i := range out {
		for k, a := range n.Args {
			args[k] = d.sequences[a][i]
		}
		v, err := n.Apply(args[:len(n.Args)]...)
		if err != nil {
			return nil, err
		}
		out[i] = v
	}
	return out, nil
}

func (d *draft) selector(n *sop.Node) ([]bool, error) {
	if n.Op == sop.Select {
		return d.compare(n)
	}
	x := d.matrices[n.Args[0]]
	y := d.matrices[n.Args[len(n.Args)-1]]
	out := make([]bool, len(x))
	first := 0
	for _, in := range d.inputs {
		size := len(in)
		for i := range size * size {
			cell := first + i
			switch n.Op {
			case sop.SelAnd:
				out[cell] = x[cell] && y[cell]
			case sop.SelOr:
				out[cell] = x[cell] || y[cell]
			default:
				out[cell] = !x[cell] && d.sees(i/size, i%size)
			}
		}
		first += size * size
	}
	return out, nil
}

// sees reports whether a query may look at a key.
func (d *draft) sees(query, key int) bool { return !d.causal || key <= query }

func (d *draft) compare(n *sop.Node) ([]bool, error) {
	keys, queries := d.sequences[n.Args[0]], d.sequences[n.Args[1]]
	var out []bool
	first := 0
	for _, in := range d.inputs {
		for q := range in {
			for k := range in {
				holds, err := n.Cmp.Holds(keys[first+k], queries[first+q])
				if err != nil {
					return nil, err
				}
				out = append(out, holds && d.sees(q, k))
			}
		}
		first += len(in)
	}
	return out, nil
}

// gather computes leaves, and the s-ops that read a selector.
func (d *draft) gather(n *sop.Node) ([]value.Value, error) {
	var out []value.Value
	cell := 0
	for _, in := range d.inputs {
		first := len(out)
		for q, token := range in {
			v, err := n.Value, error(nil)
			switch n.Op {
			case sop.Tokens:
				v, err = n.Read.Of(token)
			case sop.Indices:
				v = value.IntOf(int64(q))
			case sop.Width:
				v = width(d.matrices[n.Args[0]][cell : cell+len(in)])
			case sop.Aggregate:
				v, err = mean(d.matrices[n.Args[0]][cell:cell+len(in)], d.sequences[n.Args[1]][first:], n.Value)
			}
			if err != nil {
				return nil, err
			}
			out = append(out, v)
			cell += len(in)
		}
	}
	return out, nil
}

func width(row []bool) value.Value {
	n := int64(0)
	for _, selected := range row {
		if selected {
			n++
		}
	}
	return value.IntOf(n)
}

func mean(row []bool, of []value.Value, none value.Value) (value.Value, error) {
	var last value.Value
	var sum value.Rat
	n := int64(0)
	numbers := true
	for k, selected := range row {
		if selected {
			last = of[k]
			numbers = numbers && last.IsNumber() && last.Kind() != value.KindBool
			sum = sum.Add(last.Rat())
			n++
		}
	}
	switch {
	case n == 0:
		return none, nil
	case n == 1:
		return last, nil
	case !numbers:
		return last, errNoMean
	}
	return value.Number(value.KindFloat, sum.Quo(value.Int(n))), nil
}

// key spells what a node gives: equal keys for equal values everywhere.
func (d *draft) key(id sop.ID) string {
	if cells := d.matrices[id]; cells != nil {
		text := make([]byte, len(cells))
		for i, selected := range cells {
			text[i] = byte(indicator(selected))
		}
		return string(text)
	}
	var text []byte
	for _, v := range d.sequences[id] {
		number, _ := d.values.of(v)
		text = binary.AppendUvarint(text, number)
	}
	return string(text)
}

func indicator(b bool) int {
	if b {
		return 1
	}
	return 0
}

// constant reports whether a node gives the same everywhere: a selector, all that
// there is to see or nothing.
func (d *draft) constant(id sop.ID) bool {
	if d.matrices[id] != nil {
		return d.uniform(d.matrices[id])
	}
	for _, v := range d.sequences[id] {
		if !value.Equal(v, d.sequences[id][0]) {
			return false
		}
	}
	return true
}

func (d *draft) uniform(cells []bool) bool {
	cell := 0
	var seen [2]bool
	for _, in := range d.inputs {
		for q := range in {
			for k := range in {
				if d.sees(q, k) {
					seen[indicator(cells[cell])] = true
				}
				cell++
			}
		}
	}
	return !seen[0] || !seen[1]
}
