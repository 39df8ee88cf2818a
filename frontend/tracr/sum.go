package tracr

import (
	"slices"

	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
)

// sum finds functions of one argument each whose sum a table is. Sums of numbers
// cost nothing where a table costs neurons.
func (b *builder) sum(n *node, x, y sop.ID, at sop.Pos) (sop.ID, bool) {
	rows := n.rows
	if slices.ContainsFunc(rows, func(r row) bool { return r.err != "" || !r.result.IsNumber() }) {
		return 0, false
	}
	parts := separate(rows)
	for _, r := range rows {
		v, err := value.Add(parts[0][r.args[0].Key()], parts[1][r.args[1].Key()])
		if err != nil || !value.Identical(v, r.result) {
			return 0, false
		}
	}
	xs, ys := distinct(rows, 0), distinct(rows, 1)
	first, second := parts[0].of(xs), parts[1].of(ys)
	s := summed{b.dict(x, xs, first, n.absentOne(0), at), b.dict(y, ys, second, n.absentOne(1), at), false}
	s.apart = smallestGap(first).Cmp(spread(second)) > 0
	id := b.g.Map(sop.Add, at, s.first, s.second)
	b.sums[id] = s
	return id, true
}

// part is a function of one of two arguments.
type part map[value.Key]value.Value

func (p part) of(args []value.Value) []value.Value {
	vs := make([]value.Value, len(args))
	for i, a := range args {
		vs[i] = p[a.Key()]
	}
	return vs
}

// separate finds the two functions whose sum a table of numbers is, if it is one. Pairs that
// are not listed do not meet, and so the sum need not be known of them: each row gives the
// function of one argument where that of the other is known. Where no more follow, a second
// argument is taken for 0.
func separate(rows []row) [2]part {
	s := separation{rows: rows}
	for k := range s.of {
		s.parts[k], s.of[k] = part{}, map[value.Key][]int{}
		for i, r := range rows {
			key := r.args[k].Key()
			s.of[k][key] = append(s.of[k][key], i)
		}
	}
	for _, r := range rows {
		root := r.args[1].Key()
		if _, ok := s.parts[1][root]; ok {
			continue
		}
		zero, _ := value.Sub(r.result, r.result)
		s.learn(1, root, zero)
		for _, i := range s.of[1][root] { // the results themselves, each of its own kind
			s.learn(0, rows[i].args[0].Key(), rows[i].result)
		}
		s.follow()
	}
	return s.parts
}

// separation is the work of separate.
type separation struct {
	rows  []row
	of    [2]map[value.Key][]int // the rows of an argument
	parts [2]part
	known []argument // from which no more was followed yet
}

type argument struct {
	which int
	key   value.Key
}

func (s *separation) learn(which int, key value.Key, v value.Value) {
	if _, ok := s.parts[which][key]; !ok {
		s.parts[which][key] = v
		s.known = append(s.known, argument{which, key})
	}
}

// follow learns what rows say of the other argument of one that is known.
func (s *separation) follow() {
	for ; len(s.known) > 0; s.known = s.known[1:] {
		a := s.known[0]
		for _, i := range s.of[a.which][a.key] {
			v, _ := value.Sub(s.rows[i].result, s.parts[a.which][a.key])
			s.learn(1-a.which, s.rows[i].args[1-a.which].Key(), v)
		}
	}
}

// summed is a sum of functions of one s-op each.
type summed struct {
	first, second sop.ID
	// apart says that two values of the first are further apart than any of the
	// second: then the first decides which of two sums is less, and the second only
	// between equal ones.
	apart bool
}

// smallestGap is the least distance of two different numbers; 0 where all are one.
func smallestGap(vs []value.Value) value.Rat {
	vs = value.SortUnique(slices.Clone(vs))
	least := value.Int(0)
	for i := 1; i < len(vs); i++ {
		if gap := vs[i].Rat().Sub(vs[i-1].Rat()); i == 1 || gap.Cmp(least) < 0 {
			least = gap
		}
	}
	return least
}

// spread is the largest distance of two numbers.
func spread(vs []value.Value) value.Rat {
	return slices.MaxFunc(vs, value.Compare).Rat().Sub(slices.MinFunc(vs, value.Compare).Rat())
}
