package safetensors

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/raspc/raspc/export/tensor"
)

// sized returns tensors of so many bytes, t0, t1 and so on.
func sized(sizes ...int) []Tensor {
	var all []Tensor
	for i, n := range sizes {
		all = append(all, Tensor{Name: fmt.Sprintf("t%d", i), Source: lying{shape: []int{n / 4}, dtype: tensor.Float32}})
	}
	return all
}

// layout returns the bytes of each tensor of each shard.
func layout(shards []Shard) [][]int {
	var all [][]int
	for _, s := range shards {
		sizes := []int{}
		for _, t := range s.Tensors {
			sizes = append(sizes, int(dataSize(t)))
		}
		all = append(all, sizes)
	}
	return all
}

// TestSplit expects what huggingface_hub 2.4 makes of the same sizes.
func TestSplit(t *testing.T) {
	for _, c := range []struct {
		sizes []int
		most  int64
		want  [][]int
	}{
		{[]int{24, 24, 8, 24, 8, 8}, 40, [][]int{{24}, {24, 8}, {24, 8, 8}}},
		{[]int{24, 40, 120, 8, 8}, 40, [][]int{{24}, {120}, {40}, {8, 8}}},
		{[]int{24, 120, 8, 40, 16}, 40, [][]int{{120}, {24, 8}, {40}, {16}}},
		{[]int{8, 36, 120, 0, 32, 8, 4}, 40, [][]int{{8}, {120}, {36, 0}, {32, 8}, {4}}},
		{[]int{120, 160}, 40, [][]int{{120}, {160}}},
		{[]int{4, 120}, 40, [][]int{{120}, {4}}},
		{[]int{0, 20, 0}, 4, [][]int{{20}, {0, 0}}},
		{[]int{20, 20}, 40, [][]int{{20, 20}}},
		{[]int{20, 20, 4}, 40, [][]int{{20, 20}, {4}}},
		{[]int{0, 0}, 40, [][]int{{0, 0}}},
		{nil, 40, [][]int{{}}},
	} {
		shards := Split("model", sized(c.sizes...), c.most)
		if diff := cmp.Diff(c.want, layout(shards)); diff != "" {
			t.Errorf("%v in shards of %d: %s", c.sizes, c.most, diff)
		}
		for i, s := range shards {
			want := "model.safetensors"
			if len(c.want) > 1 {
				want = fmt.Sprintf("model-0000%d-of-0000%d.safetensors", i+1, len(c.want))
			}
			if s.File != want {
				t.Errorf("%v in shards of %d: shard %d is %s, want %s", c.sizes, c.most, i, s.File, want)
			}
		}
	}
}

// TestSplitKeepsEverything holds any split to its promises: every tensor in
// one shard, no shard too large but for a tensor by itself.
func TestSplitKeepsEverything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sizes := rapid.SliceOf(rapid.Map(rapid.IntRange(0, 20), func(n int) int { return 4 * n })).Draw(t, "sizes")
		most := rapid.Int64Range(-1, 60).Draw(t, "most")
		tensors := sized(sizes...)
		seen := map[string]int{}
		for _, s := range Split("m", tensors, most) {
			total := int64(0)
			for _, tensor := range s.Tensors {
				seen[tensor.Name]++
				total += dataSize(tensor)
			}
			if total > most && len(s.Tensors) > 1 {
				t.Errorf("%s has %d bytes in %d tensors", s.File, total, len(s.Tensors))
			}
		}
		for _, tensor := range tensors {
			if seen[tensor.Name] != 1 {
				t.Errorf("%s is in %d shards", tensor.Name, seen[tensor.Name])
			}
		}
	})
}

func TestManyShardsHaveLongerNumbers(t *testing.T) {
	shards := Split("m", sized(make([]int, 100_000)...), -1)
	if first, last := shards[0].File, shards[len(shards)-1].File; first != "m-00001-of-100000.safetensors" || last != "m-100000-of-100000.safetensors" {
		t.Errorf("from %s to %s", first, last)
	}
}

func TestIndex(t *testing.T) {
	shards := Split("model", sample(t), 24)
	var first, second bytes.Buffer
	for _, buf := range []*bytes.Buffer{&first, &second} {
		f, err := Index("index", shards)
		if err == nil {
			err = f.Write(buf)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	want := `{
  "metadata": {
    "total_size": 52
  },
  "weight_map": {
    "a<&>é": "model-00003-of-00003.safetensors",
    "b.weight": "model-00002-of-00003.safetensors",
    "ids": "model-00003-of-00003.safetensors",
    "scalar": "model-00001-of-00003.safetensors"
  }
}
`
	if diff := cmp.Diff(want, first.String()); diff != "" {
		t.Error(diff)
	}
	if !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Error("two writes differ")
	}
}

func TestIndexRefuses(t *testing.T) {
	good := must(t)(tensor.Fill(1, 2))
	for name, c := range map[string]struct {
		tensors []Tensor
		want    string
	}{
		"reserved name":  {[]Tensor{{Name: "__metadata__", Source: good}}, "reserved"},
		"no name":        {[]Tensor{{Name: "", Source: good}}, "no name"},
		"name not UTF-8": {[]Tensor{{Name: "a\xff", Source: good}}, "UTF-8"},
		"two names":      {[]Tensor{{Name: "a", Source: good}, {Name: "b", Source: good}, {Name: "a", Source: good}}, "two tensors"},
	} {
		if _, err := Index("index", Split("m", c.tensors, 8)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error is %v, want %q", name, err, c.want)
		}
	}
	// A tensor without a source is refused where its shard is written.
	if err := Write(io.Discard, Split("m", []Tensor{{Name: "a"}}, 8)[0].Tensors, nil); err == nil {
		t.Error("a tensor without a source was written")
	}
}
