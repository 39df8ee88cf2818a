package raspc

import (
	"slices"

	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/values"
)

// bypasses finds the s-ops whose columns some reader looks past: the program
// computes the reader from the s-op, and the model from what the s-op is computed
// from. Such a reader does not see what is written into the columns.
type bypasses struct {
	p     *parts
	held  map[sop.ID]bool // s-ops that have columns
	reads map[sop.ID]map[sop.ID]bool
	found map[sop.ID][]sop.ID // readers by s-op
}

// logits stands for what is read of the output, among s-ops.
const logits sop.ID = -2

// bypassed returns, for each s-op with columns, the readers that look past them.
func (p *parts) bypassed() map[sop.ID][]sop.ID {
	b := &bypasses{p: p, held: map[sop.ID]bool{}, reads: map[sop.ID]map[sop.ID]bool{}, found: map[sop.ID][]sop.ID{}}
	for _, l := range p.circuit.Labels {
		if n := l.Variable - firstVariable; n >= 0 && p.m.result.Craft.Variables[n].Part == "" {
			b.held[p.m.result.Craft.Variables[n].SOp] = true
		}
	}
	for _, l := range p.circuit.Labels {
		if n := l.Variable - firstVariable; n >= 0 && p.m.result.Craft.Variables[n].Part == "" {
			b.collect(p.m.result.Craft.Variables[n].SOp, l.Variable, map[int]bool{})
		}
	}
	b.collect(logits, -1, map[int]bool{})
	for reader, read := range b.reads {
		b.look(reader, read)
	}
	for _, readers := range b.found {
		slices.Sort(readers)
	}
	return b.found
}

// collect notes what a variable of a reader, or the logits, are computed from. What
// only holds something of an s-op is looked through.
func (b *bypasses) collect(reader sop.ID, variable int, seen map[int]bool) {
	if seen[variable] {
		return
	}
	seen[variable] = true
	for _, f := range b.p.circuit.Flows {
		if f.To != variable || f.From < firstVariable {
			continue
		}
		v := &b.p.m.result.Craft.Variables[f.From-firstVariable]
		if v.Part != "" {
			b.collect(reader, f.From, seen)
			continue
		}
		if b.reads[reader] == nil {
			b.reads[reader] = map[sop.ID]bool{}
		}
		b.reads[reader][v.SOp] = true
	}
}

// look follows the program from a reader down to what the model reads. Held s-ops
// on the way are looked past; and so is each that is read, if what it is computed
// from is read as well but the program has it on no other way.
func (b *bypasses) look(reader sop.ID, read map[sop.ID]bool) {
	if read[reader] && len(read) == 1 {
		return // another form of the s-op itself
	}
	seen := map[sop.ID]bool{}
	b.visit(reader, reader, read, seen)
	for id := range read {
		if seen[id] || id == reader {
			continue
		}
		for passed := range read {
			if passed != id && passed != reader && b.below(passed, id) {
				b.note(passed, reader)
			}
		}
	}
}

// visit follows the arguments of a node.
func (b *bypasses) visit(reader, id sop.ID, read, seen map[sop.ID]bool) {
	g := b.p.m.result.Graph
	for _, a := range b.arguments(id) {
		if seen[a] {
			continue
		}
		seen[a] = true
		if read[a] || a == values.RawToken {
			continue
		}
		if b.held[a] && !g.Node(a).Selector() {
			b.note(a, reader)
		}
		b.visit(reader, a, read, seen)
	}
}

// arguments are those of a node; a reading of tokens reads the input.
func (b *bypasses) arguments(id sop.ID) []sop.ID {
	switch id {
	case values.RawToken:
		return nil
	case logits:
		return []sop.ID{b.p.m.result.Output}
	}
	n := b.p.m.result.Graph.Node(id)
	if n.Op == sop.Tokens {
		return []sop.ID{values.RawToken}
	}
	return n.Args
}

// below reports whether an s-op is computed from another one.
func (b *bypasses) below(id, from sop.ID) bool {
	if id == values.RawToken {
		return false
	}
	g := b.p.m.result.Graph
	return slices.ContainsFunc(g.Reachable(id), func(a sop.ID) bool {
		return a != id && a == from || from == values.RawToken && g.Node(a).Op == sop.Tokens
	})
}

func (b *bypasses) note(passed, reader sop.ID) {
	if !slices.Contains(b.found[passed], reader) {
		b.found[passed] = append(b.found[passed], reader)
	}
}
