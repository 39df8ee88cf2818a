package generate

import (
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/syntax"
)

// Mutate returns a copy of a program with one change: of an operator, a comparison, a constant or a
// name, of the longest input or of causal attention; or with an operator more. Its
// behaviour is another one, and it is judged as samples are, but that it may have as
// many warnings as the program has, and as many names that are not used. Numbers that follow each
// other begin at different places of the program. The copy depends on nothing but the arguments. Of the options, the seed counts; operators whose weight is 0 are
// not put in, nor lengths outside of MaxLen, nor causal attention where its share
// is 0, nor the other where it is 1, nor either with SameDomain. The error is a diag.List where the text has
// errors, that of Options.Check, an *ExhaustedError, or says what the program has too
// much of or lacks.
func Mutate(text string, o Options, index uint64) (Program, error) {
	if err := o.Check(); err != nil {
		return Program{}, err
	}
	src, err := layOut(text)
	if err != nil {
		return Program{}, err
	}
	original, warnings, err := read(src)
	if err != nil {
		return Program{}, err
	}
	before, _ := BehaviourOf(original) // none is another one than any
	spare := len(idle(original))
	sites := newSites(src, o)
	if len(sites.all) == 0 {
		return Program{}, errors.New("the program has nothing to change")
	}
	order := newCircuit(len(sites.all), stream(o.Seed, 0, 0, src.Text()))
	return attempt(index, maxChanges, func(n int) (Program, error) {
		edit, ok := sites.all[order.at(index, n)](stream(o.Seed, index, uint64(n), src.Text()))
		if !ok {
			return Program{}, errDraw
		}
		p, err := judge(diag.Apply(src, []diag.Edit{edit}), len(warnings), spare)
		if err == nil && p.Behaviour == before {
			return Program{}, errors.New("the copy computes the same")
		}
		return p, err
	})
}

// circuit is an order of places, in which each number begins at one of its own, as far as
// there are as many, and goes on elsewhere.
type circuit struct {
	order []int
	step  int // shares no divisor with the length, so that all are reached
}

func newCircuit(places int, rng *rand.Rand) circuit {
	c := circuit{order: rng.Perm(places), step: max(1, places*5/8)}
	for gcd(c.step, places) > 1 {
		c.step++
	}
	return c
}

// at is the place of an attempt, the first being 1, at the copy of a number.
func (c circuit) at(index uint64, n int) int {
	places := uint64(len(c.order))
	return c.order[(index%places+uint64(n-1)*uint64(c.step))%places]
}

func gcd(a, b int) int {
	for b > 0 {
		a, b = b, a%b
	}
	return a
}

// maxChanges is how many changes are tried.
const maxChanges = 100

// site is a place where a program can be changed; false where nothing comes of it.
type site func(*rand.Rand) (diag.Edit, bool)

// sites are the places of a program.
type sites struct {
	o     Options
	all   []site
	names []string // that an expression may use in the place of another
	texts []string // strings that occur
}

func newSites(src *diag.Source, o Options) *sites {
	file := syntax.Parse(src, &diag.Report{})
	s := &sites{o: o, names: []string{"tokens", "indices"}}
	var exprs []syntax.Expr
	collect := func(e syntax.Expr) { exprs = append(exprs, e) }
	s.statements(file.Stmts, func(e syntax.Expr) { syntax.Inspect(e, collect) })
	for _, e := range exprs {
		if text, ok := e.(*syntax.String); ok {
			s.texts = append(s.texts, text.Value)
		}
	}
	for _, e := range exprs {
		s.expression(e)
	}
	for _, p := range file.Pragmas {
		s.pragma(p)
	}
	return s
}

// statements visits the expressions of statements, and notes the names that are bound.
func (s *sites) statements(all []syntax.Stmt, visit func(syntax.Expr)) {
	for _, st := range all {
		var exprs []syntax.Expr
		switch st := st.(type) {
		case *syntax.Assign:
			exprs = st.Values
			for _, n := range st.Names {
				s.names = append(s.names, n.Name)
			}
		case *syntax.ExprStmt:
			exprs = []syntax.Expr{st.X}
		case *syntax.For:
			exprs = []syntax.Expr{st.Iter}
			s.statements(st.Body, visit)
		case *syntax.Def:
			exprs = st.Results
			s.statements(st.Body, visit)
		}
		for _, e := range exprs {
			visit(e)
		}
	}
}

