package onnxrun

import (
	"errors"
	"fmt"
	"math"
)

// elementwiseOperators returns the arithmetic that treats every element alone.
func elementwiseOperators() map[string]operator {
	return map[string]operator{
		"Add": plain(2, arithmetic(func(x, y float64) float64 { return x + y }, func(x, y int64) int64 { return x + y })),
		"Sub": plain(2, arithmetic(func(x, y float64) float64 { return x - y }, func(x, y int64) int64 { return x - y })),
		"Mul": plain(2, arithmetic(func(x, y float64) float64 { return x * y }, func(x, y int64) int64 { return x * y })),
		"Div": plain(2, divide),

		"Abs":  plain(1, numeric(math.Abs)),
		"Exp":  plain(1, numeric(math.Exp)),
		"Neg":  plain(1, numeric(func(x float64) float64 { return -x })),
		"Relu": plain(1, numeric(relu)),
		"Sqrt": plain(1, numeric(math.Sqrt)),
		"Tanh": plain(1, numeric(math.Tanh)),

		"Identity": plain(1, func(b *budget, in []*value) (*value, error) { return b.view(in[0], in[0].shape) }),
		"Cast":     {1, 1, 1, makeCast},
		"Where":    plain(3, where),
	}
}

// relu is max(x, 0); NaN stays NaN.
func relu(x float64) float64 {
	if x < 0 {
		return 0
	}
	return x
}

// numeric applies f to every element of a floating-point tensor.
func numeric(f func(float64) float64) func(b *budget, in []*value) (*value, error) {
	return func(b *budget, in []*value) (*value, error) {
		x := in[0]
		if !x.kind.isFloat() {
			return nil, fmt.Errorf("%s elements are not supported", x.kind)
		}
		out, err := b.newValue(x.kind, x.shape)
		if err != nil {
			return nil, err
		}
		for i, e := range x.f {
			out.f[i] = f(e)
		}
		return out.round(), nil
	}
}

// sameKind reports operands of different types.
func sameKind(x, y *value) error {
	if x.kind != y.kind {
		return fmt.Errorf("operands are %s and %s", x.kind, y.kind)
	}
	return nil
}

// arithmetic applies ff to floating-point operands and fi to integers,
// broadcasting.
func arithmetic(ff func(x, y float64) float64, fi func(x, y int64) int64) func(b *budget, in []*value) (*value, error) {
	return func(b *budget, in []*value) (*value, error) {
		x, y := in[0], in[1]
		if err := sameKind(x, y); err != nil {
			return nil, err
		}
		shape, err := broadcastShape(x.shape, y.shape)
		if err != nil {
			return nil, err
		}
		if x.kind == boolKind {
			return nil, errors.New("arithmetic on bool")
		}
		out, err := b.newValue(x.kind, shape)
		if err != nil {
			return nil, err
		}
		combine(out.f, x.f, y.f, out.shape, x.shape, y.shape, ff)
		combine(out.i, x.i, y.i, out.shape, x.shape, y.shape, fi)
		return out.round(), nil
	}
}

// combine fills dst with f of the broadcast operands. An empty dst, that of
// the type not in use, is left alone.
func combine[T, R any](dst []R, x, y []T, shape, xShape, yShape []int, f func(x, y T) R) {
	if len(dst) == 0 {
		return
	}
	w := newWalk(shape, broadcastStrides(xShape, shape), broadcastStrides(yShape, shape))
	sx, sy := w.step[0], w.step[1]
	w.rows(func(out int, at [maxOperands]int) {
		row := dst[out : out+w.n]
		i, j := at[0], at[1]
		for k := range row {
			row[k] = f(x[i], y[j])
			i += sx
			j += sy
		}
	})
}

// divide is Div. Integer division by zero, undefined in ONNX, is an error.
func divide(b *budget, in []*value) (*value, error) {
	for _, d := range in[1].i {
		if d == 0 {
			return nil, errors.New("integer division by zero")
		}
	}
	return arithmetic(
		func(x, y float64) float64 { return x / y },
		func(x, y int64) int64 { return x / y },
	)(b, in)
}

// where selects by a condition from two tensors of one type, broadcasting all
// three.
func where(b *budget, in []*value) (*value, error) {
	cond, x, y := in[0], in[1], in[2]
	if cond.kind != boolKind {
		return nil, fmt.Errorf("the condition is %s, not bool", cond.kind)
	}
	if err := sameKind(x, y); err != nil {
		return nil, err
	}
	shape, err := broadcastShape(cond.shape, x.shape, y.shape)
	if err != nil {
		return nil, err
	}
	out, err := b.newValue(x.kind, shape)
	if err != nil || out.size() == 0 {
		return out, err
	}
	w := newWalk(shape, broadcastStrides(cond.shape, shape), broadcastStrides(x.shape, shape), broadcastStrides(y.shape, shape))
	choose(out.f, cond.b, x.f, y.f, w)
	choose(out.i, cond.b, x.i, y.i, w)
	choose(out.b, cond.b, x.b, y.b, w)
	return out, nil
}

// choose fills dst with x where cond holds and y elsewhere.
func choose[T any](dst []T, cond []bool, x, y []T, w *walk) {
	if len(dst) == 0 {
		return
	}
	w.rows(func(out int, at [maxOperands]int) {
		row := dst[out : out+w.n]
		c, i, j := at[0], at[1], at[2]
		for k := range row {
			if cond[c] {
				row[k] = x[i]
			} else {
				row[k] = y[j]
			}
			c += w.step[0]
			i += w.step[1]
			j += w.step[2]
		}
	})
}

// makeCast makes Cast, which converts between all supported types.
func makeCast(a *attributes) (kernel, error) {
	to, err := kindOf(clampInt32(get(a, "to", int64(0))))
	if err != nil {
		return nil, err
	}
	return one(func(b *budget, in []*value) (*value, error) {
		x := in[0]
		if x.kind == to {
			return b.view(x, x.shape)
		}
		out, err := b.newValue(to, x.shape)
		if err != nil {
			return nil, err
		}
		if err := cast(out, x); err != nil {
			return nil, err
		}
		return out.round(), nil
	}), nil
}

// clampInt32 narrows an enumeration value; out of range is no element type.
func clampInt32(v int64) int32 {
	if v < 0 || v > math.MaxInt32 {
		return -1
	}
	return int32(v)
}

// cast converts every element of x to the type of out.
func cast(out, x *value) error {
	for i := range out.size() {
		var f float64
		switch {
		case x.kind.isFloat():
			f = x.f[i]
		case x.kind.isInt() && out.kind.isInt():
			out.i[i] = x.i[i]
			continue
		case x.kind.isInt():
			f = float64(x.i[i])
		case x.b[i]:
			f = 1
		}
		switch out.kind {
		case boolKind:
			out.b[i] = f != 0
		case int64Kind, int32Kind:
			// The range check also refuses NaN. Integers reach this line
			// only from bool and float, so f loses nothing.
			bound := 0x1p63
			if out.kind == int32Kind {
				bound = 0x1p31
			}
			if !(f > -bound && f < bound) {
				return fmt.Errorf("%g does not fit %s", f, out.kind)
			}
			out.i[i] = int64(f)
		default:
			out.f[i] = f
		}
	}
	return nil
}
