package disguise

import (
	"fmt"
	"slices"

	"github.com/raspc/raspc/craft"
	"github.com/raspc/raspc/frontend/value"
)

// MostCopies is how often a variable can be held.
const MostCopies = 16

// Duplicate returns a program that holds some variables in several places: each
// copy has directions of its own, which heads and neurons of their own compute
// where the variable is computed, and the embedding writes where it is embedded.
// The copies of a variable are numbered, from 1 on.
//
// Those that read a variable (heads, MLPs and the unembedding, in the program's
// order) take the copies in turn, or the mean of some, where there are more
// copies than readers. With mean, all read the mean of all copies. Its
// weights are powers of two, of which the first ones are larger where the number
// of copies is none.
func Duplicate(p *craft.Program, held func(craft.Variable) bool, copies int, mean bool) *craft.Program {
	for copies > 1 {
		i := slices.IndexFunc(p.Variables, func(v craft.Variable) bool { return held(v) && v.Copy == 0 })
		if i < 0 {
			break
		}
		p = duplicate(p, i, copies, mean)
	}
	return craft.Prune(p)
}

// duplicate is Duplicate for the variable of a number.
func duplicate(p *craft.Program, variable, copies int, mean bool) *craft.Program {
	d := &duplication{out: *p, copies: copies, readers: 1, places: make([][]int, len(p.Residual))}
	if v := &p.Variables[variable]; !mean {
		d.readers = readers(p, v.First, v.First+v.Size())
	}
	d.variables(variable)
	d.out.Embed, d.out.Position, d.out.Parts = d.written(p.Embed), d.written(p.Position), nil
	for _, part := range p.Parts {
		d.part(part)
	}
	d.out.Unembed = d.readAll(p.Unembed)[0]
	return &d.out
}

// readers counts what reads directions.
func readers(p *craft.Program, from, to int) int {
	n := 0
	count := func(read []int) {
		if slices.ContainsFunc(read, func(r int) bool { return from <= r && r < to }) {
			n++
		}
	}
	for _, part := range p.Parts {
		count(part.Reads())
	}
	count(craft.Part{MLP: &craft.MLP{In: p.Unembed}}.Reads())
	return n
}

// duplication is a program that is being made of another one.
type duplication struct {
	out     craft.Program
	copies  int
	places  [][]int // of each old direction, the new ones: one, or one a copy
	numbers []int   // of each old variable, the new one: the first of copies
	// duplicated is the first direction of the first copy.
	duplicated int
	readers    int // that take copies in turn; 1 where all take the mean of all
	read       int // so many readers have been given theirs
}

// variables gives the new directions their numbers.
func (d *duplication) variables(duplicated int) {
	old := d.out.Residual
	d.out.Residual = slices.Clone(old[:craft.Real+1])
	for i := range d.out.Residual {
		d.places[i] = []int{i}
	}
	variables := d.out.Variables
	d.out.Variables = nil
	for i, v := range variables {
		copies := 1
		if i == duplicated {
			copies = d.copies
		}
		first, name := v.First, v.Name
		for n := range copies {
			if v.First = len(d.out.Residual); n == 0 {
				d.numbers = append(d.numbers, len(d.out.Variables))
			}
			if n == 0 && copies > 1 {
				d.duplicated = v.First
			}
			if copies > 1 {
				v.Copy, v.Kept, v.Name = n+1, true, name+copyName(n+1)
			}
			d.out.Variables = append(d.out.Variables, v)
			for k := range v.Size() {
				d.places[first+k] = append(d.places[first+k], v.First+k)
				direction := old[first+k]
				direction.Variable = v.Name
				d.out.Residual = append(d.out.Residual, direction)
			}
		}
	}
}

// copyName is what distinguishes the name of a copy: the first one keeps that of the
// variable.
func copyName(n int) string {
	if n == 1 {
		return ""
	}
	return fmt.Sprintf(" (copy %d)", n)
}

// part adds a part, and one more for each further copy of what it writes.
func (d *duplication) part(p craft.Part) {
	p = d.reading(p)
	for n := range d.copies {
		if q := d.writing(p, n); len(q.Writes()) > 0 {
			d.out.Parts = append(d.out.Parts, q)
		}
	}
}

