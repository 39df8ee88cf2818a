package host

import "slices"

// Constant returns what a column of the circuit holds at every token of the program, and
// at BOS. It is false where that is not one number, or where anything but the embedding of
// tokens writes to the column.
func (p *Parts) Constant(column int) (token, bos float64, ok bool) {
	c := slices.Index(p.Columns, column)
	if c < 0 || p.written(c) {
		return 0, 0, false
	}
	last := len(p.Circuit.Tokens) - 1
	token, bos = p.Circuit.Tokens[0][c], p.Circuit.Tokens[last][c]
	return token, bos, !slices.ContainsFunc(p.Circuit.Tokens[:last], func(row []float64) bool { return row[c] != token })
}

// written reports whether positions, heads or neurons write to a column of the circuit.
func (p *Parts) written(c int) bool {
	adds := func(row []float64) bool { return row != nil && row[c] != 0 }
	if slices.ContainsFunc(p.Circuit.Positions, adds) {
		return true
	}
	for i := range p.Circuit.Layers {
		l := &p.Circuit.Layers[i]
		if adds(l.AttnBias) || adds(l.Out.Bias) || len(l.Out.Columns[c]) > 0 {
			return true
		}
		for h := range l.Heads {
			if len(l.Heads[h].O.Columns[c]) > 0 {
				return true
			}
		}
	}
	return false
}
