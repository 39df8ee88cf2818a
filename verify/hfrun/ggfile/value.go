package ggfile

import (
	"encoding/binary"
	"math"
	"unicode/utf8"

	"github.com/raspc/raspc/verify/fault"
)

// The types of values.
const (
	typeUint32  uint32 = 4
	typeInt32   uint32 = 5
	typeFloat32 uint32 = 6
	typeBool    uint32 = 7
	typeString  uint32 = 8
	typeArray   uint32 = 9
	mostTypes   uint32 = 13
)

// width is the bytes of each type of number; 0 for those that are none.
var width = [mostTypes]uint64{1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8}

// Value is the value of a setting. It is read when it is asked for.
type Value struct {
	kind uint32
	of   uint32 // type of the elements of a list
	n    uint64 // how many
	raw  []byte
}

// wrong says that a value has another type.
func (v Value) wrong(want string) error {
	return fault.New(fault.WrongType, "a value of type %d, not %s", v.kind, want)
}

// Uint32 returns a number of this type.
func (v Value) Uint32() (uint32, error) {
	if v.kind != typeUint32 {
		return 0, v.wrong("uint32")
	}
	return binary.LittleEndian.Uint32(v.raw), nil
}

// Float32 returns a number of this type.
func (v Value) Float32() (float32, error) {
	if v.kind != typeFloat32 {
		return 0, v.wrong("float32")
	}
	return math.Float32frombits(binary.LittleEndian.Uint32(v.raw)), nil
}

// Bool returns a truth value.
func (v Value) Bool() (bool, error) {
	if v.kind != typeBool || v.raw[0] > 1 {
		return false, v.wrong("a truth value")
	}
	return v.raw[0] == 1, nil
}

// Text returns a string.
func (v Value) Text() (string, error) {
	if v.kind != typeString {
		return "", v.wrong("a string")
	}
	return string(v.raw), nil
}

// Int32s returns a list of numbers of this type.
func (v Value) Int32s() ([]int32, error) {
	if v.kind != typeArray || v.of != typeInt32 {
		return nil, v.wrong("a list of int32")
	}
	out := make([]int32, v.n)
	for i := range out {
		out[i] = int32(binary.LittleEndian.Uint32(v.raw[4*i:]))
	}
	return out, nil
}

// Float32s returns a list of numbers of this type.
func (v Value) Float32s() ([]float32, error) {
	if v.kind != typeArray || v.of != typeFloat32 {
		return nil, v.wrong("a list of float32")
	}
	out := make([]float32, v.n)
	for i := range out {
		out[i] = math.Float32frombits(binary.LittleEndian.Uint32(v.raw[4*i:]))
	}
	return out, nil
}

// Texts returns a list of strings.
func (v Value) Texts() ([]string, error) {
	if v.kind != typeArray || v.of != typeString {
		return nil, v.wrong("a list of strings")
	}
	r := &reader{rest: v.raw} // read once already
	var out []string
	for range v.n {
		out = append(out, r.text())
	}
	return out, nil
}

// reader reads the content from its beginning. The first error stays, and what is
// read after it is empty.
type reader struct {
	rest []byte
	err  error
}

// bytes returns the next bytes.
func (r *reader) bytes(n uint64) []byte {
	if r.err == nil && n > uint64(len(r.rest)) {
		r.err = fault.New(fault.Truncated, "%d bytes are left where %d have to be: truncated", len(r.rest), n)
	}
	if r.err != nil {
		return nil
	}
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b
}

func (r *reader) uint32() uint32 {
	if b := r.bytes(4); r.err == nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

func (r *reader) uint64() uint64 {
	if b := r.bytes(8); r.err == nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

// text returns a string.
func (r *reader) text() string { return string(r.view()) }

// view returns the bytes of a string.
func (r *reader) view() []byte {
	b := r.bytes(r.uint64())
	if r.err == nil && !utf8.Valid(b) {
		r.err = fault.New(fault.Malformed, "a text is not UTF-8")
	}
	return b
}

// value returns a value, with its type before it.
func (r *reader) value() Value {
	v := Value{kind: r.uint32()}
	switch {
	case r.err != nil:
	case v.kind == typeString:
		v.raw = r.view()
	case v.kind == typeArray:
		r.list(&v)
	case v.kind >= mostTypes:
		r.err = fault.New(fault.Malformed, "a value of the unknown type %d", v.kind)
	default:
		v.raw = r.bytes(width[v.kind])
	}
	return v
}

// list reads the elements of a list, which are no lists.
func (r *reader) list(v *Value) {
	v.of, v.n = r.uint32(), r.uint64()
	whole := r.rest
	switch {
	case r.err != nil:
		return
	case v.of == typeString:
		for i := uint64(0); i < v.n && r.err == nil; i++ {
			r.view()
		}
	case v.of >= mostTypes || width[v.of] == 0:
		r.err = fault.New(fault.Malformed, "a list of values of the type %d", v.of)
	case v.n > uint64(len(r.rest)): // before the product, which might overflow
		r.err = fault.New(fault.Truncated, "a list of %d values where %d bytes are left: truncated", v.n, len(r.rest))
	default:
		r.bytes(v.n * width[v.of])
	}
	v.raw = whole[:len(whole)-len(r.rest)]
}
