package certify

import (
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/raspc/raspc/frontend/value"
)

// maxStates bounds the combinations of values that are looked at together.
const maxStates = 1 << 20

// errTooMany says that functions take too many values together.
var errTooMany = errors.New("too many combinations of values")

// leaf is a sum of functions of single atoms. What somebody asks about is a
// function of some leaves, so that one state of each combination of their
// values stands for all.
type leaf []tab

// identity is the leaf that tells all values of an atom apart.
func (p *program) identity(a atomID) (leaf, error) {
	if !p.atoms[a].listed() {
		return nil, fmt.Errorf("%w of %s: they are not listed", errTooMany, p.atoms[a].name)
	}
	t := make([]float64, len(p.atoms[a].values))
	for i := range t {
		t[i] = float64(i)
	}
	return leaf{{atom: a, table: t}}, nil
}

// leaves collects what decides some functions.
type leaves struct {
	p    *program
	all  []leaf
	err  error
	seen map[*lin]bool
	node map[nodeID]bool
}

func (p *program) newLeaves() *leaves {
	return &leaves{p: p, seen: map[*lin]bool{}, node: map[nodeID]bool{}}
}

// identity adds an atom.
func (ls *leaves) identity(a atomID) {
	l, err := ls.p.identity(a)
	if err != nil {
		ls.fail(err)
		return
	}
	ls.all = append(ls.all, l)
}

func (ls *leaves) fail(err error) {
	if ls.err == nil {
		ls.err = err
	}
}

// lin adds what decides a function.
func (ls *leaves) lin(l *lin) {
	if l == nil || ls.seen[l] {
		return
	}
	ls.seen[l] = true
	if len(l.tabs) > 0 {
		for _, t := range l.tabs {
			if t.table == nil && !ls.p.atoms[t.atom].listed() {
				ls.fail(fmt.Errorf("%w of %s: they are not listed", errTooMany, ls.p.atoms[t.atom].name))
				return
			}
		}
		ls.all = append(ls.all, ls.tables(l.tabs))
	}
	for _, part := range l.terms {
		switch t := part.t; t.kind {
		case innerTerm:
			ls.lin(t.inner)
		case jointTerm:
			for _, a := range t.joint {
				ls.identity(a)
			}
		case nodeTerm:
			ls.program(t.node)
		default:
			ls.fail(errors.New("a sum over keys that is no s-op of the program"))
		}
	}
}

// tables writes factors as tables.
func (ls *leaves) tables(tabs []tab) leaf {
	out := slices.Clone(tabs)
	for i, t := range out {
		if t.table == nil {
			nums := ls.p.atoms[t.atom].nums
			out[i].table = make([]float64, len(nums))
			for k, v := range nums {
				out[i].table[k] = t.slope * v
			}
		}
	}
	return out
}

// program adds what decides an s-op of the program.
func (ls *leaves) program(n nodeID) { ls.p.decide(n, ls) }

// merged returns the leaves with those of one atom each joined: they are
// replaced by the classes of its values that they tell apart.
func (ls *leaves) merged() []leaf {
	single := map[atomID][][]float64{}
	var out []leaf
	for _, l := range ls.all {
		if len(l) == 1 {
			single[l[0].atom] = append(single[l[0].atom], l[0].table)
		} else {
			out = append(out, l)
		}
	}
	for _, a := range slices.Sorted(maps.Keys(single)) {
		out = append(out, leaf{{atom: a, table: classes(single[a])}})
	}
	return out
}

// classes numbers the distinct rows that some tables have side by side.
func classes(tables [][]float64) []float64 {
	known := map[string]float64{}
	out := make([]float64, len(tables[0]))
	row := make([]float64, len(tables))
	for i := range out {
		for k, t := range tables {
			row[k] = t[i]
		}
		key := keyOf(row)
		if _, ok := known[key]; !ok {
			known[key] = float64(len(known))
		}
		out[i] = known[key]
	}
	return out
}

func keyOf(row []float64) string { return string(appendNumbers(make([]byte, 0, 8*len(row)), row)) }

// appendNumbers appends the bits of numbers.
func appendNumbers(b []byte, row []float64) []byte {
	for _, v := range row {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v+0)) // -0 is 0
	}
	return b
}

// states returns assignments such that every combination of the leaves'
// values that some input can produce is that of one of them. Atoms count as
// independent, but for what the rules of sums say. There may be combinations
// that no input produces.
func (ls *leaves) states() ([]assignment, error) {
	if ls.err != nil {
		return nil, ls.err
	}
	if r := ls.p.reach; r != nil {
		return r.states(ls.merged()), nil
	}
	with, rules := ls.ruled()
	if len(rules) > 0 {
		if states, err := with.list(rules); err == nil {
			return states, nil
		}
	}
	return ls.list(nil)
}

