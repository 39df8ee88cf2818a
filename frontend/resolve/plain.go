package resolve

import (
	"errors"
	"slices"
	"strings"

	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/syntax"
	"github.com/raspc/raspc/frontend/value"
)

// binaryPlain applies an operator to values none of which depends on the input.
func (s *Session) binaryPlain(op syntax.Op, l, r Value, at diag.Span) (Value, error) {
	switch op {
	case syntax.OpAnd:
		if truth(l) {
			return r, nil
		}
		return l, nil
	case syntax.OpOr:
		if truth(l) {
			return l, nil
		}
		return r, nil
	case syntax.OpEq, syntax.OpNe:
		same, err := s.equal(l, r, at)
		return Atom{value.Bool(same == (op == syntax.OpEq))}, err
	}
	a, okA := l.(Atom)
	b, okB := r.(Atom)
	if okA && okB {
		return s.binaryAtoms(op, a.Value, b.Value, at)
	}
	if okA && a.IsString() && op == syntax.OpMod {
		return s.formatContainer(a.Text(), r, at)
	}
	return s.binaryLists(op, l, r, at)
}

// equal is Python's == on plain values: deep on lists and dicts, by identity on
// functions.
func (s *Session) equal(l, r Value, at diag.Span) (bool, error) {
	defer s.leave()
	if err := s.enter(at); err != nil {
		return false, err
	}
	switch l := l.(type) {
	case Atom:
		r, ok := r.(Atom)
		return ok && value.Equal(l.Value, r.Value), nil
	case *List:
		r, ok := r.(*List)
		if !ok || len(l.Items) != len(r.Items) {
			return false, nil
		}
		for i := range l.Items {
			if same, err := s.equal(l.Items[i], r.Items[i], at); !same || err != nil {
				return false, err
			}
		}
		return true, nil
	case *Dict:
		return s.equalDicts(l, r, at)
	}
	return l == r, nil
}

func (s *Session) equalDicts(l *Dict, other Value, at diag.Span) (bool, error) {
	r, ok := other.(*Dict)
	if !ok || len(l.Keys) != len(r.Keys) {
		return false, nil
	}
	for i, k := range l.Keys {
		v, ok := r.Get(k)
		if !ok {
			return false, nil
		}
		if same, err := s.equal(l.Vals[i], v, at); !same || err != nil {
			return false, err
		}
	}
	return true, nil
}

var atomOps = map[syntax.Op]func(a, b value.Value) (value.Value, error){
	syntax.OpAdd: value.Add, syntax.OpSub: value.Sub, syntax.OpMul: value.Mul,
	syntax.OpDiv: value.Div, syntax.OpMod: value.Mod, syntax.OpPow: value.Pow,
}

func (s *Session) binaryAtoms(op syntax.Op, a, b value.Value, at diag.Span) (Value, error) {
	if c, ok := compares[op]; ok {
		holds, err := c.Holds(a, b)
		if err != nil {
			return nil, s.operatorError(err, diag.OperandTypes, at)
		}
		return Atom{value.Bool(holds)}, nil
	}
	r, err := atomOps[op](a, b)
	if err != nil {
		return nil, s.operatorError(err, arithmeticCode(op, a, b), at)
	}
	if err := s.charge(len(r.Text())/64+r.Rat().BitLen()/512, at); err != nil {
		return nil, err
	}
	return Atom{r}, nil
}

// arithmeticCode tells from the operands why an operator must have failed.
func arithmeticCode(op syntax.Op, a, b value.Value) diag.Code {
	numbers := a.IsNumber() && b.IsNumber()
	zero := b.IsNumber() && b.Rat().Sign() == 0
	switch {
	case op == syntax.OpMod && a.IsString():
		return diag.FormatString
	case (op == syntax.OpDiv || op == syntax.OpMod) && numbers && zero:
		return diag.DivisionByZero
	case op == syntax.OpPow && numbers && a.Rat().Sign() == 0:
		// Zero to a negative power is the only failing power of zero.
		return diag.DivisionByZero
	case op == syntax.OpPow && numbers && !b.Rat().IsInt():
		return diag.InexactPower
	case numbers, a.IsString() && b.IsString() && op == syntax.OpAdd:
		return diag.SizeLimit
	case op == syntax.OpMul && a.IsString() != b.IsString() && a.Kind() != value.KindFloat && b.Kind() != value.KindFloat:
		return diag.SizeLimit
	}
	return diag.OperandTypes
}

