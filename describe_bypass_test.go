package raspc_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raspc/raspc"
	"github.com/raspc/raspc/export/manifest"
)

// bypasses lists, of the s-ops with columns, those that a reader looks past.
func bypasses(m *manifest.Manifest) map[string][]string {
	found := map[string][]string{}
	for _, s := range m.SOps {
		if len(s.Columns) > 0 && len(s.Bypassed) > 0 {
			found[s.Name] = s.Bypassed
		}
	}
	return found
}

func TestBypassed(t *testing.T) {
	const head = "#: tokens = int\n#: vocab = 0..3\n#: max_len = 4\n"
	for name, c := range map[string]struct {
		text string
		o    raspc.Options
		want map[string][]string
	}{
		"read by all":          {"x = selector_width(select(tokens_int, tokens_int, ==)); y = x * 2 + tokens_int;", raspc.Options{}, nil},
		"a sum":                {"s = select(tokens_int, tokens_int, <); w = selector_width(s); y = aggregate(s, tokens_int) * w;", raspc.Options{Materialize: []string{"w"}}, nil},
		"a sum beside":         {"s = select(tokens_int, tokens_int, <); w = selector_width(s); y = aggregate(s, tokens_int) * w + w;", raspc.Options{}, map[string][]string{"w": {"mul#4"}}},
		"each by itself":       {"x = tokens_int * 2; y = x + 1; z = y * y;", raspc.Options{Faithful: true}, nil},
		"unread by the logits": {"f = aggregate(select(indices, indices, <=), tokens_int); y = f * 6;", raspc.Options{Faithful: true}, map[string][]string{"y": {"logits"}}},
	} {
		t.Run(name, func(t *testing.T) {
			m, err := raspc.Compile("x.rasp", head+c.text, c.o)
			if err != nil {
				t.Fatal(err)
			}
			if c.want == nil {
				c.want = map[string][]string{}
			}
			if diff := cmp.Diff(c.want, bypasses(m.Manifest())); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestSOpNames names every s-op so that a patch finds it.
func TestSOpNames(t *testing.T) {
	const text = "#: vocab = \"ab\"\n#: max_len = 3\nx = indices + 1; x = x * 2; x = x - 1; one = x; two = one; y = one * (indices * 3);"
	m, err := raspc.Compile("x.rasp", text, raspc.Options{Faithful: true})
	if err != nil {
		t.Fatal(err)
	}
	p, err := raspc.Parse("x.rasp", text, raspc.Options{Faithful: true})
	if err != nil {
		t.Fatal(err)
	}
	input, err := raspc.ParseInput("ab")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, s := range m.Manifest().SOps {
		names = append(names, s.Name)
		v, err := s.Values[0].Value()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Run(input, raspc.Patch{SOp: s.Name, Position: 0, Value: v}); err != nil {
			t.Errorf("%s: %v", s.Name, err)
		}
	}
	for _, want := range []string{"add#2", "mul#4", "two", "mul#7", "y"} {
		if !slices.Contains(names, want) {
			t.Errorf("%s is not among %v", want, names)
		}
	}
}
