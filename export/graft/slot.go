package graft

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"

	"github.com/raspc/raspc/backend/decoder"
)

// Slot is a part of a model: a head, or the whole MLP of a layer.
type Slot struct {
	Layer int
	MLP   bool
	Head  int // unless MLP
}

// slotName matches names of slots: blocks.2.mlp and blocks.2.attn.head.1, or m2 and a2.h1 as
// in raspc.json.
var slotName = regexp.MustCompile(`^(?:blocks\.(\d{1,9})\.(?:mlp|attn\.head\.(\d{1,9}))|m(\d{1,9})|a(\d{1,9})\.h(\d{1,9}))$`)

// ParseSlot reads the name of a slot.
func ParseSlot(text string) (Slot, error) {
	p := slotName.FindStringSubmatch(text)
	if p == nil {
		return Slot{}, fmt.Errorf("%q is no part of a model: those are written blocks.2.mlp or blocks.2.attn.head.1", text)
	}
	layer, _ := strconv.Atoi(p[1] + p[3] + p[4])
	head, err := strconv.Atoi(p[2] + p[5])
	return Slot{Layer: layer, MLP: err != nil, Head: head}, nil
}

// String is the name of the slot.
func (s Slot) String() string {
	if s.MLP {
		return fmt.Sprintf("blocks.%d.mlp", s.Layer)
	}
	return fmt.Sprintf("blocks.%d.attn.head.%d", s.Layer, s.Head)
}

// replaced is what makes room in a layer.
type replaced struct {
	mlp   bool
	heads []int // nil for none
}

// replaced holds the slots to what there is of the circuit and of the model.
func (c *circuit) replaced(s decoder.Config, o IntoOptions) (map[int]replaced, error) {
	all := map[int]replaced{}
	for _, slot := range o.Replace {
		r, i := all[slot.Layer], slot.Layer-o.At
		switch {
		case slot.Layer >= s.Layers || !slot.MLP && slot.Head >= s.Heads:
			return nil, fmt.Errorf("%w: --replace %s: the model has %d layers of %d heads", ErrHost, slot, s.Layers, s.Heads)
		case i < 0 || i >= len(c.model.Layers):
			return nil, fmt.Errorf("%w: --replace %s: the program has no layer there; with --at %d it has %d from layer %d on", ErrHost, slot, o.At, len(c.model.Layers), o.At)
		case slot.MLP && r.mlp || !slot.MLP && slices.Contains(r.heads, slot.Head):
			return nil, fmt.Errorf("%w: --replace %s is there twice", ErrHost, slot)
		case slot.MLP && c.neurons[i] == 0:
			return nil, fmt.Errorf("%w: --replace %s: the program has no neurons there", ErrHost, slot)
		}
		if slot.MLP {
			r.mlp = true
		} else {
			r.heads = append(r.heads, slot.Head)
		}
		all[slot.Layer] = r
	}
	for layer, r := range all {
		slices.Sort(r.heads)
		if n := c.heads[layer-o.At]; r.heads != nil && len(r.heads) != n {
			return nil, fmt.Errorf("%w: the program has %d heads in layer %d, and --replace names %d there", ErrHost, n, layer, len(r.heads))
		}
	}
	return all, nil
}