// operatorError turns the error of a scalar operator into a diagnostic.
func (s *Session) operatorError(err error, code diag.Code, at diag.Span) error {
	var ve *value.Error
	if !errors.As(err, &ve) {
		panic("resolve: operator error of unknown type: " + err.Error())
	}
	d := diag.New(code, s.place(at), "%s", ve.Msg)
	if ve.Help != "" {
		d = d.WithHelp("%s", ve.Help)
	}
	return d
}

// binaryLists concatenates and repeats lists.
func (s *Session) binaryLists(op syntax.Op, l, r Value, at diag.Span) (Value, error) {
	a, okA := l.(*List)
	b, okB := r.(*List)
	switch {
	case op == syntax.OpAdd && okA && okB:
		if err := s.makeList(len(a.Items)+len(b.Items), at); err != nil {
			return nil, err
		}
		return &List{Items: slices.Concat(a.Items, b.Items)}, nil
	case op == syntax.OpMul && okA:
		return s.repeat(a, r, l, r, at)
	case op == syntax.OpMul && okB:
		return s.repeat(b, l, l, r, at)
	}
	return nil, s.operandTypes(op, l, r, at)
}

func (s *Session) repeat(list *List, times, l, r Value, at diag.Span) (Value, error) {
	n, ok := integer(times)
	if !ok {
		return nil, s.operandTypes(syntax.OpMul, l, r, at)
	}
	count, small := n.Int64()
	if n.Sign() <= 0 || len(list.Items) == 0 {
		return &List{}, nil
	}
	if !small || count > maxItems {
		count = maxItems + 1
	}
	if err := s.makeList(int(count)*len(list.Items), at); err != nil {
		return nil, err
	}
	return &List{Items: slices.Repeat(list.Items, int(count))}, nil
}

// makeList charges for a list about to be made.
func (s *Session) makeList(n int, at diag.Span) error {
	if n > maxItems {
		return diag.New(diag.SizeLimit, s.place(at), "a list of more than %d elements", maxItems)
	}
	return s.charge(n, at)
}

// integer returns the number of an int or bool.
func integer(v Value) (value.Rat, bool) {
	a, ok := v.(Atom)
	if !ok || a.Kind() != value.KindInt && a.Kind() != value.KindBool {
		return value.Rat{}, false
	}
	return a.Rat(), true
}

// formatContainer is "…%s…" % v for a list or dict.
func (s *Session) formatContainer(format string, v Value, at diag.Span) (Value, error) {
	var b strings.Builder
	if err := s.repr(&b, v, at); err != nil {
		return nil, err
	}
	if strings.Contains(format, "%r") {
		// %s and %r are the same for containers, but not for the text that stands for one.
		format = strings.ReplaceAll(format, "%r", "%s")
	}
	r, err := value.Mod(value.Str(format), value.Str(b.String()))
	if err != nil {
		return nil, s.operatorError(err, diag.FormatString, at)
	}
	return Atom{r}, nil
}

// maxText is the length of a string in bytes.
const maxText = 1 << 20

// repr writes a plain value as Python's repr does.
func (s *Session) repr(b *strings.Builder, v Value, at diag.Span) error {
	defer s.leave()
	if err := s.enter(at); err != nil {
		return err
	}
	if b.Len() > maxText {
		return diag.New(diag.SizeLimit, s.place(at), "a string of more than %d bytes", maxText)
	}
	switch v := v.(type) {
	case Atom:
		b.WriteString(v.Repr())
		return nil
	case *List:
		return reprItems(b, '[', ']', len(v.Items), func(i int) error { return s.repr(b, v.Items[i], at) })
	case *Dict:
		return reprItems(b, '{', '}', len(v.Keys), func(i int) error {
			b.WriteString(v.Keys[i].Repr() + ": ")
			return s.repr(b, v.Vals[i], at)
		})
	}
	return diag.New(diag.FormatString, s.place(at), "%s cannot be formatted into a string", s.describe(v))
}

func reprItems(b *strings.Builder, open, closing byte, n int, item func(int) error) error {
	b.WriteByte(open)
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		if err := item(i); err != nil {
			return err
		}
	}
	b.WriteByte(closing)
	return nil
}
