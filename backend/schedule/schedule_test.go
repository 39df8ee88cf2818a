package schedule_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/raspc/raspc/backend/schedule"
	"github.com/raspc/raspc/craft"
	"github.com/raspc/raspc/frontend/value"
)

// head and mlp are parts that read and write the given directions.
func head(reads, writes []int) craft.Part {
	h := &craft.Head{Name: "head"}
	for i, d := range reads {
		m := []*craft.Map{&h.Q, &h.K, &h.V}[i%3]
		*m = append(*m, craft.Entry{From: d, W: value.Int(1)})
	}
	for _, d := range writes {
		h.O = append(h.O, craft.Entry{To: d, W: value.Int(1)})
	}
	return craft.Part{Head: h}
}

func mlp(reads, writes []int) craft.Part {
	m := &craft.MLP{Name: "mlp"}
	for _, d := range reads {
		m.In = append(m.In, craft.Entry{From: d, W: value.Int(1)})
	}
	for i, d := range writes {
		to := []*craft.Map{&m.Out, &m.Bias}[i%2]
		*to = append(*to, craft.Entry{To: d, W: value.Int(1)})
	}
	return craft.Part{MLP: m}
}

func programOf(directions int, parts ...craft.Part) *craft.Program {
	return &craft.Program{Residual: make(craft.Space, directions), Parts: parts}
}

func TestMake(t *testing.T) {
	for name, tt := range map[string]struct {
		parts []craft.Part
		want  []int
	}{
		"nothing":                       {nil, []int{}},
		"a head of embeddings":          {[]craft.Part{head([]int{0}, []int{2})}, []int{0}},
		"an MLP of embeddings":          {[]craft.Part{mlp([]int{0}, []int{2})}, []int{0}},
		"an MLP of a head":              {[]craft.Part{head([]int{0}, []int{2}), mlp([]int{2}, []int{3})}, []int{0, 0}},
		"a head of an MLP":              {[]craft.Part{mlp([]int{0}, []int{2}), head([]int{2}, []int{3})}, []int{0, 1}},
		"an MLP of an MLP":              {[]craft.Part{mlp([]int{0}, []int{2}), mlp([]int{2}, []int{3})}, []int{0, 1}},
		"a head of a head":              {[]craft.Part{head([]int{0}, []int{2}), head([]int{2}, []int{3})}, []int{0, 1}},
		"independent ones side by side": {[]craft.Part{head([]int{0}, []int{2}), head([]int{1}, []int{3}), mlp([]int{0}, []int{4})}, []int{0, 0, 0}},
		"two writers of one direction":  {[]craft.Part{head([]int{0}, []int{2}), mlp([]int{0}, []int{3}), head([]int{3}, []int{2}), head([]int{2}, []int{4})}, []int{0, 0, 1, 2}},
		"a late and an early writer":    {[]craft.Part{mlp([]int{0}, []int{3}), head([]int{3}, []int{2}), head([]int{0}, []int{2}), head([]int{2}, []int{4})}, []int{0, 1, 0, 2}},
		"a part that reads nothing":     {[]craft.Part{mlp(nil, []int{2}), head(nil, []int{3})}, []int{0, 0}},
	} {
		p := programOf(5, tt.parts...)
		s := schedule.Make(p)
		if !slices.Equal(s.Layer, tt.want) {
			t.Errorf("%s: %v, want %v", name, s.Layer, tt.want)
		}
		if err := schedule.Check(p, s); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestLeastDepth compares with the longest path, found naively, and moves each
// part that waits for another one layer earlier, which Check must refuse.
func TestLeastDepth(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parts, writes := randomParts(t)
		p := programOf(2+len(parts), parts...)
		s := schedule.Make(p)
		if err := schedule.Check(p, s); err != nil {
			t.Fatal(err)
		}
		depth := 0
		for i, part := range parts {
			want := naive(parts, writes, i)
			depth = max(depth, want+1)
			if s.Layer[i] < want {
				t.Fatalf("part %d is in layer %d, cannot be before %d", i, s.Layer[i], want)
			}
			if s.Layer[i] > want || want == 0 {
				continue
			}
			early := &schedule.Schedule{Layer: slices.Clone(s.Layer), Layers: s.Layers}
			early.Layer[i]--
			if err := schedule.Check(p, early); err == nil {
				t.Fatalf("part %d (%v) may be one layer earlier", i, part)
			}
		}
		if s.Layers != depth {
			t.Fatalf("%d layers, want %d", s.Layers, depth)
		}
	})
}

// randomParts draws parts that each write a direction of their own and read
// some of those written before.
func randomParts(t *rapid.T) (parts []craft.Part, writes map[int]int) {
	writes = map[int]int{}
	for i := range rapid.IntRange(0, 12).Draw(t, "parts") {
		var reads []int
		for range rapid.IntRange(0, 3).Draw(t, "reads") {
			reads = append(reads, rapid.IntRange(0, 1+i).Draw(t, "direction"))
		}
		part := head(reads, []int{2 + i})
		if rapid.Bool().Draw(t, "mlp") {
			part = mlp(reads, []int{2 + i})
		}
		writes[2+i] = i
		parts = append(parts, part)
	}
	return parts, writes
}

// naive is the least layer of a part: for each part that it reads, that part's
// layer, or the next where both are of one kind or the reader is a head.
func naive(parts []craft.Part, writes map[int]int, i int) int {
	layer := 0
	for _, d := range parts[i].Reads() {
		j, ok := writes[d]
		if !ok {
			continue
		}
		least := naive(parts, writes, j) + 1
		if parts[i].MLP != nil && parts[j].Head != nil {
			least--
		}
		layer = max(layer, least)
	}
	return layer
}

func TestCheck(t *testing.T) {
	parts := []craft.Part{head([]int{0}, []int{2}), mlp([]int{2}, []int{3}), head([]int{3}, []int{4})}
	for name, tt := range map[string]struct {
		s    schedule.Schedule
		want string
	}{
		"right":                {schedule.Schedule{Layer: []int{0, 0, 1}, Layers: 2}, ""},
		"later than need be":   {schedule.Schedule{Layer: []int{0, 1, 2}, Layers: 3}, ""},
		"a part less":          {schedule.Schedule{Layer: []int{0, 0}, Layers: 2}, "2 parts"},
		"a negative layer":     {schedule.Schedule{Layer: []int{-1, 0, 1}, Layers: 2}, "layer -1"},
		"a layer too many":     {schedule.Schedule{Layer: []int{0, 0, 2}, Layers: 2}, "layer 2 of 2"},
		"before what it reads": {schedule.Schedule{Layer: []int{1, 0, 2}, Layers: 3}, "at time 1, written at 2"},
		"beside what it reads": {schedule.Schedule{Layer: []int{0, 1, 1}, Layers: 2}, "at time 2, written at 3"},
	} {
		err := schedule.Check(programOf(5, parts...), &tt.s)
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s: %v, want something about %q", name, err, tt.want)
		}
	}
}
