package ggfile

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

// file makes a file of numbers, texts and other values, one after the other. A part
// that is a slice of bytes stands as it is, and align fills up.
func file(parts ...any) []byte {
	b := []byte(magic)
	for _, p := range parts {
		switch v := p.(type) {
		case string:
			b = append(binary.LittleEndian.AppendUint64(b, uint64(len(v))), v...)
		case alignment:
			b = append(b, make([]byte, -len(b)&(int(v)-1))...)
		case []byte:
			b = append(b, v...)
		default:
			b, _ = binary.Append(b, binary.LittleEndian, v)
		}
	}
	return b
}

type alignment int

type (
	u32 = uint32
	u64 = uint64
)

// good has a setting of each type that is read, and two tensors.
func good() []byte {
	return file(u32(3), u64(2), u64(8),
		"u", typeUint32, u32(7), "f", typeFloat32, float32(0.5), "b", typeBool, []byte{1}, "s", typeString, "text",
		"i", typeArray, typeInt32, u64(2), int32(-1), int32(2), "fs", typeArray, typeFloat32, u64(1), float32(2), "ss", typeArray, typeString, u64(2), "x", "",
		"other", uint32(12), 1.5,
		"one", u32(1), u64(3), u32(0), u64(0), "two", u32(2), u64(2), u64(1), u32(0), u64(32), alignment(32),
		float32(1), float32(2), float32(3), alignment(32), float32(4), float32(5), alignment(32))
}

func TestParse(t *testing.T) {
	f, err := Parse(good())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"one", "two"}, f.Names()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"b", "f", "fs", "i", "other", "s", "ss", "u"}, f.Keys()); diff != "" {
		t.Error(diff)
	}
	of := func(key string) Value {
		v, err := f.Setting(key)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for key, read := range map[string]func(Value) (any, error){
		"u": func(v Value) (any, error) { return v.Uint32() }, "f": func(v Value) (any, error) { return v.Float32() },
		"b": func(v Value) (any, error) { return v.Bool() }, "s": func(v Value) (any, error) { return v.Text() },
		"i": func(v Value) (any, error) { return v.Int32s() }, "fs": func(v Value) (any, error) { return v.Float32s() },
		"ss": func(v Value) (any, error) { return v.Texts() },
	} {
		want := map[string]any{
			"u": uint32(7), "f": float32(0.5), "b": true, "s": "text", "i": []int32{-1, 2}, "fs": []float32{2}, "ss": []string{"x", ""},
		}[key]
		if got, err := read(of(key)); err != nil || !cmp.Equal(got, want) {
			t.Errorf("%s is %v: %v", key, got, err)
		}
		for _, other := range f.Keys() {
			if _, err := read(of(other)); (err == nil) != (other == key) {
				t.Errorf("%s is read as %s: %v", other, key, err)
			}
		}
	}
	if _, err := f.Setting("none"); err == nil {
		t.Error("a setting that is not there")
	}
	one, err := f.Float32s("one", 3)
	if err != nil || !cmp.Equal(one, []float32{1, 2, 3}) {
		t.Errorf("one is %v: %v", one, err)
	}
	two, err := f.Float32s("two", 1, 2)
	if err != nil || !cmp.Equal(two, []float32{4, 5}) {
		t.Errorf("two is %v: %v", two, err)
	}
	for _, shape := range [][]int{{2, 1}, {2}, {-1, 2}, nil} {
		if _, err := f.Float32s("two", shape...); err == nil {
			t.Errorf("two has shape %v", shape)
		}
	}
}

