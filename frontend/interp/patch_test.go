package interp_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/raspc/raspc/frontend/interp"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
)

// TestPatch computes what depends on a patch, and nothing else.
func TestPatch(t *testing.T) {
	g, _ := parse(t, `n0 = tokens_int
n1 = indices
n2 = add n0 n1
n3 = select n2 <= n2
n4 = width n3
n5 = mod n4 n0
n6 = tokens_float`)
	n := func(id, at int, v int64) interp.Patch {
		return interp.Patch{Node: sop.ID(id), Position: at, Value: value.IntOf(v)}
	}
	for _, c := range []struct {
		name    string
		input   string
		patches []interp.Patch
		want    string // n0, n1, n2, n4, n5, n6
	}{
		{"none", "[5, 3, 4]", nil, "[5, 3, 4] [0, 1, 2] [5, 4, 6] [2, 1, 3] [2, 1, 3] [5.0, 3.0, 4.0]"},
		{"in the middle", "[5, 3, 4]", []interp.Patch{n(2, 1, 9)}, "[5, 3, 4] [0, 1, 2] [5, 9, 6] [1, 3, 2] [1, 0, 2] [5.0, 3.0, 4.0]"},
		{"indices", "[5, 3, 4]", []interp.Patch{n(1, 0, 4)}, "[5, 3, 4] [4, 1, 2] [9, 4, 6] [3, 1, 2] [3, 1, 2] [5.0, 3.0, 4.0]"},
		{"one reading", "[5, 3, 4]", []interp.Patch{n(0, 2, 1)}, "[5, 3, 1] [0, 1, 2] [5, 4, 3] [3, 2, 1] [3, 2, 0] [5.0, 3.0, 4.0]"},
		{"all readings", "[5, 3, 4]", []interp.Patch{n(-1, 2, 1)}, "[5, 3, 1] [0, 1, 2] [5, 4, 3] [3, 2, 1] [3, 2, 0] [5.0, 3.0, 1.0]"},
		{"the later of two", "[5, 3, 4]", []interp.Patch{n(4, 0, 8), n(4, 0, 7)}, "[5, 3, 4] [0, 1, 2] [5, 4, 6] [7, 1, 3] [2, 1, 3] [5.0, 3.0, 4.0]"},
		{"where it is undefined", "[5, 0]", []interp.Patch{n(5, 1, 1)}, "[5, 0] [0, 1] [5, 1] [2, 1] [2, 1] [5.0, 0.0]"},
	} {
		input := list(t, c.input)
		r, err := interp.New(g, false, 5, 6).Run(input, c.patches...)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		var got []string
		for _, id := range []sop.ID{0, 1, 2, 4, 5, 6} {
			got = append(got, spell(g, r, nil, id))
		}
		if all := strings.Join(got, " "); all != c.want {
			t.Errorf("%s: got %s, want %s", c.name, all, c.want)
		}
		for _, p := range c.patches {
			if p.Node >= 0 && !r.Patched(p.Node, p.Position) {
				t.Errorf("%s: it is forgotten", c.name)
			}
		}
		if r.Patched(2, 0) || r.Patched(9, 0) {
			t.Errorf("%s: more is patched than that", c.name)
		}
		if left := (&sop.Table{Vals: input}).String(); left != c.input {
			t.Errorf("%s: the input became %s", c.name, left)
		}
	}
}

func TestPatchRefused(t *testing.T) {
	g, _ := parse(t, "n0 = indices\nn1 = select n0 < n0\nn2 = width n1\nn3 = neg n0")
	for name, p := range map[string]interp.Patch{
		"a position beyond the input":   {Node: 0, Position: 2},
		"one beyond it of the tokens":   {Node: interp.Input, Position: 2},
		"a position in front":           {Node: 0, Position: -1},
		"a selector":                    {Node: 1},
		"a node that is not evaluated":  {Node: 3},
		"a node that is not there":      {Node: 9},
		"a node with a negative number": {Node: -2},
	} {
		_, err := interp.New(g, false, 2).Run(list(t, "[1, 2]"), p)
		var refused *interp.PatchError
		if !errors.As(err, &refused) || refused.Patch != p {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
