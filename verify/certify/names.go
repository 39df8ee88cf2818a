package certify

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/raspc/raspc/frontend/sop"
)

// describe names an s-op in a message.
func (p *program) describe(id nodeID) string {
	n := p.g.Node(id)
	if name := p.g.Name(id); name != "" {
		return name
	}
	return fmt.Sprintf("%s in line %d", n.Op, n.Pos.Line)
}

// described names s-ops, each once.
func (p *program) described(ids []nodeID) string {
	var names []string
	for _, id := range ids {
		if name := p.describe(id); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return listed(names)
}

// named names atoms.
func (p *program) named(atoms []atomID) string {
	var names []string
	for _, a := range atoms {
		names = append(names, p.atoms[a].name)
	}
	return listed(names)
}

// listed joins names; "nothing" where there are none.
func listed(names []string) string {
	switch last := len(names) - 1; last {
	case -1:
		return "nothing"
	case 0:
		return names[0]
	default:
		return strings.Join(names[:last], ", ") + " and " + names[last]
	}
}

// widthName names the number of keys that a summation counts by a width of the
// program, or by an aggregate over its selector.
func (p *program) widthName(d summation) string {
	name := "a width"
	for _, id := range p.order {
		n := p.g.Node(id)
		if n.Op != sop.Width && n.Op != sop.Aggregate {
			continue
		}
		if p.summation(totalKey{n.Args[0], none}).key() == d.key() {
			if n.Op == sop.Width {
				return p.describe(id)
			}
			name = "the width of " + p.describe(n.Args[0])
		}
		if !p.analysed(n) {
			break // it is the one being named; what follows may depend on it
		}
	}
	return name
}

// analysed reports whether the atoms of an aggregate or a width are known.
func (p *program) analysed(n *sop.Node) bool {
	_, own := p.own[n.ID]
	return own || p.totals[totalKey{n.Args[0], none}] != nil
}

// scoredBy names what a head's scores depend on.
func (h *head) scoredBy() string {
	set := map[atomID]bool{}
	for _, d := range h.scores.dims {
		h.p.addAtoms(d.query.l, set)
		h.p.addAtoms(d.key.l, set)
	}
	return h.p.prog.named(slices.Sorted(maps.Keys(set)))
}

// over lists the aggregates, or else the widths, over some selectors.
func (p *program) over(selectors []nodeID, op sop.Op) []nodeID {
	return slices.DeleteFunc(slices.Clone(p.order), func(id nodeID) bool {
		n := p.g.Node(id)
		return n.Op != op || !slices.Contains(selectors, n.Args[0])
	})
}
