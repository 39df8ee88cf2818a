package stfile

import (
	"bytes"
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raspc/raspc/fixtures/bad"
)

// file puts a header before data.
func file(header string, data []byte) []byte {
	out := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(out, header...), data...)
}

// data returns the bytes of float32 values.
func data(values ...float32) []byte {
	var out []byte
	for _, v := range values {
		out = binary.LittleEndian.AppendUint32(out, math.Float32bits(v))
	}
	return out
}

const good = `{"__metadata__":{"format":"pt"},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]},"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}  `

func TestParse(t *testing.T) {
	f, err := Parse(file(good, data(1, 2, -3)))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a", "b"}, f.Names()); diff != "" {
		t.Error(diff)
	}
	if v, ok := f.Metadata("format"); v != "pt" || !ok {
		t.Errorf("format is %q, %v", v, ok)
	}
	if _, ok := f.Metadata("none"); ok {
		t.Error("metadata that is not there")
	}
	b, err := f.Values("b", F32, 2)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]float32{2, -3}, b); diff != "" {
		t.Error(diff)
	}
	if a, err := f.Values("a", F32); err != nil || !cmp.Equal([]float32{1}, a) {
		t.Errorf("a is %v, %v", a, err)
	}
	if shape, ok := f.Shape("b"); !ok || !cmp.Equal([]uint64{2}, shape) {
		t.Errorf("shape of b is %v", shape)
	}
}

func TestValuesRefuses(t *testing.T) {
	header := `{"f":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"i":{"dtype":"I32","shape":[1],"data_offsets":[8,12]},` +
		`"n":{"dtype":"F32","shape":[1],"data_offsets":[12,16]},"inf":{"dtype":"F32","shape":[1],"data_offsets":[16,20]}}`
	f, err := Parse(file(header, data(1, 2, 3, float32(math.NaN()), float32(math.Inf(-1)))))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		shape []int
		want  string
	}{
		{"x", []int{2}, "missing"},
		{"i", []int{1}, "I32"},
		{"f", []int{1, 2}, "shape"},
		{"f", []int{3}, "shape"},
		{"f", []int{-2}, "shape"},
		{"f", nil, "shape"},
		{"n", []int{1}, "NaN"},
		{"inf", []int{1}, "-Inf"},
	} {
		if _, err := f.Values(c.name, F32, c.shape...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %v: error is %v, want %q", c.name, c.shape, err, c.want)
		}
	}
}

