package tensor

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/raspc/raspc/backend/decoder"
)

// sparse makes a matrix from a dense one.
func sparse(rows ...[]float32) decoder.Matrix {
	m := decoder.Matrix{Rows: len(rows), Cols: len(rows[0])}
	for r, row := range rows {
		for c, w := range row {
			if w != 0 {
				m.Entries = append(m.Entries, decoder.Entry{Row: r, Col: c, W: w})
			}
		}
	}
	return m
}

// floats writes a source and decodes its elements.
func floats(t testing.TB, s Source) []float32 {
	t.Helper()
	var buf bytes.Buffer
	n, err := s.WriteTo(&buf)
	if err != nil {
		t.Fatal(err)
	}
	if n != Bytes(s) || n != int64(buf.Len()) {
		t.Fatalf("wrote %d bytes, reported %d, announced %d", buf.Len(), n, Bytes(s))
	}
	out := make([]float32, buf.Len()/4)
	for i := range out {
		out[i] = math.Float32frombits(binary.LittleEndian.Uint32(buf.Bytes()[4*i:]))
	}
	return out
}

func must(t testing.TB) func(Source, error) Source {
	return func(s Source, err error) Source {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
}

func TestPlacements(t *testing.T) {
	a := sparse([]float32{1, 0}, []float32{0, 2})
	b := sparse([]float32{3, 4, 5}, []float32{6, 0, 7})
	tests := []struct {
		name  string
		make  func() (Source, error)
		shape []int
		want  []float32
	}{
		{"matrix", func() (Source, error) { return Matrix(b) }, []int{2, 3}, []float32{3, 4, 5, 6, 0, 7}},
		{"no weights", func() (Source, error) { return Matrix(decoder.Matrix{Rows: 1, Cols: 2}) }, []int{1, 2}, []float32{0, 0}},
		{"beside", func() (Source, error) { return Beside(a, b) }, []int{2, 5}, []float32{1, 0, 3, 4, 5, 0, 2, 6, 0, 7}},
		{"below", func() (Source, error) { return Below(a, a) }, []int{4, 2}, []float32{1, 0, 0, 2, 1, 0, 0, 2}},
		{"transposed", func() (Source, error) { return Place(3, 2, Block{M: b, Transpose: true}) }, []int{3, 2}, []float32{3, 6, 4, 0, 5, 7}},
		{"padded", func() (Source, error) { return Place(3, 3, Block{M: a, Row: 1, Col: 1}) }, []int{3, 3}, []float32{0, 0, 0, 0, 1, 0, 0, 0, 2}},
		{"scaled", func() (Source, error) { return Place(2, 2, Block{M: a, Scale: -0.25}) }, []int{2, 2}, []float32{-0.25, 0, 0, -0.5}},
		{
			"out of order", func() (Source, error) {
				return Place(2, 4, Block{M: a, Col: 2}, Block{M: a, Transpose: true, Scale: 2})
			},
			[]int{2, 4},
			[]float32{2, 0, 1, 0, 0, 4, 0, 2},
		},
		{"vector", func() (Source, error) {
			m, err := Matrix(sparse([]float32{0, 8}))
			if err != nil {
				return nil, err
			}
			return Reshape(m, 2)
		}, []int{2}, []float32{0, 8}},
		{"fill", func() (Source, error) { return Fill(1.5, 3, 1) }, []int{3, 1}, []float32{1.5, 1.5, 1.5}},
		{"scalar", func() (Source, error) { return Fill(-2) }, []int{}, []float32{-2}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := must(t)(test.make())
			if diff := cmp.Diff(test.shape, s.Shape()); diff != "" {
				t.Error(diff)
			}
			if s.DType() != Float32 {
				t.Errorf("type %v", s.DType())
			}
			for range 2 { // a source can be written again
				if diff := cmp.Diff(test.want, floats(t, s)); diff != "" {
					t.Error(diff)
				}
			}
		})
	}
}

func TestIntegers(t *testing.T) {
	for _, test := range []struct {
		s     Source
		shape []int
		want  []byte
	}{
		{must(t)(Int64s([]int64{1, -1})), []int{2}, []byte{1, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255}},
		{must(t)(Int64s([]int64{2}, 1, 1)), []int{1, 1}, []byte{2, 0, 0, 0, 0, 0, 0, 0}},
		{Int64Scalar(3), []int{}, []byte{3, 0, 0, 0, 0, 0, 0, 0}},
	} {
		var buf bytes.Buffer
		if _, err := test.s.WriteTo(&buf); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(test.want, buf.Bytes()); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(test.shape, test.s.Shape()); diff != "" {
			t.Error(diff)
		}
		if test.s.DType() != Int64 || Bytes(test.s) != int64(buf.Len()) {
			t.Errorf("%v, %d bytes announced", test.s.DType(), Bytes(test.s))
		}
	}
}