// reading returns a part that reads the new directions.
func (d *duplication) reading(p craft.Part) craft.Part {
	if p.Head != nil {
		h := *p.Head
		maps := d.readAll(h.Q, h.K, h.V)
		h.Q, h.K, h.V = maps[0], maps[1], maps[2]
		return craft.Part{Head: &h}
	}
	m := *p.MLP
	taken := d.taken(d.read)[0]
	m.In = d.readAll(m.In)[0]
	m.Roles = d.roles(m.Roles, taken)
	return craft.Part{MLP: &m}
}

// roles returns roles that speak of the new variables: of the copy that is read, the
// first of several.
func (d *duplication) roles(roles []craft.Role, taken int) []craft.Role {
	moved := slices.Clone(roles)
	for i := range moved {
		where := slices.Clone(moved[i].Where)
		for k := range where {
			to := d.numbers[where[k].Variable]
			if where[k].Variable = to; d.out.Variables[to].First == d.duplicated {
				where[k].Variable += taken
			}
		}
		moved[i].Where = where
	}
	return moved
}

// writing returns the part that writes copy number n, from 0 on: the first one
// writes all else, too.
func (d *duplication) writing(p craft.Part, n int) craft.Part {
	if p.Head != nil {
		h := *p.Head
		h.O, h.Copy = d.copyOf(h.O, n), max(h.Copy, d.number(h.O, n))
		return craft.Part{Head: &h}
	}
	m := *p.MLP
	m.Out, m.Bias, m.Copy = d.copyOf(m.Out, n), d.copyOf(m.Bias, n), max(m.Copy, d.number(m.Out, n))
	return craft.Part{MLP: &m}
}

// number is that of the copy that a map writes, from 1 on; 0 where it writes no
// copies.
func (d *duplication) number(m craft.Map, n int) int {
	if slices.ContainsFunc(m, func(e craft.Entry) bool { return len(d.places[e.To]) > 1 }) {
		return n + 1
	}
	return 0
}

// copyOf returns the part of a map to the old directions that writes one copy.
func (d *duplication) copyOf(m craft.Map, n int) craft.Map {
	var moved []craft.Entry
	for _, e := range m {
		if to := d.places[e.To]; n < len(to) {
			moved = append(moved, craft.Entry{From: e.From, To: to[n], W: e.W})
		}
	}
	return craft.NewMap(moved)
}

// written returns a map that writes all copies.
func (d *duplication) written(m craft.Map) craft.Map {
	var moved []craft.Entry
	for n := range d.copies {
		moved = append(moved, d.copyOf(m, n)...)
	}
	return craft.NewMap(moved)
}

// readAll returns the maps of one reader.
func (d *duplication) readAll(maps ...craft.Map) []craft.Map {
	taken := d.taken(d.read)
	weights, copied := shares(len(taken)), false
	out := make([]craft.Map, len(maps))
	for i, m := range maps {
		var moved []craft.Entry
		for _, e := range m {
			from := d.places[e.From]
			if len(from) == 1 {
				moved = append(moved, craft.Entry{From: from[0], To: e.To, W: e.W})
				continue
			}
			copied = true
			for k, n := range taken {
				moved = append(moved, craft.Entry{From: from[n], To: e.To, W: e.W.Mul(weights[k])})
			}
		}
		out[i] = craft.NewMap(moved)
	}
	if copied {
		d.read++
	}
	return out
}

// taken returns the copies whose mean a reader takes.
func (d *duplication) taken(reader int) []int {
	if d.readers >= d.copies {
		return []int{reader % d.copies}
	}
	var taken []int
	for n := reader % max(1, d.readers); n < d.copies; n += max(1, d.readers) {
		taken = append(taken, n)
	}
	return taken
}

// shares are n powers of two that add up to 1, as even as can be.
func shares(n int) []value.Rat {
	least := 1
	for 2*least <= n {
		least *= 2
	}
	all := make([]value.Rat, n)
	for i := range all {
		if all[i] = value.Frac(1, int64(least)); i >= 2*least-n {
			all[i] = value.Frac(1, int64(2*least))
		}
	}
	return all
}
