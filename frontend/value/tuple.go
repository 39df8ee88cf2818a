package value

import "strings"

// Tuple returns the tuple of some values, which must not change afterwards.
func Tuple(elements []Value) Value {
	var b strings.Builder
	for _, v := range elements {
		// The length in front keeps ("a,", "b") and ("a", ",b") apart.
		text := v.spelled()
		b.WriteString(Int(int64(len(text))).String() + ":" + text)
	}
	return Value{kind: KindTuple, str: b.String(), elem: &elements}
}

// spelled is a text that equal values share, and no others.
func (v Value) spelled() string {
	switch v.kind {
	case KindString:
		return "s" + v.str
	case KindNone:
		return "0"
	case KindTuple:
		return "t" + v.str
	}
	return v.num.String()
}

// Elements returns the elements of a tuple, which the caller must not change; nil
// of any other value.
func (v Value) Elements() []Value {
	if v.elem == nil {
		return nil
	}
	return *v.elem
}

// tupleRepr is Python's repr of a tuple.
func (v Value) tupleRepr() string {
	elements := v.Elements()
	parts := make([]string, len(elements))
	for i, e := range elements {
		parts[i] = e.Repr()
	}
	if len(parts) == 1 {
		return "(" + parts[0] + ",)"
	}
	return "(" + strings.Join(parts, ", ") + ")"
}
