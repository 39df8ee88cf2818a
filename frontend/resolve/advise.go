package resolve

import (
	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/syntax"
	"github.com/raspc/raspc/frontend/value"
)

// exactInFloat is 2^53: beyond it doubles do not hold every integer.
var exactInFloat = value.Int(1 << 53)

// adviseAggregate warns of an aggregate that goes wrong on ordinary inputs, as
// far as that is plain from the text. Without a vocabulary and a length nothing
// else would say so before such an input comes; where the program speaks of its
// inputs, they may be others.
func (s *Session) adviseAggregate(x *syntax.Aggregate, sel, v sop.ID) {
	if s.settings.Inputs.Set {
		return
	}
	kind := s.kindOf(v)
	several := s.possible(s.severalFrom(sel))
	switch {
	case several && kind == boolElements:
		d := diag.New(diag.UndefinedMean, s.place(x.Span()), "a mean of truth values is undefined").
			WithHelp("average their `indicator`: the share of positions where they hold")
		if at, ok := s.averaged(x); ok {
			d = d.WithFix(diag.Fix{Title: "average the `indicator`", Edits: diag.Enclose(at, "indicator(", ")")})
		}
		s.warn(d)
	case several && kind == stringElements:
		s.warn(diag.New(diag.UndefinedMean, s.place(x.Span()), "a mean of strings is undefined").
			WithHelp("select at most one position in each row"))
	case kind == stringElements && x.Default == nil && s.possible(s.mixedFrom(sel)):
		d := diag.New(diag.NoDefault, s.place(x.Span()), "where nothing is selected this gives 0, and elsewhere strings").
			WithNote("a sequence that mixes them is undefined").
			WithHelp("give a default: `aggregate(selector, value, \"\")`")
		if !s.inLibrary(x.Span()) {
			d = d.WithFix(diag.Fix{Title: "give the default \"\"", Edits: []diag.Edit{diag.Append(x.Value.Span(), `, ""`)}})
		}
		s.warn(d)
	case several && s.isLarge(v):
		s.warn(diag.New(diag.LargeMean, s.place(x.Span()), "a mean of numbers beyond 2^53").
			WithNote("raspc computes it exactly; other RASP interpreters round it to a double").
			WithHelp("scale the numbers down before averaging them"))
	}
}

// possible reports whether inputs may have a length; 0 stands for none.
func (s *Session) possible(length int) bool {
	return length > 0 && (!s.settings.MaxLen.Set || length <= s.settings.MaxLen.Value)
}

// averaged is where the averaged value stands in the program; library text has
// no place there, but for the one argument of `average`.
func (s *Session) averaged(x *syntax.Aggregate) (diag.Span, bool) {
	switch {
	case !s.inLibrary(x.Span()):
		return x.Value.Span(), true
	case s.siteCall != nil && len(s.siteCall.Args) == 1:
		return s.siteCall.Args[0].Span(), true
	}
	return diag.Span{}, false
}

// severalFrom returns from which length on some row of a selector plainly
// selects several positions; 0 where that is not plain.
func (s *Session) severalFrom(id sop.ID) int {
	n := s.graph.Node(id)
	switch {
	case id == s.graph.Full(n.Pos):
		return 2
	case n.Op == sop.SelOr:
		return earlier(s.severalFrom(n.Args[0]), s.severalFrom(n.Args[1]))
	case n.Op != sop.Select || !s.isIndices(n.Args[0]) || !s.isIndices(n.Args[1]):
		return 0
	}
	later := s.settings.Causal.Value // keys behind the query are not seen
	switch n.Cmp {
	case value.LE:
		return 2
	case value.LT, value.NE:
		return 3
	case value.GE:
		return unless(later, 2)
	case value.GT:
		return unless(later, 3)
	}
	return 0
}

// mixedFrom returns from which length on some row of a selector plainly selects
// nothing while another one selects something; 0 where that is not plain.
func (s *Session) mixedFrom(id sop.ID) int {
	n := s.graph.Node(id)
	if n.Op != sop.Select || !s.isIndices(n.Args[0]) {
		return 0
	}
	later := s.settings.Causal.Value
	switch {
	case s.isIndices(n.Args[1]) && n.Cmp == value.LT:
		return 2
	case s.isIndices(n.Args[1]) && n.Cmp == value.GT:
		return unless(later, 2)
	case n.Cmp == value.EQ:
		offset := s.offset(n.Args[1])
		return unless(offset == 0 || offset > 0 && later, abs(offset)+1)
	}
	return 0
}

// offset returns c where a node is plainly indices + c; 0 where it is not.
func (s *Session) offset(id sop.ID) int {
	n := s.graph.Node(id)
	if n.Op != sop.Add && n.Op != sop.Sub || !s.isIndices(n.Args[0]) {
		return 0
	}
	c := s.graph.Node(n.Args[1])
	if c.Op != sop.Const || !c.Value.IsNumber() {
		return 0
	}
	k, ok := c.Value.Rat().Int64()
	if !ok || k < -MaxMaxLen || k > MaxMaxLen {
		return 0
	}
	if n.Op == sop.Sub {
		k = -k
	}
	return int(k)
}

func (s *Session) isIndices(id sop.ID) bool { return s.graph.Node(id).Op == sop.Indices }

func unless(not bool, length int) int {
	if not {
		return 0
	}
	return length
}

func earlier(a, b int) int {
	if a == 0 || b == 0 {
		return a + b
	}
	return min(a, b)
}

func abs(n int) int { return max(n, -n) }
