package craft

import (
	"slices"

	"github.com/raspc/raspc/frontend/value"
)

// Prune returns the program without what its output does not depend on:
// directions that nothing reads are not written, and neurons, value and score
// dimensions, heads and MLPs that then write or score nothing are dropped.
// Directions keep their numbers. Those of variables that are to be kept count
// as read.
func Prune(p *Program) *Program {
	// What a dropped part read may be read by no other, so the parts are
	// visited from the last on, each after all that read it.
	parts := make([]Part, 0, len(p.Parts))
	read := p.kept()
	mark(read, sources(p.Unembed))
	for i := len(p.Parts) - 1; i >= 0; i-- {
		if part, ok := p.Parts[i].prune(read); ok {
			mark(read, part.Reads())
			parts = append(parts, part)
		}
	}
	slices.Reverse(parts)
	q := *p
	q.Parts = parts
	to := func(e Entry) bool { return read[e.To] }
	q.Embed, q.Position = p.Embed.where(to), p.Position.where(to)
	q.Variables = make([]Variable, len(p.Variables))
	for i, v := range p.Variables {
		v.AtBOS = append([]value.Rat(nil), v.AtBOS...)
		for k := range v.AtBOS {
			if !read[v.First+k] {
				v.AtBOS[k] = value.Int(0)
			}
		}
		q.Variables[i] = v
	}
	return &q
}

// Read reports, for each residual direction, whether anything reads it or it
// belongs to a variable that is to be kept.
func (p *Program) Read() []bool {
	read := p.kept()
	mark(read, sources(p.Unembed))
	for _, part := range p.Parts {
		mark(read, part.Reads())
	}
	return read
}

func (p *Program) kept() []bool {
	read := make([]bool, len(p.Residual))
	for _, v := range p.Variables {
		for k := range v.Size() {
			read[v.First+k] = v.Kept
		}
	}
	return read
}

func mark(read []bool, which []int) {
	for _, i := range which {
		read[i] = true
	}
}

// prune returns the part without what writes to directions that are not read,
// and whether anything is left.
func (p Part) prune(read []bool) (Part, bool) {
	to := func(e Entry) bool { return read[e.To] }
	if p.Head != nil {
		h := *p.Head
		h.O = h.O.where(to)
		live := keep(len(h.Value), sources(h.O))
		h.Value, h.O, h.V = live.space(h.Value), live.from(h.O), live.to(h.V)
		scored := keep(len(h.Score), targets(h.Q)).and(keep(len(h.Score), targets(h.K)))
		h.Score, h.Q, h.K = scored.space(h.Score), scored.to(h.Q), scored.to(h.K)
		return Part{Head: &h}, len(h.O) > 0
	}
	m := *p.MLP
	m.Out, m.Bias = m.Out.where(to), m.Bias.where(to)
	live := keep(len(m.Hidden), sources(m.Out))
	m.Hidden, m.Roles, m.Out, m.In = live.space(m.Hidden), live.roles(m.Roles), live.from(m.Out), live.to(m.In)
	return Part{MLP: &m}, len(m.Out)+len(m.Bias) > 0
}

// renumbering gives the dimensions that stay their new numbers; -1 stands for
// those that go.
type renumbering []int

func keep(n int, which []int) renumbering {
	r := make(renumbering, n)
	for _, i := range which {
		r[i] = 1
	}
	return r.numbered()
}

func (r renumbering) and(s renumbering) renumbering {
	both := make(renumbering, len(r))
	for i := range r {
		if r[i] >= 0 && s[i] >= 0 {
			both[i] = 1
		}
	}
	return both.numbered()
}

func (r renumbering) numbered() renumbering {
	next := 0
	for i, stays := range r {
		r[i] = -1
		if stays > 0 {
			r[i] = next
			next++
		}
	}
	return r
}

func (r renumbering) space(s Space) Space {
	var kept Space
	for i, d := range s {
		if r[i] >= 0 {
			kept = append(kept, d)
		}
	}
	return kept
}

func (r renumbering) roles(all []Role) []Role {
	var kept []Role
	for i, role := range all {
		if r[i] >= 0 {
			kept = append(kept, role)
		}
	}
	return kept
}

func (r renumbering) from(m Map) Map {
	kept := Map{}
	for _, e := range m {
		if r[e.From] >= 0 {
			kept = append(kept, Entry{From: r[e.From], To: e.To, W: e.W})
		}
	}
	return kept
}

func (r renumbering) to(m Map) Map {
	kept := Map{}
	for _, e := range m {
		if r[e.To] >= 0 {
			kept = append(kept, Entry{From: e.From, To: r[e.To], W: e.W})
		}
	}
	return kept
}

func (m Map) where(ok func(Entry) bool) Map {
	kept := Map{}
	for _, e := range m {
		if ok(e) {
			kept = append(kept, e)
		}
	}
	return kept
}

func targets(m Map) []int {
	to := make([]int, len(m))
	for i, e := range m {
		to[i] = e.To
	}
	return to
}
