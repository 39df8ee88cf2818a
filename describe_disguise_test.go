package raspc_test

import (
	"strings"
	"testing"

	"github.com/raspc/raspc"
)

// TestCopiesAreNumbered: heads and neurons say which copy they write, and copies keep
// their columns to the end.
func TestCopiesAreNumbered(t *testing.T) {
	const text = `
		#: vocab = "abc"
		#: max_len = 6
		hist = selector_width(select(tokens, tokens, ==));
		by_frequency = sort(tokens, -hist);
		winner = by_frequency[0];`
	for _, name := range []string{"tokens", "hist", "by_frequency"} {
		m, err := raspc.Compile("x.rasp", text, raspc.Options{Reuse: true, Check: true, Disguise: raspc.Disguise{
			Permute: 1, Duplicate: []raspc.Duplicate{{Name: name, Copies: 3}},
		}})
		if err != nil {
			t.Fatal(err)
		}
		man := m.Manifest()
		copies := map[string]int{}
		for _, v := range man.Variables {
			copies[v.Name] = v.Copy
		}
		check := func(id, sop string, n int, writes []string) {
			t.Helper()
			if strings.Contains(sop, "copy") {
				t.Errorf("%s is of %s", id, sop)
			}
			for _, v := range writes {
				if copies[v] != n {
					t.Errorf("%s, which is said to write copy %d, writes %s", id, n, v)
				}
			}
		}
		for _, h := range man.Heads {
			check(h.ID, h.SOp, h.Copy, h.Output.Variables)
		}
		for _, n := range man.Neurons {
			check(n.ID, n.SOp, n.Copy, n.Writes)
			if n.Kind == "clear" && copies[n.SOp] > 0 {
				t.Errorf("%s %s", n.ID, n.Role)
			}
		}
	}
}
