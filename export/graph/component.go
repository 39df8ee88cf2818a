package graph

import (
	"fmt"
	"regexp"
	"strconv"
)

// kind is a kind of component.
type kind uint8

const (
	embed kind = iota
	position
	head
	attention // all heads of a layer
	mlp
	logits
)

// component is a component by its name in the manifest, or one of its inputs.
type component struct {
	kind         kind
	layer, index int
	input        string // q, k, v or empty
}

var (
	headName = regexp.MustCompile(`^a([0-9]{1,6})\.h([0-9]{1,6})(?:<([qkv])>)?$`)
	mlpName  = regexp.MustCompile(`^m([0-9]{1,6})$`)
)

// parseComponent reads a name such as a0.h1<q>.
func parseComponent(name string) (c component, ok bool) {
	switch name {
	case "embed":
		return component{kind: embed}, true
	case "pos":
		return component{kind: position}, true
	case "logits":
		return component{kind: logits}, true
	}
	number := func(digits string) int {
		n, _ := strconv.Atoi(digits) // six digits at most
		return n
	}
	if m := headName.FindStringSubmatch(name); m != nil {
		return component{head, number(m[1]), number(m[2]), m[3]}, true
	}
	if m := mlpName.FindStringSubmatch(name); m != nil {
		return component{kind: mlp, layer: number(m[1])}, true
	}
	return c, false
}

// String is the name, without the input.
func (c component) String() string {
	switch c.kind {
	case embed:
		return "embed"
	case position:
		return "pos"
	case head:
		return fmt.Sprintf("a%d.h%d", c.layer, c.index)
	case attention:
		return fmt.Sprintf("a%d", c.layer)
	case mlp:
		return fmt.Sprintf("m%d", c.layer)
	}
	return "logits"
}

// whole is the part of a layer that a component belongs to.
func (c component) whole() component {
	if c.kind == head {
		return component{kind: attention, layer: c.layer}
	}
	return c
}

// stage orders components in the residual stream.
func (c component) stage() int {
	const last = 1 << 24 // behind all layers that have names
	switch c.kind {
	case embed, position:
		return 0
	case head, attention:
		return 2*c.layer + 1
	case mlp:
		return 2*c.layer + 2
	}
	return last
}
