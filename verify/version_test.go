package verify_test

import (
	"context"
	"strings"
	"testing"

	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/internal/version"
	"github.com/raspc/raspc/verify"
)

// TestMadeBy verifies folders that other versions of raspc made: those of the
// same schema are verified, and the versions told where they differ.
func TestMadeBy(t *testing.T) {
	for made, want := range map[string]string{
		version.Version: "", "": "",
		"0.0.9":              "made by raspc 0.0.9, verified by raspc " + version.Version + "\n",
		"99.0.0-rc.1":        "made by raspc 99.0.0-rc.1, verified by raspc " + version.Version + "\n",
		"1\x1b[2J\n\"fine\"": `made by raspc 1\x1b[2J\n\"fine\", verified by raspc ` + version.Version + "\n",
	} {
		dir := export(t, most)
		rewrite(t, dir, func(m *manifest.Manifest) { m.Raspc = made })
		r, err := verify.Folder(context.Background(), dir, verify.Options{Budget: 50})
		if err != nil {
			t.Fatalf("%q: %v", made, err)
		}
		var text, line strings.Builder
		if r.WriteText(&text) != nil || r.WriteJSON(&line) != nil {
			t.Fatal("not written")
		}
		_, rest, _ := strings.Cut(text.String(), "\n")
		if told := strings.HasPrefix(rest, "made by"); told != (want != "") || !strings.HasPrefix(rest, want) {
			t.Errorf("%q:\n%s", made, text.String())
		}
		if r.Result != verify.Equivalent || r.MadeBy != made {
			t.Errorf("%q: %s, made by %q", made, r.Result, r.MadeBy)
		}
		if made == "0.0.9" && !strings.Contains(line.String(), `"made_by":"0.0.9"`) {
			t.Errorf("%s", line.String())
		}
	}
}