// hostile are files that must be refused, with a word of the reason.
func hostile() map[string]struct {
	content []byte
	want    string
} {
	one := func(members string) []byte { return file(`{"a":{`+members+`}}`, data(1)) }
	type entry = struct {
		content []byte
		want    string
	}
	huge := file(good, data(1, 2, 3))
	binary.LittleEndian.PutUint64(huge, math.MaxUint64)
	long := file(good, data(1, 2, 3))
	binary.LittleEndian.PutUint64(long, 99_999_999)
	// Its end plus the header's length wraps around to the file's length.
	wrap := `{"a":{"dtype":"U8","shape":[18446744073709551540],"data_offsets":[0,18446744073709551540]}}`
	return map[string]entry{
		"empty":               {nil, "too few"},
		"seven bytes":         {make([]byte, 7), "too few"},
		"no header":           {make([]byte, 8), "does not start"},
		"header beyond limit": {huge, "over the limit"},
		"header beyond file":  {long, "truncated"},
		"not JSON":            {file(`{`, nil), "not JSON"},
		"null header":         {file(`null`, nil), "does not start"},
		"array header":        {file(`[]`, nil), "does not start"},
		"leading space":       {file(` {}`, nil), "does not start"},
		"text behind":         {file(`{} x`, nil), "not JSON"},
		"not UTF-8":           {file("{\"\xff\":1}", nil), "UTF-8"},
		"half a surrogate":    {file(`{"\ud800":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, data(1)), "surrogate"},
		"repeated tensor":     {file(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, data(1)), "repeated"},
		"repeated metadata":   {file(`{"__metadata__":{},"__metadata__":{}}`, nil), "repeated"},
		"repeated dtype":      {one(`"dtype":"I32","dtype":"F32","shape":[1],"data_offsets":[0,4]`), "repeated"},
		"metadata a number":   {file(`{"__metadata__":{"a":1}}`, nil), "not a string"},
		"metadata null":       {file(`{"__metadata__":null}`, nil), "null"},
		"tensor null":         {file(`{"a":null}`, nil), "null"},
		"no dtype":            {one(`"shape":[1],"data_offsets":[0,4]`), "no dtype"},
		"no shape":            {one(`"dtype":"F32","data_offsets":[0,4]`), "no shape"},
		"no offsets":          {one(`"dtype":"F32","shape":[1]`), "no data_offsets"},
		"extra member":        {one(`"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1`), "besides"},
		"unknown dtype":       {one(`"dtype":"F33","shape":[1],"data_offsets":[0,4]`), "F33"},
		"dtype null":          {one(`"dtype":null,"shape":[1],"data_offsets":[0,4]`), "DType"},
		"shape null":          {one(`"dtype":"F32","shape":null,"data_offsets":[0,4]`), "null"},
		"shape negative":      {one(`"dtype":"F32","shape":[-1],"data_offsets":[0,4]`), "natural"},
		"shape a fraction":    {one(`"dtype":"F32","shape":[1.0],"data_offsets":[0,4]`), "natural"},
		"shape overflows":     {one(`"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,4]`), "overflow"},
		"size overflows":      {one(`"dtype":"F32","shape":[4611686018427387905],"data_offsets":[0,4]`), "overflow"},
		"dimension too long":  {one(`"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,4]`), "natural"},
		"one offset":          {one(`"dtype":"F32","shape":[1],"data_offsets":[0]`), "data_offsets"},
		"offsets reversed":    {one(`"dtype":"F32","shape":[1],"data_offsets":[4,0]`), "data_offsets"},
		"offset out of range": {one(`"dtype":"F32","shape":[2],"data_offsets":[0,8]`), "data_offsets"},
		"offset wraps":        {file(wrap, nil), "data_offsets"},
		"size mismatch":       {one(`"dtype":"F32","shape":[2],"data_offsets":[0,4]`), "4 bytes of data for a shape of 8"},
		"overlap":             {file(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, data(1)), "overlap"},
		"gap":                 {file(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}`, data(1, 2)), "gap"},
		"tail":                {file(good, data(1, 2, 3, 4)), "tail"},
		"missing data":        {file(good, data(1, 2)), "data_offsets"},
		"no tensors but data": {file(`{}`, data(1)), "tail"},
	}
}

func TestHostileFiles(t *testing.T) {
	for name, c := range hostile() {
		t.Run(name, func(t *testing.T) {
			if _, err := Parse(c.content); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error is %v, want %q", err, c.want)
			}
		})
	}
}

func TestTruncationAtEveryByte(t *testing.T) {
	whole := file(good, data(1, 2, 3))
	for n := range whole {
		if _, err := Parse(whole[:n]); err == nil {
			t.Errorf("%d bytes of %d were accepted", n, len(whole))
		}
	}
}

func TestOpen(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "f")
	if err := os.WriteFile(path, file(good, data(1, 2, 3)), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path); err != nil {
		t.Error(err)
	}
	if err := os.WriteFile(path, []byte("short"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("error without the file's name: %v", err)
	}
	if _, err := Open(dir); err == nil {
		t.Error("a folder was opened")
	}
	if _, err := Open(filepath.Join(dir, "none")); !os.IsNotExist(err) {
		t.Errorf("error is %v", err)
	}
}

func TestOpenIn(t *testing.T) {
	dir, outside := t.TempDir(), filepath.Join(t.TempDir(), "f")
	for _, path := range []string{outside, filepath.Join(dir, "f")} {
		if err := os.WriteFile(path, file(good, data(1, 2, 3)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for name, to := range map[string]string{"inside": "f", "outside": outside} {
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	for name, want := range map[string]string{
		"f": "", "inside": "", "outside": "escapes", "../" + filepath.Base(dir) + "/f": "escapes", ".": "not a regular file", "none": "none",
	} {
		f, err := OpenIn(root, name)
		switch {
		case want == "" && err != nil, want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: error is %v, want %q", name, err, want)
		case want == "" && f.Size() != 12:
			t.Errorf("%s has %d bytes of tensors", name, f.Size())
		}
	}
}

// FuzzParse holds that no content makes the reader panic, and that every
// tensor of an accepted file can be read.
func FuzzParse(f *testing.F) {
	f.Add(file(good, data(1, 2, 3)))
	for _, c := range hostile() {
		f.Add(c.content)
	}
	seeds, err := bad.Contents(filepath.Join("..", "..", "..", "fixtures", "bad"), "model.safetensors")
	if err != nil {
		f.Fatal(err)
	}
	for _, content := range seeds {
		f.Add(content)
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		before := bytes.Clone(content)
		var st *File
		var err error
		if got := bad.Alloc(func() { st, err = Parse(content) }); got > bad.MaxAlloc(len(content)) {
			t.Errorf("%d bytes allocated for %d", got, len(content))
		}
		if err != nil {
			return
		}
		total := 0
		for _, name := range st.Names() {
			shape, _ := st.Shape(name)
			dims := make([]int, len(shape))
			for i, d := range shape {
				dims[i] = int(d)
			}
			values, err := st.Values(name, F32, dims...)
			if err == nil {
				total += 4 * len(values)
			}
		}
		if total > len(content) {
			t.Errorf("%d bytes of tensors in a file of %d", total, len(content))
		}
		if !bytes.Equal(before, content) {
			t.Error("reading changed the content")
		}
	})
}
