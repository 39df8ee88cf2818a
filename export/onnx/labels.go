package onnx

import (
	"fmt"
	"slices"
	"strings"

	"github.com/raspc/raspc/export/manifest"
)

// labels says in words what the parts of a model compute. Without a manifest it
// says nothing.
type labels struct{ man *manifest.Manifest }

// idle is said of heads and neurons that are there to fill a layer.
const idle = "padding, which computes nothing"

// listed is how many items a doc string lists before it breaks off; named how many
// s-ops the name of a function has.
const (
	listed = 100
	named  = 3
)

// numeric reports whether the output is the number itself.
func (l labels) numeric() bool { return l.man != nil && l.man.Output.Kind == manifest.Numeric }

// program says what the model computes.
func (l labels) program() string {
	if l.man == nil {
		return ""
	}
	return fmt.Sprintf("%s of %s, for inputs of 1 to %d tokens behind BOS", l.man.Options.Output, l.man.Program.Name, l.man.Options.MaxLen)
}

// ids says which token has which id.
func (l labels) ids() string {
	if l.man == nil {
		return ""
	}
	t := l.man.Tokens
	return fmt.Sprintf("BOS (%d), the tokens, and PAD (%d) on the right: %s", t.BOS, t.PAD, numbered(t.Vocab))
}

// output says how to read the output.
func (l labels) output() string {
	if l.man == nil {
		return ""
	}
	name := l.name(l.man.Options.Output)
	if l.numeric() {
		return name + ", the number itself"
	}
	texts := make([]string, len(l.man.Output.Labels))
	for i, a := range l.man.Output.Labels {
		texts[i] = a.Text
	}
	return fmt.Sprintf("%s, the value whose column is the largest: %s", name, numbered(texts))
}

// numbered lists texts with their places.
func numbered(texts []string) string {
	parts := make([]string, 0, min(len(texts), listed)+1)
	for i, t := range texts {
		if i == listed {
			parts = append(parts, "…")
			break
		}
		parts = append(parts, fmt.Sprintf("%d = %s", i, t))
	}
	return strings.Join(parts, ", ")
}

// hidden says what hidden_states.i is.
func (l labels) hidden(i int) string {
	switch {
	case l.man == nil:
		return ""
	case i == 0:
		return fmt.Sprintf("the residual stream before the first layer\n%s\n%s", l.written("embedding"), l.written("position"))
	}
	return fmt.Sprintf("the residual stream after layer %d\n%s\n%s", i-1,
		l.written(fmt.Sprintf("layer %d attention", i-1)), l.written(fmt.Sprintf("layer %d mlp", i-1)))
}

// written says which columns of the residual stream a part writes.
func (l labels) written(part string) string {
	if l.man == nil {
		return ""
	}
	g := groups{}
	for _, c := range l.man.Columns {
		if c.Written == part {
			g.add(l.name(c.Variable), c.Index)
		}
	}
	if len(g) == 0 {
		return part + " writes nothing"
	}
	return part + " writes " + g.text("column")
}

// heads says what the heads of a layer compute, one a line.
func (l labels) heads(layer int) string {
	if l.man == nil {
		return ""
	}
	var lines []string
	for _, h := range l.man.Heads {
		if h.Layer == layer {
			lines = append(lines, fmt.Sprintf("head %d: %s (%s), selecting %s", h.Index, l.name(h.SOp), h.Kind, h.Selector))
		}
	}
	if len(lines) == 0 {
		return idle
	}
	return strings.Join(lines, "\n")
}

// neurons says what the neurons of a layer compute.
func (l labels) neurons(layer int) string {
	if l.man == nil {
		return ""
	}
	g := groups{}
	for _, n := range l.man.Neurons {
		switch {
		case n.Layer != layer:
		case strings.HasPrefix(n.Role, "clears "):
			g.add(n.Role, n.Index)
		default:
			g.add(l.name(n.SOp), n.Index)
		}
	}
	if len(g) == 0 {
		return idle
	}
	return g.text("neuron")
}

// sops returns the names that the program gives to the first few s-ops which
// heads or neurons of a scope compute.
func (l labels) sops(scope string) []string {
	if l.man == nil {
		return nil
	}
	var names []string
	add := func(part string, layer int, sop string) {
		if fmt.Sprintf("layer%d/%s", layer, part) != scope {
			return
		}
		for name := range strings.SplitSeq(sop, ", ") {
			if !strings.Contains(name, "#") && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	for _, h := range l.man.Heads {
		add("attention", h.Layer, h.SOp)
	}
	for _, n := range l.man.Neurons {
		add("mlp", n.Layer, n.SOp)
	}
	return names[:min(named, len(names))]
}

// name is the name of an s-op; with what it is, where the program gives it
// none.
func (l labels) name(sop string) string {
	for _, v := range l.man.Variables {
		if v.Name == sop && v.Expr != "" {
			return fmt.Sprintf("%s = %s", sop, v.Expr)
		}
	}
	return sop
}

// groups gathers the places of each s-op, in the order of their first ones.
type groups []group

type group struct {
	sop    string
	places []int
}

func (g *groups) add(sop string, place int) {
	i := slices.IndexFunc(*g, func(e group) bool { return e.sop == sop })
	if i < 0 {
		i = len(*g)
		*g = append(*g, group{sop: sop})
	}
	(*g)[i].places = append((*g)[i].places, place)
}

// text lists s-ops with the places, such as "rank: neurons 0-17".
func (g groups) text(what string) string {
	parts := make([]string, len(g))
	for i, e := range g {
		if len(e.places) > 1 {
			parts[i] = fmt.Sprintf("%s: %ss %s", e.sop, what, ranges(e.places))
		} else {
			parts[i] = fmt.Sprintf("%s: %s %d", e.sop, what, e.places[0])
		}
	}
	return strings.Join(parts, "; ")
}

// ranges writes numbers as runs: "0-3, 7".
func ranges(ns []int) string {
	slices.Sort(ns)
	var parts []string
	for i := 0; i < len(ns); {
		j := i
		for j+1 < len(ns) && ns[j+1] <= ns[j]+1 {
			j++
		}
		if ns[j] > ns[i] {
			parts = append(parts, fmt.Sprintf("%d-%d", ns[i], ns[j]))
		} else {
			parts = append(parts, fmt.Sprint(ns[i]))
		}
		i = j + 1
	}
	return strings.Join(parts, ", ")
}
