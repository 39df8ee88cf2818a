package raspc_test

import (
	"testing"

	"github.com/raspc/raspc"
)

// TestReuse verifies models whose columns are used again, on both runners: what
// norms leave in a cleared column must not reach numbers held far smaller than
// they are.
func TestReuse(t *testing.T) {
	for name, text := range map[string]string{
		"large numbers": `
			#: tokens = int
			#: vocab = 0..2
			#: max_len = 4
			a = aggregate(select(tokens_int, tokens_int, ==), indices);
			b = aggregate(select(tokens_int, tokens_int, <), indices, 1);
			r = round(a + b) % 3;
			q = aggregate(select(r, indices, ==) and select(indices, indices, ==), indices, 1);
			p = aggregate(select(indices, q, ==), tokens_int * 3000 + 0.5 * indices, 0.5);`,
		"means after counts": `
			#: vocab = "ab"
			#: max_len = 5
			h = selector_width(select(tokens, tokens, ==));
			m = aggregate(select(h, h, ==), indices);
			x = selector_width(select(m > 1, True, ==));`,
	} {
		dir := t.TempDir()
		m, err := raspc.Compile("reuse.rasp", text, raspc.Options{Reuse: true, Check: true})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if _, err := m.Export(dir, raspc.ExportOptions{}); err != nil {
			t.Fatal(err)
		}
		r, err := raspc.Verify(t.Context(), dir, raspc.VerifyOptions{})
		if err != nil || r.Result != raspc.Equivalent {
			t.Errorf("%s: %v, %v", name, r, err)
		}
	}
}
