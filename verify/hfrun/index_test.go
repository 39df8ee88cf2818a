package hfrun

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raspc/raspc/fixtures/bad"
	"github.com/raspc/raspc/verify/hfrun/stfile"
)

// shard returns a safetensors file of one-element tensors.
func shard(names ...string) []byte {
	header := []byte("{")
	for i, name := range names {
		key, _ := json.Marshal(name)
		header = fmt.Appendf(header, `%s:{"dtype":"F32","shape":[1],"data_offsets":[%d,%d]},`, key, 4*i, 4*i+4)
	}
	header[max(0, len(header)-1)] = '}'
	file := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(file, header...), make([]byte, 4*len(names))...)
}

// folder opens files that are in memory.
type folder map[string][]byte

func (f folder) open(name string) (*stfile.File, error) {
	data, ok := f[name]
	if !ok {
		return nil, fmt.Errorf("%s: %w", name, fs.ErrNotExist)
	}
	return stfile.Parse(data)
}

// two is a folder of two shards and their index.
var two = folder{"s1": shard("a", "c"), "s2": shard("b")}

const twoIndex = `{"metadata":{"total_size":12},"weight_map":{"a":"s1","b":"s2","c":"s1"}}`

func TestParseShards(t *testing.T) {
	for _, text := range []string{
		twoIndex,
		`{"weight_map":{"c":"s1","b":"s2","a":"s1"},"metadata":{"total_parameters":3,"total_size":12,"note":[{}]}}`,
	} {
		all, err := parseShards([]byte(text), two.open)
		if err != nil {
			t.Fatal(err)
		}
		in := map[string]string{}
		for name, f := range all.in {
			in[name] = f.name
			if _, err := f.Values(name, stfile.F32, 1); err != nil {
				t.Error(err)
			}
		}
		if diff := cmp.Diff(map[string]string{"a": "s1", "b": "s2", "c": "s1"}, in); diff != "" || all.start != IndexFile {
			t.Errorf("start %s: %s", all.start, diff)
		}
	}
}

// hostileIndexes are texts that must be refused beside the shards of two, with
// a word of the reason.
var hostileIndexes = map[string]struct{ text, want string }{
	"empty":                {``, "not JSON"},
	"not JSON":             {twoIndex[:40], "not JSON"},
	"text behind":          {twoIndex + "{}", "not JSON"},
	"null":                 {`null`, "null"},
	"an array":             {`[]`, "array"},
	"not UTF-8":            {"{\"\xff\":1}", "UTF-8"},
	"repeated member":      {`{"metadata":{"total_size":12},"weight_map":{"a":"s1"},"weight_map":{"a":"s1","b":"s2","c":"s1"}}`, "repeated"},
	"repeated tensor":      {`{"metadata":{"total_size":12},"weight_map":{"a":"s2","b":"s2","c":"s1","a":"s1"}}`, "repeated"},
	"repeated size":        {`{"metadata":{"total_size":0,"total_size":12},"weight_map":{"a":"s1","b":"s2","c":"s1"}}`, "repeated"},
	"half a surrogate":     {`{"metadata":{"total_size":12},"weight_map":{"\ud800":"s1"}}`, "surrogate"},
	"unknown member":       {`{"metadata":{"total_size":12},"weight_map":{"a":"s1","b":"s2","c":"s1"},"shards":2}`, "unknown"},
	"no metadata":          {`{"weight_map":{"a":"s1","b":"s2","c":"s1"}}`, "metadata: missing"},
	"metadata null":        {`{"metadata":null,"weight_map":{"a":"s1","b":"s2","c":"s1"}}`, "null"},
	"metadata a number":    {`{"metadata":12,"weight_map":{"a":"s1","b":"s2","c":"s1"}}`, "metadata"},
	"no size":              {`{"metadata":{},"weight_map":{"a":"s1","b":"s2","c":"s1"}}`, "no total_size"},
	"size a fraction":      {`{"metadata":{"total_size":12.0},"weight_map":{"a":"s1","b":"s2","c":"s1"}}`, "natural"},
	"size a string":        {`{"metadata":{"total_size":"12"},"weight_map":{"a":"s1","b":"s2","c":"s1"}}`, "natural"},
	"size negative":        {`{"metadata":{"total_size":-12},"weight_map":{"a":"s1","b":"s2","c":"s1"}}`, "natural"},
	"size overflows":       {`{"metadata":{"total_size":18446744073709551628},"weight_map":{"a":"s1","b":"s2","c":"s1"}}`, "natural"},
	"another size":         {`{"metadata":{"total_size":16},"weight_map":{"a":"s1","b":"s2","c":"s1"}}`, "have 12 bytes"},
	"no map":               {`{"metadata":{"total_size":12}}`, "weight_map: missing"},
	"map null":             {`{"metadata":{"total_size":12},"weight_map":null}`, "null"},
	"map an array":         {`{"metadata":{"total_size":12},"weight_map":["s1","s2"]}`, "array"},
	"no tensors":           {`{"metadata":{"total_size":0},"weight_map":{}}`, "no tensors"},
	"a file is null":       {`{"metadata":{"total_size":12},"weight_map":{"a":null,"b":"s2","c":"s1"}}`, "not the name"},
	"a file is an object":  {`{"metadata":{"total_size":12},"weight_map":{"a":{},"b":"s2","c":"s1"}}`, "object"},
	"a file above":         {`{"metadata":{"total_size":12},"weight_map":{"a":"../s1","b":"s2","c":"s1"}}`, "not the name"},
	"a file below":         {`{"metadata":{"total_size":12},"weight_map":{"a":"x/s1","b":"s2","c":"s1"}}`, "not the name"},
	"a file at the root":   {`{"metadata":{"total_size":12},"weight_map":{"a":"/s1","b":"s2","c":"s1"}}`, "not the name"},
	"a Windows path":       {`{"metadata":{"total_size":12},"weight_map":{"a":"x\\s1","b":"s2","c":"s1"}}`, "not the name"},
	"a Windows drive":      {`{"metadata":{"total_size":12},"weight_map":{"a":"c:s1","b":"s2","c":"s1"}}`, "not the name"},
	"the folder":           {`{"metadata":{"total_size":12},"weight_map":{"a":".","b":"s2","c":"s1"}}`, "not the name"},
	"the folder above":     {`{"metadata":{"total_size":12},"weight_map":{"a":"..","b":"s2","c":"s1"}}`, "not the name"},
	"a roundabout name":    {`{"metadata":{"total_size":12},"weight_map":{"a":"./s1","b":"s2","c":"s1"}}`, "not the name"},
	"no name":              {`{"metadata":{"total_size":12},"weight_map":{"a":"","b":"s2","c":"s1"}}`, "not the name"},
	"a NUL":                {`{"metadata":{"total_size":12},"weight_map":{"a":"s1\u0000","b":"s2","c":"s1"}}`, "not the name"},
	"a file that is not":   {`{"metadata":{"total_size":12},"weight_map":{"a":"s1","b":"s3","c":"s1"}}`, "s3: file does not exist"},
	"a tensor too few":     {`{"metadata":{"total_size":12},"weight_map":{"a":"s1","b":"s2"}}`, `s1: tensor "c" is in the file`},
	"a tensor too many":    {`{"metadata":{"total_size":12},"weight_map":{"a":"s1","b":"s2","c":"s1","d":"s2"}}`, `s2: tensor "d" is missing`},
	"a tensor elsewhere":   {`{"metadata":{"total_size":12},"weight_map":{"a":"s1","b":"s2","c":"s2"}}`, `s1: tensor "c" is in the file`},
	"tensors exchanged":    {`{"metadata":{"total_size":12},"weight_map":{"a":"s2","b":"s1","c":"s1"}}`, `s1: tensor "a" is in the file`},
	"metadata as a tensor": {`{"metadata":{"total_size":12},"weight_map":{"a":"s1","b":"s2","c":"s1","__metadata__":"s2"}}`, `"__metadata__" is missing`},
	"a file too few":       {`{"metadata":{"total_size":12},"weight_map":{"a":"s1","c":"s1"}}`, "have 8 bytes"},
	"nested deeply":        {`{"metadata":{"total_size":12,"x":` + strings.Repeat("[", 99) + strings.Repeat("]", 99) + `},"weight_map":{}}`, "deeper"},
}

