// Package network holds transformers as files hold them: their weights, without
// the zeros, and in which order they act. It is what a proof is about, and what
// a sparse evaluation runs.
package network

// Weight is one non-zero weight of a column of a matrix.
type Weight struct {
	Row int
	W   float64 // of the network's type
}

// Linear is y = x W + b, as the non-zero weights of each output.
type Linear struct {
	Columns [][]Weight
	Bias    []float64 // of each output; nil for none
}

// BiasOf returns the bias of an output.
func (l Linear) BiasOf(j int) float64 {
	if l.Bias == nil {
		return 0
	}
	return l.Bias[j]
}

// LinearOf makes a Linear from a dense matrix of the given number of columns,
// row by row.
func LinearOf(dense []float64, cols int, bias []float64) Linear {
	l := Linear{Columns: make([][]Weight, cols), Bias: bias}
	for i, w := range dense {
		if w != 0 {
			l.Columns[i%cols] = append(l.Columns[i%cols], Weight{i / cols, w})
		}
	}
	return l
}

// Outputs returns the part that makes the outputs from lo to hi.
func (l Linear) Outputs(lo, hi int) Linear {
	s := Linear{Columns: l.Columns[lo:hi]}
	if l.Bias != nil {
		s.Bias = l.Bias[lo:hi]
	}
	return s
}

// Inputs returns the part that reads the inputs from lo to hi.
func (l Linear) Inputs(lo, hi int) Linear {
	out := Linear{Columns: make([][]Weight, len(l.Columns))}
	for c, ws := range l.Columns {
		for _, w := range ws {
			if w.Row >= lo && w.Row < hi {
				out.Columns[c] = append(out.Columns[c], Weight{w.Row - lo, w.W})
			}
		}
	}
	return out
}

// Rows returns the weights by input instead of by output; Row is the output.
func (l Linear) Rows(n int) [][]Weight {
	rows := make([][]Weight, n)
	for j, col := range l.Columns {
		for _, w := range col {
			rows[w.Row] = append(rows[w.Row], Weight{j, w.W})
		}
	}
	return rows
}

// Head is one attention head. Scores are query times key times Scale.
type Head struct {
	Q, K, V Linear // from the residual stream to the head
	O       Linear // from the head to the residual stream
	Scale   float64
	// Turn bounds the angle, in radians, by which positions turn queries and keys
	// before they are multiplied; 0 where they do not. It is so small that runs leave
	// it out; proofs count it.
	Turn float64
}

// Norm is a layer norm: (x - mean) / sqrt(var + Eps) * Weight + Bias over the
// columns, with the biased variance. Without a bias, which is nil then, it is a
// norm by the root of the mean square: x / sqrt(mean of x² + Eps) * Weight.
type Norm struct {
	Weight, Bias []float64
	Eps          float64
}

// Centres reports whether the norm subtracts the mean.
func (n *Norm) Centres() bool { return n.Bias != nil }

// BiasOf returns the bias of a column.
func (n *Norm) BiasOf(c int) float64 {
	if n.Bias == nil {
		return 0
	}
	return n.Bias[c]
}

// Layer is attention, then neurons. Each part adds to the residual stream what it
// makes of it; the norms are nil where the architecture has none.
type Layer struct {
	AttnNorm *Norm // of what the heads read
	Heads    []Head
	AttnBias []float64 // added with the heads; nil for none
	Between  *Norm     // of the stream, after the heads

	MLPNorm *Norm  // of what the neurons read
	In, Out Linear // no columns where the layer has no neurons
	Up      Linear // what each neuron is multiplied by; no columns where that is 1
	Act     Activation
	After   *Norm // of the stream, after the neurons
}

// Network is a transformer as a file holds it. A position's stream begins as the
// sum of its token's and its place's rows.
type Network struct {
	Width     int
	Causal    bool        // queries see no later keys
	Tokens    [][]float64 // embedding of each token id
	TokenType []float64   // added to each token's embedding; nil for none
	Positions [][]float64 // of each position, BOS's first
	EmbedNorm *Norm
	Layers    []Layer
	Final     *Norm // of what the unembedding reads
	Unembed   Linear
	BOS       int // token id
	Type      Type
}
