package verify

import (
	"fmt"
	"strings"

	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/pattern"
)

// Covered is how many inputs of one length there are, and were tried.
type Covered struct {
	Length int
	Tried  int            // and defined
	Exist  *pattern.Count // nil where the pattern is too large to count what it matches
	Whole  bool           // every one was tried
}

// covered says how many inputs of each length were tried.
func (p *plan) covered(tried map[int]int) []Covered {
	all := make([]Covered, p.MaxLen)
	for i := range all {
		all[i] = Covered{Length: i + 1, Tried: tried[i+1], Whole: true}
		if p.Inputs != nil {
			all[i].Exist = &p.Inputs[i]
		}
	}
	for _, n := range p.Sampled {
		all[n-1].Whole = false
	}
	return all
}

// String is the plan in one line.
func (p Plan) String() string {
	text := p.tried()
	switch {
	case p.Restricted && p.Inputs == nil:
		text += "; the pattern is too large to count what it matches"
	case p.Restricted:
		text += "; the pattern matches " + matched(p.Inputs)
	}
	return text
}

// tried says which inputs are tried.
func (p Plan) tried() string {
	if len(p.Sampled) == 0 {
		return fmt.Sprintf("every input up to length %d (%d)", p.MaxLen, p.Exhaustive)
	}
	var parts []string
	if whole := wholeLengths(p.ExhaustiveTo, p.few()); whole != "" {
		parts = append(parts, fmt.Sprintf("every input %s (%d)", whole, p.Exhaustive))
	}
	if p.Boundary > 0 {
		parts = append(parts, diag.Plural(p.Boundary, "boundary case"))
	}
	if p.Random > 0 {
		last, first := p.Sampled[0], p.Sampled[len(p.Sampled)-1]
		of := fmt.Sprintf("length %d", last)
		if first < last {
			of = fmt.Sprintf("lengths %d to %d", first, last)
		}
		parts = append(parts, fmt.Sprintf("%s of %s with seed %d", diag.Plural(p.Random, "random one"), of, p.Seed))
	}
	return strings.Join(parts, ", ")
}

// few counts the lengths that have inputs, all of them tried, beyond ExhaustiveTo.
func (p Plan) few() int {
	n := p.MaxLen - p.ExhaustiveTo - len(p.Sampled)
	for i, count := range p.Inputs {
		if i >= p.ExhaustiveTo && count.IsZero() {
			n--
		}
	}
	return n
}

// wholeLengths names lengths of which every input is tried; empty for none.
func wholeLengths(to, few int) string {
	switch {
	case to > 0 && few > 0:
		return fmt.Sprintf("up to length %d and of %s", to, diag.Plural(few, "longer length"))
	case to > 0:
		return fmt.Sprintf("up to length %d", to)
	case few > 0:
		return "of " + diag.Plural(few, "length")
	}
	return ""
}

// matched says how many inputs there are of each length that has some: of all if these
// are few, else of the first and the last.
func matched(counts []pattern.Count) string {
	const most = 8
	var parts []string
	for i := 0; i < len(counts); {
		first := i
		for i++; i < len(counts) && counts[i] == counts[first]; i++ {
		}
		of := fmt.Sprintf("length %d", first+1)
		if i > first+1 {
			of = fmt.Sprintf("each length %d to %d", first+1, i)
		}
		if !counts[first].IsZero() {
			parts = append(parts, fmt.Sprintf("%v of %s", counts[first], of))
		}
	}
	if len(parts) > most {
		parts = append(append(parts[:most-2:most-2], "…"), parts[len(parts)-1])
	}
	return strings.Join(parts, ", ")
}

// every reports whether all inputs were tried.
func (f FileReport) every() bool { return f.ExhaustiveTo == f.MaxLen }

// scope says which inputs were tried.
func (f FileReport) scope() string {
	if f.every() {
		return "every input"
	}
	few, sampled := 0, []Covered(nil)
	for _, c := range f.Lengths {
		switch {
		case !c.Whole:
			sampled = append(sampled, c)
		case c.Length > f.ExhaustiveTo && (c.Exist == nil || !c.Exist.IsZero()):
			few++
		}
	}
	if len(sampled) == 0 {
		return "every input that was tried"
	}
	inputs, text := " inputs", ""
	if whole := wholeLengths(f.ExhaustiveTo, few); whole != "" {
		inputs, text = "", "every input "+whole+" and on "
	}
	return text + spanned(sampled) + inputs + lengthsOf(sampled, inputs == "") + existing(sampled)
}

// lengthsOf names lengths, which may be others than those of which all was said.
func lengthsOf(sampled []Covered, others bool) string {
	last := sampled[len(sampled)-1].Length
	switch {
	case len(sampled) == 1:
		return fmt.Sprintf(" of length %d", last)
	case others:
		return fmt.Sprintf(" of each other length up to %d", last)
	}
	return fmt.Sprintf(" of each length up to %d", last)
}

// spanned is the least and the most inputs that were tried of a length.
func spanned(sampled []Covered) string {
	least, most := sampled[0].Tried, sampled[0].Tried
	for _, c := range sampled {
		least, most = min(least, c.Tried), max(most, c.Tried)
	}
	if least == most {
		return fmt.Sprint(least)
	}
	return fmt.Sprintf("%d to %d", least, most)
}

// existing is the least and the most inputs that there are of a length, where that is known.
func existing(sampled []Covered) string {
	least := sampled[0].Exist
	if least == nil {
		return ""
	}
	most := least
	for _, c := range sampled {
		if c.Exist.Cmp(*least) < 0 {
			least = c.Exist
		}
		if c.Exist.Cmp(*most) > 0 {
			most = c.Exist
		}
	}
	if *least == *most {
		return fmt.Sprintf(", out of %v", least)
	}
	return fmt.Sprintf(", out of %v to %v", least, most)
}
