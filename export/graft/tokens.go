package graft

import (
	"slices"

	"github.com/raspc/raspc/backend/decoder"
)

// tokens are the circuit's embeddings of the host's tokens. One that the program does not
// have gets what all of the program's have in common: it is a token, and none of them.
// Nothing is claimed of inputs with such tokens, but the circuit's heads and counts stay
// as small there as they are elsewhere, and the host can be trained on them.
func (p *parts) tokens() []decoder.Entry {
	all := moved(p.circuit.Embed, at(p.place.Tokens), at(p.place.Columns), 1)
	foreign := p.common()
	for id := range p.sizes.Vocab {
		if slices.Contains(p.place.Tokens, id) {
			continue
		}
		for _, e := range foreign {
			all = append(all, decoder.Entry{Row: id, Col: p.place.Columns[e.Col], W: e.W})
		}
	}
	return all
}

// common is a row of the circuit's columns: what they are in the rows of all tokens of the
// program alike, and minus the sum of that in the compensation.
func (p *parts) common() []decoder.Entry {
	c := p.circuit.Config
	seen := map[decoder.Entry]int{} // columns with their weights
	for _, e := range p.circuit.Embed.Entries {
		if e.Row != c.BOS && e.Row != c.PAD {
			seen[decoder.Entry{Col: e.Col, W: e.W}]++
		}
	}
	compensation := len(p.place.Columns) // none
	if p.place.Normed {
		compensation -= 2
	}
	var row []decoder.Entry
	sum := 0.0
	for e, times := range seen {
		if times == c.Vocab-2 && e.Col != compensation {
			row = append(row, e)
		}
	}
	slices.SortFunc(row, func(a, b decoder.Entry) int { return a.Col - b.Col }) // sums depend on the order
	for _, e := range row {
		sum += float64(e.W)
	}
	if p.place.Normed && sum != 0 {
		row = append(row, decoder.Entry{Col: compensation, W: float32(-sum)})
	}
	return row
}
