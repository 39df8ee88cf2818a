package graft

import (
	"cmp"
	"math"
	"slices"

	"github.com/raspc/raspc/backend/decoder"
)

// parts makes the tensors of a host with its circuit.
type parts struct {
	circuit *decoder.Model // closed where norms subtract a mean
	place   *Place
	sizes   decoder.Config // of the host
	gain    float32        // of norms
	next    bool           // a language model
	layer   []int          // the circuit's layer by the host's, or -1
	fill    fill
	all     []*weight
}

// fill chooses what the host holds in a tensor, nil for zeros: sigma is the standard
// deviation with which the architecture's trainer begins.
type fill func(w *weight, kind kind, sigma float64) filling

// kind is what a tensor does with the residual stream.
type kind uint8

const (
	inside kind = iota // neither reads nor writes
	writer
	reader
	norm // stays as it is
)

func newParts(circuit *decoder.Model, place *Place, sizes decoder.Config, eps float64, next bool) *parts {
	p := &parts{circuit: circuit, place: place, sizes: sizes, gain: float32(math.Sqrt(eps)), next: next, layer: make([]int, sizes.Layers)}
	for i := range p.layer {
		p.layer[i] = slices.Index(place.Layers, i)
	}
	return p
}

// add adds a tensor; its host's part is yet to be chosen.
func (p *parts) add(w *weight, kind kind, sigma float64) {
	slices.SortFunc(w.circuit, func(a, b decoder.Entry) int { return cmp.Or(cmp.Compare(a.Row, b.Row), cmp.Compare(a.Col, b.Col)) })
	w.host = p.fill(w, kind, sigma)
	p.all = append(p.all, w)
}

// stream is true at the columns of the circuit.
func (p *parts) stream() []bool { return flags(p.sizes.DModel, p.place.Columns) }

// unread is true at the columns that the host does not read; nil where it reads all.
func (p *parts) unread() []bool {
	if p.place.Unread == nil {
		return nil
	}
	return flags(p.sizes.DModel, p.place.Unread)
}

// slots returns the slots of the circuit's heads in a layer of the host.
func (p *parts) slots(layer int) []int {
	if k := p.layer[layer]; k >= 0 {
		return p.place.Heads[k]
	}
	return nil
}

// neurons returns the circuit's neurons in a layer of the host.
func (p *parts) neurons(layer int) []int {
	if k := p.layer[layer]; k >= 0 {
		return p.place.Neurons[k]
	}
	return nil
}

// taken is true at the neurons of a layer that are the circuit's, and at the columns that
// the biases of the MLP do not write: those of the circuit, or, where it has the whole MLP,
// all.
func (p *parts) taken(layer int) (mine, closed []bool) {
	if k := p.layer[layer]; k >= 0 && p.place.Whole != nil && p.place.Whole[k] {
		return every(p.sizes.DMLP), every(p.sizes.DModel)
	}
	return flags(p.sizes.DMLP, p.neurons(layer)), p.stream()
}

// circuitLayer returns the circuit's layer in one of the host, or an empty one.
func (p *parts) circuitLayer(layer int) decoder.Layer {
	if k := p.layer[layer]; k >= 0 {
		return p.circuit.Layers[k]
	}
	return decoder.Layer{}
}

// dims returns the dimensions of heads that stand side by side from a number on.
func (p *parts) dims(slots []int, from int) []int {
	var all []int
	for _, s := range slots {
		all = append(all, span(from+s*p.sizes.DHead, p.sizes.DHead)...)
	}
	return all
}

// moved returns entries elsewhere, with their rows and columns looked up, or counted on
// from a number where there is no list. The scale is multiplied in float64.
func moved(m decoder.Matrix, row, col func(int) int, scale float64) []decoder.Entry {
	out := make([]decoder.Entry, len(m.Entries))
	for i, e := range m.Entries {
		w := e.W
		if scale != 1 {
			w = float32(float64(w) * scale)
		}
		out[i] = decoder.Entry{Row: row(e.Row), Col: col(e.Col), W: w}
	}
	return out
}

// at looks numbers up in a list.
func at(list []int) func(int) int { return func(i int) int { return list[i] } }

// from counts on from a number.
func from(first int) func(int) int { return func(i int) int { return first + i } }

// same keeps numbers.
func same(i int) int { return i }

// transposed exchanges rows and columns.
func transposed(all []decoder.Entry) []decoder.Entry {
	for i, e := range all {
		all[i].Row, all[i].Col = e.Col, e.Row
	}
	return all
}

// table adds the embeddings of tokens or of positions.
func (p *parts) table(name string, rows int, circuit []decoder.Entry, sigma float64) {
	p.add(&weight{name: name, rows: rows, cols: p.sizes.DModel, colsOf: stream, colsFrozen: p.stream(), circuit: circuit}, writer, sigma)
}

// norm adds a vector that stays as it is.
func (p *parts) norm(name string, value float32) {
	w := &weight{name: name, rows: 1, cols: p.sizes.DModel, colsOf: stream, vector: true, rowsFrozen: every(1)}
	if value != 0 {
		for c := range w.cols {
			w.circuit = append(w.circuit, decoder.Entry{Col: c, W: value})
		}
	}
	p.add(w, norm, 0)
}

// vector adds a vector of biases, zeros in the beginning.
func (p *parts) vector(name string, n int, of axis, layer int, frozen []bool, circuit []decoder.Entry, k kind) {
	p.add(&weight{name: name, rows: 1, cols: n, vector: true, colsOf: of, layer: layer, colsFrozen: frozen, circuit: circuit}, k, 0)
}

// head adds what makes the outputs, as a torch Linear.
func (p *parts) head(next, labels string) {
	name := labels
	if p.next {
		name = next
	}
	p.add(&weight{name: name + ".weight", rows: p.sizes.Outputs, cols: p.sizes.DModel, colsOf: stream, colsFrozen: p.unread()}, reader, initial)
	if !p.next {
		p.vector(name+".bias", p.sizes.Outputs, others, 0, nil, nil, inside)
	}
}

// initial is the standard deviation of weights with which transformers begins to train:
// initializer_range of both architectures.
const initial = 0.02
