package disguise

import (
	"math"

	"github.com/raspc/raspc/backend/layout"
	"github.com/raspc/raspc/backend/schedule"
	"github.com/raspc/raspc/craft"
)

// Blur estimates how far off each column of each variable is, beside the
// variable's noise, where the stream is rotated: by rounding numbers that stand
// in all columns. In a stream that is not, what is exact stays so. The unit is the
// relative error of one rounding.
//
// Rounding a stream of length X moves what is along any direction by at most X
// units, and what a weight vector of length w reads by some times w X units. The worst
// case, in which all roundings have one sign, is up to as many times more as there are
// columns; the certificate counts on it. Embeddings and what heads copy are few
// digits long, and stay exact: nothing is rounded before numbers are averaged or added
// up.
func Blur(p *craft.Program, s *schedule.Schedule, l *layout.Layout, unit float64) []float64 {
	const usual = 4 // roundings' part in a product of vectors
	length := length(p, l)
	first := firstRounded(p, s, l)
	stream := unit * length * float64(max(0, 2*l.Model.Config.Layers-first))
	off := make([]float64, len(p.Residual))
	for i := range off {
		off[i] = stream
	}
	for i, part := range p.Parts {
		read := 0.0 // for a weight vector of length 1
		if at := moment(part, s.Layer[i]); at > first {
			read = unit * length * float64(usual+at-first)
		}
		in, out := craft.Map(nil), craft.Map(nil)
		share := 0.0 // of the result, by which it may be off
		if h := part.Head; h != nil {
			in, out = h.V, h.O
			if h.Kind != craft.Move {
				share = 2 * scoreBlur(h, read)
			}
		} else {
			in, out = part.MLP.In, part.MLP.Out
		}
		squares := map[int]float64{}
		for _, e := range in {
			squares[e.To] += e.W.Float64() * e.W.Float64()
		}
		added := map[int]float64{}
		for _, e := range out {
			added[e.To] += math.Abs(e.W.Float64()) * read * math.Sqrt(squares[e.From])
		}
		for to, x := range added {
			off[to] += x + share
		}
	}
	blur := make([]float64, len(p.Variables))
	for i, v := range p.Variables {
		for k := range v.Size() {
			blur[i] = max(blur[i], off[v.First+k])
		}
	}
	return blur
}

// moment numbers the parts of layers: heads of layer n act at 2n, neurons at 2n+1.
func moment(part craft.Part, layer int) int {
	if part.Head != nil {
		return 2 * layer
	}
	return 2*layer + 1
}

// firstRounded is the moment at which numbers are first averaged or added up, by the
// program or by noise.
func firstRounded(p *craft.Program, s *schedule.Schedule, l *layout.Layout) int {
	first := 2 * s.Layers
	for i, part := range p.Parts {
		if part.Head != nil && part.Head.Kind != craft.Move {
			first = min(first, moment(part, s.Layer[i]))
		}
	}
	useful := usefulOf(l)
	for n, layer := range l.Model.Layers {
		for k, h := range layer.Heads {
			if len(h.O.Entries) > 0 && !useful[usefulHeads][[2]int{n, k}] {
				first = min(first, 2*n)
			}
		}
		for _, e := range layer.Out.Entries {
			if !useful[usefulNeurons][[2]int{n, e.Row}] {
				first = min(first, 2*n+1)
			}
		}
	}
	return first
}

// scoreBlur estimates by how much scores of one head are off.
func scoreBlur(h *craft.Head, read float64) float64 {
	size := func(m craft.Map) map[int]float64 {
		most := map[int]float64{}
		for _, e := range m {
			most[e.To] = max(most[e.To], math.Abs(e.W.Float64()))
		}
		return most
	}
	queries, keys := size(h.Q), size(h.K)
	total := 0.0
	for d, q := range queries {
		total += 2 * q * keys[d] * read
	}
	return total
}

// length estimates the length of the stream.
func length(p *craft.Program, l *layout.Layout) float64 {
	squares := 1.0 // of BOS, or of what is none
	for _, v := range p.Variables {
		switch v.Encoding {
		case craft.Categorical, craft.Numeric:
			squares++
		default:
			squares += float64(v.Size())
		}
	}
	used := map[int]bool{}
	for _, col := range l.Columns {
		used[col] = true
	}
	noise := make([]float64, l.Model.Config.DModel) // the largest embedding of each column
	for _, e := range l.Model.Embed.Entries {
		if !used[e.Col] {
			noise[e.Col] = max(noise[e.Col], math.Abs(float64(e.W)))
		}
	}
	for _, x := range noise {
		squares += 4 * x * x // of positions, too, and of what layers add
	}
	return math.Sqrt(squares)
}
