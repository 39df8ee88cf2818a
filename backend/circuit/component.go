package circuit

import "fmt"

// Kind is a kind of component.
type Kind uint8

// The kinds, in the order of the residual stream.
const (
	Embed Kind = iota
	Position
	Head
	MLP
	Unembed
)

// Component is a part of a decoder that writes to the residual stream or reads
// it.
type Component struct {
	Kind  Kind
	Layer int // of a head or MLP
	Index int // of a head
}

// Logits is the component that only reads.
var Logits = Component{Kind: Unembed}

// String is the component's name: embed, pos, a0.h1, m0 or logits.
func (c Component) String() string {
	switch c.Kind {
	case Embed:
		return "embed"
	case Position:
		return "pos"
	case Head:
		return fmt.Sprintf("a%d.h%d", c.Layer, c.Index)
	case MLP:
		return fmt.Sprintf("m%d", c.Layer)
	}
	return "logits"
}

// time orders components: one that writes at a time is read at later ones.
// Heads of layer l run at 2l, its MLP at 2l+1.
func (c Component) time() int {
	const embedded, last = -1, int(^uint(0) >> 1)
	switch c.Kind {
	case Embed, Position:
		return embedded
	case Head:
		return 2 * c.Layer
	case MLP:
		return 2*c.Layer + 1
	}
	return last
}

// Input is which of a component's inputs is meant.
type Input uint8

// The inputs: the one of an MLP or of the unembedding, and the three of a head.
const (
	Whole Input = iota
	Query
	Key
	Value
)

// Port is an input of a component.
type Port struct {
	Component
	Input Input
}

// String is the component's name, for a head with the input: a0.h1<q>.
func (p Port) String() string {
	return p.Component.String() + [...]string{"", "<q>", "<k>", "<v>"}[p.Input]
}
