package raspc_test

import (
	"slices"
	"testing"

	"github.com/raspc/raspc"
	"github.com/raspc/raspc/export/manifest"
)

// TestMaterializedAsAsked has an output that is held in columns of its own, as the program
// asks for: as a choice, or as a number.
func TestMaterializedAsAsked(t *testing.T) {
	const program = `
		#: vocab = "()"
		#: max_len = 6
		opens = tokens == "(";
		balance = selector_width(select(opens, True, ==)) - selector_width(select(opens, False, ==));
		depth = balance if balance > 0 and balance < 4 else 0;`
	for asked, want := range map[string][]string{"categorical": {"categorical", "steps"}, "numerical": {"numeric"}} {
		text := "#: encode depth = " + asked + "\n" + program
		m, err := raspc.Compile("depth.rasp", text, raspc.Options{Materialize: []string{"depth"}, Check: true})
		if err != nil {
			t.Fatalf("%s: %v", asked, err)
		}
		found := slices.IndexFunc(m.Manifest().Variables, func(v manifest.Variable) bool { return v.Name == "depth" })
		if found < 0 || !slices.Contains(want, m.Manifest().Variables[found].Encoding) {
			t.Errorf("asked for %s: %+v", asked, m.Manifest().Variables)
		}
		dir := t.TempDir()
		if _, err := m.Export(dir, raspc.ExportOptions{}); err != nil {
			t.Fatal(err)
		}
		if r, err := raspc.Verify(t.Context(), dir, raspc.VerifyOptions{}); err != nil || r.Result != raspc.Equivalent {
			t.Errorf("%s: %+v, %v", asked, r, err)
		}
	}
}