// list enumerates the states that rules permit.
func (ls *leaves) list(rules []rule) ([]assignment, error) {
	all := ls.merged()
	coords := map[atomID]bool{}
	for _, l := range all {
		for _, t := range l {
			coords[t.atom] = true
		}
	}
	now := []*partial{{at: make(assignment, len(ls.p.atoms)), sums: make([]float64, len(all))}}
	given := map[atomID]bool{}
	atoms := slices.Sorted(maps.Keys(coords))
	for _, step := range ls.p.steps(atoms) {
		for _, a := range step.atoms {
			given[a] = true
		}
		var decided []rule // now that these atoms are given, too
		rules = slices.DeleteFunc(rules, func(r rule) bool {
			if !within(r.atoms, given) {
				return false
			}
			decided = append(decided, r)
			return true
		})
		var err error
		if now, err = ls.p.extend(now, step, all, decided); errors.Is(err, errTooMany) {
			return nil, fmt.Errorf("%w of %s: more than %d", errTooMany, ls.p.named(atoms), ls.p.limit)
		}
		if err != nil {
			return nil, err
		}
	}
	out := make([]assignment, 0, len(now))
	for _, s := range now {
		out = append(out, s.at)
	}
	return out, nil
}

// each visits states until the proof is given up, which Prove sees.
func (p *program) each(states []assignment) iter.Seq[assignment] {
	const aWhile = 1 << 8
	return func(yield func(assignment) bool) {
		for i, at := range states {
			if i%aWhile == 0 && p.alive() != nil || !yield(at) {
				return
			}
		}
	}
}

// where describes a state: the values of the atoms that matter.
func (p *program) where(ls *leaves, at assignment) string {
	involved := map[atomID]bool{}
	for _, l := range ls.all {
		for _, t := range l {
			involved[t.atom] = true
		}
	}
	var parts []string
	for _, a := range slices.Sorted(maps.Keys(involved)) {
		parts = append(parts, fmt.Sprintf("%s is %s", p.atoms[a].name, p.atoms[a].values[at[a]].Repr()))
	}
	return strings.Join(parts, ", ")
}

// partial is a state under construction.
type partial struct {
	at   assignment
	sums []float64
}

// step is what some atoms can be together.
type step struct {
	atoms  []atomID
	values [][]int32
}

// steps orders atoms. Index and length go together, and with them the token
// where the program has a BOS of its own.
func (p *program) steps(atoms []atomID) []step {
	var together, out = step{}, []step(nil)
	for _, a := range atoms {
		if a == indexAtom || a == lengthAtom || a == tokenAtom && p.bos != nil {
			together.atoms = append(together.atoms, a)
			continue
		}
		s := step{atoms: []atomID{a}}
		for i := range p.atoms[a].values {
			s.values = append(s.values, []int32{int32(i)})
		}
		out = append(out, s)
	}
	if len(together.atoms) > 0 {
		together.values = p.places(together.atoms)
		out = slices.Insert(out, 0, together)
	}
	return out
}

// places lists what token, index and length can be together, for some of them.
func (p *program) places(atoms []atomID) [][]int32 {
	var all [][]int32
	withToken, withIndex, withLength := slices.Contains(atoms, tokenAtom), slices.Contains(atoms, indexAtom), slices.Contains(atoms, lengthAtom)
	tokens := 1
	if withToken {
		tokens = len(p.atoms[tokenAtom].values)
	}
	for l := range p.maxLen {
		if !withLength && l < p.maxLen-1 {
			continue
		}
		for i := range l + 1 {
			if !withToken && !withIndex && i > 0 {
				break
			}
			for t := range tokens {
				if withToken && (i == 0) != value.Equal(p.atoms[tokenAtom].values[t], *p.bos) {
					continue
				}
				row := make([]int32, len(atoms))
				for k, a := range atoms {
					row[k] = [...]int32{int32(t), int32(i), int32(l)}[a]
				}
				all = append(all, row)
			}
		}
	}
	return all
}

// extend gives every state every value of a step, and keeps one state of each
// combination of sums that rules permit.
func (p *program) extend(now []*partial, s step, all []leaf, rules []rule) ([]*partial, error) {
	changes := s.changes(all)
	seen := map[string]bool{}
	var out []*partial
	sums, key := make([]float64, len(all)), []byte(nil)
	for _, old := range now {
		if err := p.alive(); err != nil {
			return nil, err
		}
		for _, c := range changes {
			for i, v := range c.sums {
				sums[i] = old.sums[i] + v
			}
			key = appendNumbers(key[:0], sums)
			if seen[string(key)] {
				continue
			}
			seen[string(key)] = true
			at := slices.Clone(old.at)
			for k, a := range s.atoms {
				at[a] = c.values[k]
			}
			if !p.possible(at, rules) {
				continue
			}
			if out = append(out, &partial{at, slices.Clone(sums)}); len(out) > p.limit {
				return nil, errTooMany
			}
		}
	}
	return out, nil
}

// change is what values of some atoms add to the leaves.
type change struct {
	values []int32
	sums   []float64
}

// changes lists the changes that differ.
func (s step) changes(all []leaf) []change {
	var out []change
	known := map[string]bool{}
	sums, key := make([]float64, len(all)), []byte(nil)
	parts := s.parts(all)
	for _, vs := range s.values {
		clear(sums)
		for _, t := range parts {
			sums[t.leaf] += t.table[vs[t.atom]]
		}
		key = appendNumbers(key[:0], sums)
		if !known[string(key)] {
			known[string(key)] = true
			out = append(out, change{vs, slices.Clone(sums)})
		}
	}
	return out
}

// part is a function of one atom of a step, in a leaf.
type part struct {
	leaf  int
	atom  int // its place in the step
	table []float64
}

func (s step) parts(all []leaf) []part {
	var out []part
	for i, l := range all {
		for _, t := range l {
			if k := slices.Index(s.atoms, t.atom); k >= 0 {
				out = append(out, part{i, k, t.table})
			}
		}
	}
	return out
}
