package craft_test

import (
	"slices"
	"testing"

	"github.com/raspc/raspc/craft"
	"github.com/raspc/raspc/frontend/value"
)

// TestNextToken moves the logits of labels to the ids of the tokens, and keeps
// the other ids below them, at positions of the input.
func TestNextToken(t *testing.T) {
	str := value.Str
	stop := str("stop")
	for name, c := range map[string]struct {
		vocab, labels []value.Value
		end           *value.Value
		want          string // labels of all ids, and the ids of the outputs
		ids           []int
	}{
		"in another order":  {[]value.Value{str("b"), str("a"), str("c")}, []value.Value{str("a"), str("b")}, nil, "b a c <bos> <pad>", []int{1, 0}},
		"an end":            {[]value.Value{str("a")}, []value.Value{str("a"), stop}, &stop, "a <bos> stop", []int{0, 2}},
		"an end is a token": {[]value.Value{str("a"), stop}, []value.Value{stop}, &stop, "a stop <bos> <pad>", []int{1}},
		"names taken":       {[]value.Value{str("<bos>"), str("<pad>")}, []value.Value{str("<pad>")}, nil, "<bos> <pad> <<bos>> <<pad>>", []int{1}},
		"numbers":           {[]value.Value{value.IntOf(2), value.IntOf(1)}, []value.Value{value.IntOf(1)}, nil, "2 1 <bos> <pad>", []int{1}},
		"no token":          {[]value.Value{str("a")}, []value.Value{str("a"), stop}, nil, "", nil},
		"another kind":      {[]value.Value{value.IntOf(1)}, []value.Value{value.Bool(true)}, nil, "", nil},
	} {
		p := &craft.Program{Vocab: c.vocab, Output: craft.Output{Labels: c.labels}}
		for i := range c.labels {
			p.Unembed = append(p.Unembed, craft.Entry{From: 2 + i, To: i, W: value.Int(1)})
		}
		q, err := craft.NextToken(p, c.end)
		if (err != nil) != (c.ids == nil) {
			t.Errorf("%s: error is %v", name, err)
		}
		if err != nil {
			continue
		}
		got := ""
		for i, l := range q.Output.Labels {
			if i > 0 {
				got += " "
			}
			got += l.Display()
		}
		if got != c.want {
			t.Errorf("%s: the outputs are %s, want %s", name, got, c.want)
		}
		given := make([]int, 0, len(c.ids))
		for _, e := range q.Unembed {
			if e.From != craft.Real {
				given = append(given, e.To)
			} else if slices.Contains(c.ids, e.To) || e.W.Sign() > 0 {
				t.Errorf("%s: output %d gets %s everywhere", name, e.To, e.W)
			}
		}
		if !slices.Equal(given, c.ids) || len(q.Unembed) != len(q.Output.Labels) {
			t.Errorf("%s: %v", name, q.Unembed)
		}
	}
}
