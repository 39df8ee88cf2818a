package verify

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/frontend/value"
)

// TestSameValues takes fractions as JSON has them, and nothing else for
// another.
func TestSameValues(t *testing.T) {
	want := manifest.AtomsOf([]value.Value{
		value.IntOf(1), value.Str("1"), value.Number(value.KindFloat, value.Frac(1, 3)), value.Bool(false),
	})
	for text, differ := range map[string]string{
		`[1, "1", 0.3333333333333333, false]`: "",
		`[1.0, "1", 0.3333333333333333, 0]`:   "",
		`["1", "1", 0.3333333333333333, 0]`:   "label 0",
		`[1, 1, 0.3333333333333333, false]`:   "label 1",
		`[1, "1", 0.3333333333333331, false]`: "label 2",
		`[1, "1", 0.3333333333333333, "no"]`:  "label 3",
		`[1, "1", 0.3333333333333333, null]`:  "label 3",
		`[1, "1", [], false]`:                 "label 2",
		`[1, "1", 0.3333333333333333]`:        "3 labels",
		`[]`:                                  "0 labels",
	} {
		var have []json.RawMessage
		if err := json.Unmarshal([]byte(text), &have); err != nil {
			t.Fatal(err)
		}
		err := sameValues("label", have, want)
		if (err == nil) != (differ == "") || err != nil && !strings.Contains(err.Error(), differ) {
			t.Errorf("%s: %v", text, err)
		}
	}
}
