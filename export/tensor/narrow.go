package tensor

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
)

// As returns a float32 tensor in another floating-point type, each element rounded
// once, to the nearest and of two to the even one. Writing it is an error where an
// element is too large for the type, or so small that it is not normal there: the
// file would hold another model.
func As(s Source, t DType) (Source, error) {
	switch {
	case s.DType() == t:
		return s, nil
	case s.DType() != Float32 || t != Float16 && t != BFloat16:
		return nil, fmt.Errorf("tensor: %v cannot be narrowed to %v", s.DType(), t)
	}
	return narrowed{s, t}, nil
}

// narrowed is the Source of As.
type narrowed struct {
	Source
	to DType
}

// DType returns the type that As was given.
func (n narrowed) DType() DType { return n.to }

// WriteTo writes the source through a narrower.
func (n narrowed) WriteTo(w io.Writer) (int64, error) {
	to := &narrower{w: w, to: n.to}
	_, err := n.Source.WriteTo(to)
	return to.done, err
}

// narrower rounds the float32 elements that are written to it. Sources write whole
// elements.
type narrower struct {
	w    io.Writer
	to   DType
	buf  []byte
	done int64
}

// Write implements io.Writer.
func (n *narrower) Write(p []byte) (int, error) {
	n.buf = n.buf[:0]
	for i := 0; i+4 <= len(p); i += 4 {
		bits, err := Narrow(math.Float32frombits(binary.LittleEndian.Uint32(p[i:])), n.to)
		if err != nil {
			return 0, err
		}
		n.buf = binary.LittleEndian.AppendUint16(n.buf, bits)
	}
	k, err := n.w.Write(n.buf)
	n.done += int64(k)
	if err != nil {
		return 0, err
	}
	return len(p), nil
}

// Narrow returns the bits of the number of a type of 16 bits next to x, of two the
// even one. It is an error if there is none that is finite and, but for 0, normal.
func Narrow(x float32, t DType) (uint16, error) {
	// A float32 has bits for the exponent and the fraction from which those of the
	// narrower type follow by leaving out low ones, and, for float16, by another
	// count of the exponent. Rounding up the fraction may carry into the exponent,
	// as it should.
	drop, bias, largest := uint32(16), uint32(0), uint32(0x7f7f)
	if t == Float16 {
		drop, bias, largest = 13, (127-15)<<23, 0x7bff
	}
	bits := math.Float32bits(x)
	sign, size := uint16(bits>>31)<<15, bits&math.MaxInt32
	if size == 0 {
		return sign, nil
	}
	rounded := (size + 1<<(drop-1) - 1 + size>>drop&1) >> drop
	least := (bias + 1<<23) >> drop
	if rounded < least || rounded-bias>>drop > largest {
		return 0, fmt.Errorf("tensor: the weight %g is no normal number of %v", x, t)
	}
	return sign | uint16(rounded-bias>>drop), nil
}
