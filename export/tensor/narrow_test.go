package tensor

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"testing"

	"github.com/raspc/raspc/backend/decoder"
)

// wide is the number that 16 bits stand for, from the definition of their format.
func wide(t DType, bits uint16) float64 {
	if t == BFloat16 {
		return float64(math.Float32frombits(uint32(bits) << 16))
	}
	size := math.Ldexp(float64(1024+bits&1023), int(bits>>10&31)-25)
	return math.Copysign(size, float64(int16(bits)))
}

// TestNarrowAll16Bits narrows every normal number of each type, what is halfway to the
// next, and what is next to that in float32.
func TestNarrowAll16Bits(t *testing.T) {
	for typ, ends := range map[DType][2]uint16{Float16: {0x0400, 0x7bff}, BFloat16: {0x0080, 0x7f7f}} {
		for bits := ends[0]; bits <= ends[1]; bits++ {
			x := float32(wide(typ, bits))
			check := func(x float32, want uint16) {
				t.Helper()
				for sign, s := range map[uint16]float32{0: 1, 1 << 15: -1} {
					if got, err := Narrow(s*x, typ); got != want|sign || err != nil {
						t.Fatalf("%v: %g has the bits %#x, not %#x (%v)", typ, s*x, got, want|sign, err)
					}
				}
			}
			check(x, bits)
			if bits == ends[1] {
				break
			}
			next := float32(wide(typ, bits+1))
			middle := x + (next-x)/2
			check(middle, bits+bits&1)
			check(math.Nextafter32(middle, x), bits)
			check(math.Nextafter32(middle, next), bits+1)
		}
		for _, x := range []float64{wide(typ, ends[1]) * 1.01, wide(typ, ends[0]) * 0.9, math.Inf(1), math.NaN()} {
			if got, err := Narrow(float32(x), typ); err == nil {
				t.Errorf("%v: %g has the bits %#x", typ, x, got)
			}
		}
		if got, err := Narrow(0, typ); got != 0 || err != nil {
			t.Errorf("%v: 0 has the bits %#x (%v)", typ, got, err)
		}
	}
}

func TestAs(t *testing.T) {
	m := decoder.Matrix{Rows: 1, Cols: 3, Entries: []decoder.Entry{{Col: 0, W: 1}, {Col: 2, W: -2.0078125}}}
	src, err := Matrix(m)
	if err != nil {
		t.Fatal(err)
	}
	for typ, want := range map[DType][3]uint16{Float16: {0x3c00, 0, 0xc004}, BFloat16: {0x3f80, 0, 0xc000}} {
		half, err := As(src, typ)
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		n, err := half.WriteTo(&b)
		if err != nil || n != Bytes(half) || int64(b.Len()) != n || half.DType() != typ {
			t.Fatalf("%v: %d bytes of %d (%v)", typ, n, Bytes(half), err)
		}
		for i, w := range want {
			if got := binary.LittleEndian.Uint16(b.Bytes()[2*i:]); got != w {
				t.Errorf("%v: element %d is %#x, not %#x", typ, i, got, w)
			}
		}
		broken := errors.New("full")
		if _, err := half.WriteTo(failing{broken}); !errors.Is(err, broken) {
			t.Errorf("%v: %v", typ, err)
		}
		if _, err := As(half, Float32); err == nil {
			t.Errorf("%v was widened", typ)
		}
	}
	large, err := Fill(1e6, 4)
	if err != nil {
		t.Fatal(err)
	}
	half, err := As(large, Float16)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := half.WriteTo(&bytes.Buffer{}); err == nil {
		t.Error("1e6 was written as float16")
	}
}

// failing is a writer to which nothing can be written.
type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }
