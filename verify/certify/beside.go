package certify

import (
	"errors"
	"math"

	"github.com/raspc/raspc/verify/network"
)

// Surroundings are columns that the stream has beside the network's own, of which
// nothing is known but bounds: those of a larger network that the proof's is a part of.
// The network reads none of them; they count in its norms.
type Surroundings interface {
	// Norm bounds them in front of the next norm, in the order of the network, where
	// the network's own columns hold no more than the given sizes. The error says why
	// they have no bound.
	Norm(own []float64) (Ambient, error)
}

// Ambient bounds columns at one point, at every position of every input, BOS's
// included.
type Ambient struct {
	Columns int
	Sum     float64 // the size of their sum
	Length  float64 // the root of the sum of their squares
}

// size bounds the sum of their absolute values.
func (a Ambient) size() float64 { return up(math.Sqrt(float64(a.Columns)) * a.Length) }

// beside bounds what stands beside the stream.
func (p *proof) beside() (Ambient, error) {
	if p.spec.Beside == nil {
		return Ambient{}, nil
	}
	own := make([]float64, len(p.stream.cols))
	for i := range p.stream.cols {
		size, atBOS := p.held(&p.stream.cols[i])
		own[i] = max(size, atBOS)
	}
	a, err := p.spec.Beside.Norm(own)
	p.bounded(a.Length * a.Length)
	return a, err
}

// errBeside refuses networks whose norms are followed in another way.
var errBeside = errors.New("what stands beside a network is bounded in float32 only, in front of norms, and where the stream is not rotated")

// surrounded reports a network that cannot stand beside other columns.
func (p *proof) surrounded() error {
	n := p.net
	if p.spec.Beside == nil {
		return nil
	}
	posts := n.EmbedNorm != nil
	for i := range n.Layers {
		posts = posts || n.Layers[i].Between != nil || n.Layers[i].After != nil
	}
	if posts || n.Type != network.Float32 || p.spec.Rotation != nil {
		return errBeside
	}
	return nil
}