func TestRefusals(t *testing.T) {
	one := sparse([]float32{1})
	huge := decoder.Matrix{Rows: math.MaxInt, Cols: math.MaxInt}
	tests := []struct {
		name string
		make func() (Source, error)
		want string
	}{
		{"empty", func() (Source, error) { return Matrix(decoder.Matrix{Rows: 2}) }, "below 1"},
		{"nothing", func() (Source, error) { return Beside() }, "below 1"},
		{"huge", func() (Source, error) { return Matrix(huge) }, "too many"},
		{"heights", func() (Source, error) { return Beside(one, sparse([]float32{1}, []float32{1})) }, "2 rows, not 1"},
		{"widths", func() (Source, error) { return Below(one, sparse([]float32{1, 1})) }, "2 columns, not 1"},
		{"outside", func() (Source, error) { return Place(1, 1, Block{M: one, Col: 1}) }, "leaves"},
		{"before", func() (Source, error) { return Place(1, 1, Block{M: one, Row: -1}) }, "leaves"},
		{"overlap", func() (Source, error) { return Place(1, 1, Block{M: one}, Block{M: one}) }, "overlap"},
		{"scale", func() (Source, error) { return Place(1, 1, Block{M: one, Scale: math.NaN()}) }, "scale"},
		{"fill", func() (Source, error) { return Fill(0, 0) }, "below 1"},
		{"int64s", func() (Source, error) { return Int64s(nil) }, "below 1"},
		{"int64s shape", func() (Source, error) { return Int64s([]int64{1}, 2) }, "1 values"},
		{"reshape", func() (Source, error) { return Reshape(Int64Scalar(1), 2) }, "cannot reshape"},
	}
	for _, test := range tests {
		if _, err := test.make(); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want %q", test.name, err, test.want)
		}
	}
}

func TestWeightsThatCannotBeWritten(t *testing.T) {
	tests := []struct {
		name  string
		block Block
		want  string
	}{
		{"outside", Block{M: decoder.Matrix{Rows: 1, Cols: 1, Entries: []decoder.Entry{{Row: 0, Col: 1, W: 1}}}}, "outside"},
		{"twice", Block{M: decoder.Matrix{Rows: 1, Cols: 1, Entries: []decoder.Entry{{W: 1}, {W: 2}}}}, "two weights"},
		{"infinite", Block{M: sparse([]float32{math.MaxFloat32}), Scale: 2}, "not finite"},
		{"NaN", Block{M: sparse([]float32{float32(math.NaN())})}, "not finite"},
		{"vanishing", Block{M: sparse([]float32{math.SmallestNonzeroFloat32}), Scale: 0.25}, "underflows"},
	}
	for _, test := range tests {
		s := must(t)(Place(1, 1, test.block))
		if _, err := s.WriteTo(io.Discard); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want %q", test.name, err, test.want)
		}
	}
}

// A matrix beyond one buffer is the same as its dense spelling, wherever the
// weights fall.
func TestStreamingMatchesDense(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := rapid.IntRange(1, 400).Draw(t, "rows")
		cols := rapid.IntRange(1, 400).Draw(t, "cols")
		want := make([]float32, rows*cols)
		m := decoder.Matrix{Rows: rows, Cols: cols}
		at := rapid.SliceOfNDistinct(rapid.IntRange(0, rows*cols-1), 0, min(50, rows*cols), rapid.ID).Draw(t, "at")
		slices.Sort(at)
		for i, a := range at {
			w := float32(i + 1)
			want[a] = w
			m.Entries = append(m.Entries, decoder.Entry{Row: a / cols, Col: a % cols, W: w})
		}
		var buf bytes.Buffer
		s, err := Matrix(m)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.WriteTo(&buf); err != nil {
			t.Fatal(err)
		}
		got := make([]float32, rows*cols)
		if err := binary.Read(&buf, binary.LittleEndian, got); err != nil || buf.Len() != 0 {
			t.Fatal(err, buf.Len())
		}
		if !slices.Equal(got, want) {
			t.Fatal("elements differ")
		}
	})
}

// brokenWriter fails after some bytes.
type brokenWriter struct{ left int }

var errBroken = errors.New("no space")

func (w *brokenWriter) Write(b []byte) (int, error) {
	n := min(len(b), w.left)
	w.left -= n
	if n < len(b) {
		return n, errBroken
	}
	return n, nil
}

func TestWriteErrors(t *testing.T) {
	for _, s := range []Source{
		must(t)(Matrix(decoder.Matrix{Rows: 300, Cols: 300})),
		must(t)(Fill(1, 300, 300)),
		must(t)(Int64s([]int64{1, 2})),
	} {
		for _, room := range []int{0, 1, 15, 70_000} {
			if int64(room) >= Bytes(s) {
				continue
			}
			n, err := s.WriteTo(&brokenWriter{left: room})
			if !errors.Is(err, errBroken) || n != int64(room) {
				t.Errorf("room for %d: wrote %d, error %v", room, n, err)
			}
		}
	}
}

func TestDTypes(t *testing.T) {
	for d, want := range map[DType]struct {
		name string
		size int
	}{Float32: {"float32", 4}, Int64: {"int64", 8}, 77: {"DType(77)", 0}} {
		if d.String() != want.name || d.Size() != want.size {
			t.Errorf("%v has %d bytes", d, d.Size())
		}
	}
}

func TestMemoryIsBounded(t *testing.T) {
	s := must(t)(Matrix(decoder.Matrix{Rows: 1 << 13, Cols: 1 << 13}))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := s.WriteTo(io.Discard); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	allocated := after.TotalAlloc - before.TotalAlloc
	if allocated > 2*bufferSize {
		t.Errorf("%d bytes allocated to write %d", allocated, Bytes(s))
	}
}

func BenchmarkWriteTo(b *testing.B) {
	m := decoder.Matrix{Rows: 2048, Cols: 2048}
	for i := range 2048 {
		m.Entries = append(m.Entries, decoder.Entry{Row: i, Col: i, W: 1})
	}
	s := must(b)(Matrix(m))
	b.SetBytes(Bytes(s))
	for b.Loop() {
		if _, err := s.WriteTo(io.Discard); err != nil {
			b.Fatal(err)
		}
	}
}