// hostile are files that must be refused, with a word of the reason.
func hostile() map[string]struct {
	content []byte
	want    string
} {
	type entry = struct {
		content []byte
		want    string
	}
	tensor := func(parts ...any) []byte { return file(append([]any{u32(3), u64(1), u64(0)}, parts...)...) }
	setting := func(parts ...any) []byte { return file(append([]any{u32(3), u64(0), u64(1)}, parts...)...) }
	return map[string]entry{
		"empty":             {nil, "truncated"},
		"another format":    {[]byte("PK\x03\x04"), "no GGUF"},
		"version":           {file(u32(1), u64(0), u64(0)), "version 1"},
		"settings":          {file(u32(3), u64(0), u64(math.MaxUint64)), "truncated"},
		"tensors":           {file(u32(3), u64(math.MaxUint64), u64(0)), "truncated"},
		"text":              {setting(u64(1<<63), []byte("x")), "truncated"},
		"not UTF-8":         {setting("\xff", typeBool, []byte{1}), "UTF-8"},
		"type":              {setting("k", u32(13)), "unknown type"},
		"list of lists":     {setting("k", typeArray, typeArray, u64(0)), "type 9"},
		"list of unknown":   {setting("k", typeArray, u32(99), u64(0)), "type 99"},
		"list wraps":        {setting("k", typeArray, u32(10), u64(1<<61)), "truncated"},
		"texts":             {setting("k", typeArray, typeString, u64(math.MaxUint64), "a"), "truncated"},
		"repeated":          {file(u32(3), u64(0), u64(2), "k", typeBool, []byte{1}, "k", typeBool, []byte{1}), "twice"},
		"alignment":         {setting("general.alignment", typeUint32, u32(0)), "alignment"},
		"huge alignment":    {setting("general.alignment", typeUint32, u32(1<<31)), "alignment"},
		"no padding":        {setting("k", typeBool, []byte{1}), "truncated"},
		"no dimension":      {tensor("t", u32(0), u32(0), u64(0), alignment(32)), "dimensions"},
		"five dimensions":   {tensor("t", u32(5)), "dimensions"},
		"shape overflows":   {tensor("t", u32(2), u64(1<<32), u64(1<<32)), "overflows"},
		"float16":           {tensor("t", u32(1), u64(1), u32(1), u64(0), alignment(32), make([]byte, 32)), "type 1"},
		"offset wraps":      {tensor("t", u32(1), u64(1), u32(0), u64(math.MaxUint64-1), alignment(32), make([]byte, 32)), "begins"},
		"offset":            {tensor("t", u32(1), u64(1), u32(0), u64(32), alignment(32), make([]byte, 64)), "not at 0"},
		"no data":           {tensor("t", u32(1), u64(1), u32(0), u64(0), alignment(32)), "of 0 bytes"},
		"data not filled":   {tensor("t", u32(1), u64(1), u32(0), u64(0), alignment(32), make([]byte, 4)), "4 bytes of data"},
		"data behind":       {tensor("t", u32(1), u64(1), u32(0), u64(0), alignment(32), make([]byte, 64)), "64 bytes of data"},
		"a tensor repeated": {file(u32(3), u64(2), u64(0), "t", u32(1), u64(0), u32(0), u64(0), "t", u32(1), u64(0), u32(0), u64(0), alignment(32)), "twice"},
		"overlap": {file(u32(3), u64(2), u64(0), "t", u32(1), u64(1), u32(0), u64(0), "s", u32(1), u64(1), u32(0), u64(0), alignment(32), make([]byte, 32)),
			"not at 32"},
	}
}

func TestHostileFiles(t *testing.T) {
	for name, c := range hostile() {
		if _, err := Parse(c.content); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error is %v, want %q", name, err, c.want)
		}
	}
}

func TestTruncationAtEveryByte(t *testing.T) {
	whole := good()
	for n := range whole {
		if _, err := Parse(whole[:n]); err == nil {
			t.Errorf("%d bytes of %d were accepted", n, len(whole))
		}
	}
}

func TestNotFinite(t *testing.T) {
	for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		f, err := Parse(file(u32(3), u64(1), u64(0), "t", u32(1), u64(1), u32(0), u64(0), alignment(32), float32(v), alignment(32)))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Float32s("t", 1); err == nil {
			t.Errorf("%g is a weight", v)
		}
	}
}

func TestOpen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(path, good()[:9], 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("error without the file's name: %v", err)
	}
	if _, err := Open(path + "g"); !os.IsNotExist(err) {
		t.Errorf("error is %v", err)
	}
}

// FuzzParse holds that no content makes the reader panic, or take memory beyond a
// multiple of its size, and that every setting and tensor of an accepted file can be
// read.
func FuzzParse(f *testing.F) {
	f.Add(good())
	for _, c := range hostile() {
		f.Add(c.content)
	}
	seeds, err := bad.Contents(filepath.Join("..", "..", "..", "fixtures", "bad"), filepath.Join("gguf", "model.gguf"))
	if err != nil {
		f.Fatal(err)
	}
	for _, content := range seeds {
		f.Add(content)
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		before := bytes.Clone(content)
		var g *File
		var err error
		if got := bad.Alloc(func() { g, err = Parse(content) }); got > bad.MaxAlloc(len(content)) {
			t.Errorf("%d bytes allocated for %d", got, len(content))
		}
		if err != nil {
			return
		}
		for _, key := range g.Keys() {
			v, _ := g.Setting(key)
			texts, _ := v.Texts()
			numbers, _ := v.Int32s()
			if len(texts) > len(content)/8 || 4*len(numbers) > len(content) {
				t.Errorf("%s has %d texts and %d numbers, in %d bytes", key, len(texts), len(numbers), len(content))
			}
		}
		total := 0
		for name, p := range g.tensors {
			var shape []int
			for _, d := range p.shape {
				shape = append(shape, int(d))
			}
			values, _ := g.Float32s(name, shape...)
			total += 4 * len(values)
		}
		if total > len(content) {
			t.Errorf("%d bytes of tensors in a file of %d", total, len(content))
		}
		if !bytes.Equal(before, content) {
			t.Error("reading changed the content")
		}
	})
}