// replace is a site whose text becomes one of some words, of which it may be one.
func (s *sites) replace(at diag.Span, words []string) {
	old := at.Text()
	var others []string
	for _, w := range words {
		if w != old {
			others = append(others, w)
		}
	}
	if len(others) > 0 {
		s.all = append(s.all, func(rng *rand.Rand) (diag.Edit, bool) {
			return diag.Edit{Span: at, Text: others[rng.IntN(len(others))]}, true
		})
	}
}

func (s *sites) expression(e syntax.Expr) {
	switch e := e.(type) {
	case *syntax.Binary:
		s.replace(e.OpPos, s.operators(e.Op))
	case *syntax.Select:
		// As the text is laid out, the comparison stands before the last parenthesis.
		at := e.Span()
		at.Start, at.End = at.End-1-len(e.Op.String()), at.End-1
		s.replace(at, s.comparisons(s.o.Mix.Equal, s.o.Mix.Unequal, s.o.Mix.Order))
	case *syntax.Int:
		s.integer(e)
	case *syntax.String:
		quoted := make([]string, len(s.texts))
		for i, text := range s.texts {
			quoted[i] = `"` + text + `"`
		}
		s.replace(e.Span(), quoted)
	case *syntax.Ident:
		s.replace(e.Span(), s.names)
		s.wrap(e)
	}
}

// operators are those that may stand in the place of one.
func (s *sites) operators(op syntax.Op) []string {
	m := s.o.Mix
	switch {
	case op.IsComparison():
		return s.comparisons(m.Comparison, 0, m.Comparison) // != stands in select only
	case op.IsLogical(): // of s-ops or of selectors, which a text does not tell
		var words []string
		if m.Boolean+m.And > 0 {
			words = append(words, "and")
		}
		if m.Boolean+m.Or > 0 {
			words = append(words, "or")
		}
		return words
	case op <= syntax.OpMod && m.Arithmetic > 0:
		return []string{"+", "-", "*"}
	}
	return nil
}

func (s *sites) comparisons(equal, unequal, order float64) []string {
	var words []string
	if equal > 0 {
		words = append(words, "==")
	}
	if unequal > 0 {
		words = append(words, "!=")
	}
	if order > 0 {
		words = append(words, "<", "<=", ">", ">=")
	}
	return words
}

// integer changes a number by one or two, to none that is negative.
func (s *sites) integer(e *syntax.Int) {
	s.all = append(s.all, func(rng *rand.Rand) (diag.Edit, bool) {
		var n int
		if _, err := fmt.Sscan(e.Text, &n); err != nil {
			return diag.Edit{}, false // longer than a number that is worth a change
		}
		if n += []int{-2, -1, 1, 2}[rng.IntN(4)]; n < 0 {
			return diag.Edit{}, false
		}
		return diag.Edit{Span: e.Span(), Text: fmt.Sprint(n)}, true
	})
}

// wrap puts an operator around a name.
func (s *sites) wrap(e *syntax.Ident) {
	var forms []string
	if s.o.Mix.Arithmetic > 0 {
		forms = append(forms, "(%s + 1)", "(%s - 1)", "(%s * 2)")
	}
	if s.o.Mix.Boolean > 0 || s.o.Mix.Not > 0 {
		forms = append(forms, "(not %s)")
	}
	if len(forms) > 0 {
		s.all = append(s.all, func(rng *rand.Rand) (diag.Edit, bool) {
			return diag.Edit{Span: e.Span(), Text: fmt.Sprintf(forms[rng.IntN(len(forms))], e.Name)}, true
		})
	}
}

// pragma changes the longest input and causal attention.
func (s *sites) pragma(p *syntax.Pragma) {
	if s.o.SameDomain {
		return
	}
	switch p.Key.Name {
	case "max_len":
		var words []string
		for n := s.o.MaxLen.Min; n <= s.o.MaxLen.Max; n++ {
			words = append(words, fmt.Sprint(n))
		}
		s.replace(p.Value.Span(), words)
	case "causal":
		if s.o.Causal > 0 && s.o.Causal < 1 {
			s.replace(p.Value.Span(), []string{"on", "off"})
		}
	}
}
