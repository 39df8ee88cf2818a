// Package crafttest lowers programs for tests. Only tests import it.
package crafttest

import (
	"testing"

	"github.com/raspc/raspc/craft"
	"github.com/raspc/raspc/craft/lower"
	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/resolve"
	"github.com/raspc/raspc/frontend/values"
)

// Lower compiles a text to a craft program, without pruning it.
func Lower(t testing.TB, text string) *craft.Program {
	t.Helper()
	r, list := resolve.Run(diag.NewSource("test.rasp", text), resolve.Options{})
	if err := list.Err(); err != nil {
		t.Fatal(err)
	}
	s := r.Settings
	table, err := values.Infer(r.Graph, r.Output.ID, values.Domain{Vocab: s.Alphabet(), MaxLen: s.MaxLen.Value, Causal: s.Causal.Value})
	if err != nil {
		t.Fatal(err)
	}
	p, err := lower.Lower(table, r.Output.ID, lower.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}