func TestHostileIndexes(t *testing.T) {
	for name, c := range hostileIndexes {
		if _, err := parseShards([]byte(c.text), two.open); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error is %v, want %q", name, err, c.want)
		}
	}
}

// TestOneTensorInTwoShards opens no third file when two hold the same.
func TestOneTensorInTwoShards(t *testing.T) {
	opened := 0
	_, err := parseShards([]byte(`{"metadata":{"total_size":12},"weight_map":{"a":"s1","b":"s2","c":"s3"}}`), func(string) (*stfile.File, error) {
		opened++
		return stfile.Parse(shard("a"))
	})
	if err == nil || !strings.Contains(err.Error(), `s2: tensor "a" is in the file`) || opened != 2 {
		t.Errorf("opened %d files: %v", opened, err)
	}
}

// FuzzShards holds that no index makes the reader panic or look for files
// outside the folder, and that what it accepts places every tensor of every
// shard where it is.
func FuzzShards(f *testing.F) {
	f.Add([]byte(twoIndex), two["s1"], two["s2"])
	for _, c := range hostileIndexes {
		f.Add([]byte(c.text), two["s1"], two["s2"])
	}
	f.Add([]byte(`{"metadata":{"total_size":0},"weight_map":{"a":"s1"}}`), shard("a", "a"), shard())
	seeds, err := bad.Contents(filepath.Join("..", "..", "fixtures", "bad"), IndexFile)
	if err != nil {
		f.Fatal(err)
	}
	for _, text := range seeds {
		f.Add(text, two["s1"], two["s2"])
	}
	f.Fuzz(func(t *testing.T, text, first, second []byte) {
		files := folder{"s1": first, "s2": second}
		opened := map[string][]string{}
		var all *tensors
		var err error
		open := func(name string) (*stfile.File, error) {
			if name == "" || name == "." || name == ".." || strings.ContainsAny(name, "/\\\x00") {
				t.Errorf("looks for %q", name)
			}
			file, err := files.open(name)
			if err == nil {
				opened[name] = file.Names()
			}
			return file, err
		}
		size := len(text) + len(first) + len(second)
		if got := bad.Alloc(func() { all, err = parseShards(text, open) }); got > bad.MaxAlloc(size) {
			t.Errorf("%d bytes allocated for %d", got, size)
		}
		if err != nil {
			return
		}
		placed := map[string][]string{}
		for _, name := range slices.Sorted(maps.Keys(all.in)) {
			placed[all.in[name].name] = append(placed[all.in[name].name], name)
		}
		if diff := cmp.Diff(opened, placed); diff != "" {
			t.Error(diff)
		}
	})
}
