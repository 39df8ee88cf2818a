package schedule

import (
	"fmt"
	"slices"
	"strings"

	"github.com/raspc/raspc/craft"
)

// Share lets heads that score alike be one: softmax weights do not depend on
// what is averaged, so that one head carries the values of all of them, side by
// side. Two heads are joined where that makes the model neither deeper nor
// larger.
func Share(p *craft.Program) *craft.Program {
	for {
		shared := shareOnce(p)
		if shared == nil {
			return p
		}
		p = shared
	}
}

// shareOnce joins the first two heads that can be, or returns nil.
func shareOnce(p *craft.Program) *craft.Program {
	layers, size := padded(p)
	alike := map[string][]int{}
	for j, part := range p.Parts {
		if part.Head == nil {
			continue
		}
		key := scores(part.Head)
		for _, i := range alike[key] {
			q, ok := joined(p, i, j)
			if !ok {
				continue
			}
			if l, s := padded(q); l <= layers && s <= size {
				return q
			}
		}
		alike[key] = append(alike[key], j)
	}
	return nil
}

// padded returns the layers of a program, and what they take for one column of
// the stream.
func padded(p *craft.Program) (layers, size int) {
	s := earliestOf(p)
	b := newBalance(p, s)
	b.run()
	size, _ = b.cost()
	return s.Layers, size
}

// scores spells all that a head's softmax depends on.
func scores(h *craft.Head) string {
	var b strings.Builder
	fmt.Fprint(&b, h.Kind, len(h.Score))
	for _, m := range []craft.Map{h.Q, h.K} {
		b.WriteByte(';')
		for _, e := range m {
			fmt.Fprint(&b, e.From, " ", e.To, " ", e.W, ",")
		}
	}
	return b.String()
}

// joined makes one head of the heads i and j, or fails where one of them
// depends on the other.
func joined(p *craft.Program, i, j int) (*craft.Program, bool) {
	g, h := p.Parts[i].Head, p.Parts[j].Head
	both := *g
	both.Name = g.Name + ", " + h.Name
	if g.Selector != h.Selector {
		both.Selector = g.Selector + "; " + h.Selector
	}
	n := len(g.Value)
	both.Value = slices.Concat(g.Value, h.Value)
	both.V, both.O = slices.Clone(g.V), slices.Clone(g.O)
	for _, e := range h.V {
		both.V = append(both.V, craft.Entry{From: e.From, To: e.To + n, W: e.W})
	}
	for _, e := range h.O {
		both.O = append(both.O, craft.Entry{From: e.From + n, To: e.To, W: e.W})
	}
	both.V, both.O = craft.NewMap(both.V), craft.NewMap(both.O)
	q := *p
	q.Parts = slices.Clone(p.Parts)
	q.Parts[i] = craft.Part{Head: &both}
	q.Parts = slices.Delete(q.Parts, j, j+1)
	return &q, sorted(&q)
}

// sorted puts the parts in an order in which each reads only what is written
// before it, and reports whether there is one.
func sorted(p *craft.Program) bool {
	writers, readers := dependencies(p)
	open := make([]int, len(p.Parts)) // writers that are not placed yet
	var ready []int
	for i := range p.Parts {
		if open[i] = len(writers[i]); open[i] == 0 {
			ready = append(ready, i)
		}
	}
	var order []craft.Part
	for len(ready) > 0 {
		i := slices.Min(ready)
		ready = slices.DeleteFunc(ready, func(k int) bool { return k == i })
		order = append(order, p.Parts[i])
		for _, r := range readers[i] {
			if open[r]--; open[r] == 0 {
				ready = append(ready, r)
			}
		}
	}
	complete := len(order) == len(p.Parts)
	p.Parts = order
	return complete
}
