package sop_test

import (
	"testing"

	"github.com/raspc/raspc/frontend/sop"
)

// TestMixedDump: a mixed graph, None and tuples come back from their dump.
func TestMixedDump(t *testing.T) {
	const text = "mixed\nn0 = indices\nn1 = lookup n0 {0: None, 1: (), 2: (1, \"a\", (1/2))}\nn2 = const None\nroots n1 n2\n"
	for _, tt := range []struct{ text, want string }{
		{text, ""},
		{"n0 = indices\nmixed\n", "line 2, column 1: mixed stands once, before the nodes"},
		{"mixed\nmixed\n", "line 2, column 1: mixed stands once, before the nodes"},
		{"mixed n0\n", `line 1, column 7: expected the end of the line, found "n0"`},
	} {
		g, roots, err := sop.Parse(tt.text)
		switch {
		case tt.want != "":
			if err == nil || err.Error() != tt.want {
				t.Errorf("%q: %v, not %s", tt.text, err, tt.want)
			}
		case err != nil:
			t.Error(err)
		case !g.Mixed() || !g.Like().Mixed():
			t.Error("the graph is not mixed")
		default:
			pruned, ids := sop.Prune(g, roots...)
			again, _, err := sop.Parse(sop.Dump(pruned, ids...))
			if err != nil || !again.Mixed() || sop.Dump(again) != sop.Dump(pruned) {
				t.Errorf("%v:\n%s", err, sop.Dump(pruned, ids...))
			}
		}
	}
}
