package lsp

import (
	"context"
	"fmt"
	"strings"

	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/resolve"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
	"github.com/raspc/raspc/frontend/values"
)

// fewValues is how many values of a set are listed.
const fewValues = 16

// describe says what a name is worth, in one line; "" where that is not known.
func (a *analysis) describe(ctx context.Context, v resolve.Value) string {
	switch v := v.(type) {
	case resolve.Atom:
		return fmt.Sprintf("%s: %s", v.Kind(), shorten(written(v.Value)))
	case resolve.SOp:
		return a.fact(ctx, "s-op", v.ID)
	case resolve.Selector:
		return a.fact(ctx, "selector", v.ID)
	case *resolve.List:
		return "list of " + diag.Plural(len(v.Items), "element")
	case *resolve.Dict:
		return "dict of " + diag.Plural(len(v.Keys), "key")
	case *resolve.Func:
		return "function of " + diag.Plural(len(v.Params), "parameter")
	}
	return ""
}

// fact describes an s-op or selector on the inputs of the program. What takes
// too long to find out is left out.
func (a *analysis) fact(ctx context.Context, class string, id sop.ID) string {
	settings := a.program.Settings
	if !settings.Vocab.Set || !settings.MaxLen.Set {
		return class + "; with the pragmas `vocab` and `max_len` its values are shown"
	}
	a.mu.Lock()
	f, ok := a.facts[id]
	if !ok {
		f = async(a.view.server, "inference", func() string { return infer(a.program, id) })
		a.facts[id] = f
	}
	a.mu.Unlock()
	text, _ := f.wait(ctx)
	return class + text
}

// infer describes the values of an s-op, or the rows of a selector: " of …".
func infer(p *resolve.Program, id sop.ID) string {
	t, err := values.Infer(p.Graph, id, domain(p.Settings))
	switch {
	case err != nil:
		return "; its values cannot be told: " + err.Error()
	case p.Graph.Node(id).Selector():
		return " of " + rows(t.Selector(id))
	case !t.Has(id) || len(t.Set(id)) == 0:
		return ""
	}
	return " of " + set(t.Set(id))
}

// domain are the inputs of a program.
func domain(s resolve.Settings) values.Domain {
	d := values.Domain{Vocab: s.Alphabet(), MaxLen: s.MaxLen.Value, Causal: s.Causal.Value, Accept: s.Accept()}
	if s.BOS.Set {
		d.BOS = &s.BOS.Value
	}
	return d
}

func rows(f values.SelectorFacts) string {
	if f.Full {
		return "rows that select everything"
	}
	switch widest := diag.Plural(f.MaxWidth, "position"); {
	case f.NonEmpty && f.MaxWidth == 1:
		return "rows that select " + widest
	case f.NonEmpty:
		return "rows that select 1 to " + widest
	default:
		return "rows that select " + widest + " at most"
	}
}

// set describes a set of values, sorted: "ints, 11 values: 0..10".
func set(vs []value.Value) string {
	kind := "mixed values"
	if t, err := value.TypeOf(vs); err == nil {
		kind = t.String()
	}
	return fmt.Sprintf("%s, %s: %s", kind, diag.Plural(len(vs), "value"), listed(vs))
}

func listed(vs []value.Value) string {
	first, last := vs[0], vs[len(vs)-1]
	if len(vs) > 2 && consecutive(vs) {
		return written(first) + ".." + written(last)
	}
	if len(vs) > fewValues {
		return fmt.Sprintf("%s, %s, …, %s", written(first), written(vs[1]), written(last))
	}
	all := make([]string, len(vs))
	for i, v := range vs {
		all[i] = written(v)
	}
	return strings.Join(all, ", ")
}

// consecutive reports whether values are integers without a gap.
func consecutive(vs []value.Value) bool {
	for i, v := range vs {
		if v.Kind() != value.KindInt || v.Rat().Cmp(vs[0].Rat().Add(value.Int(int64(i)))) != 0 {
			return false
		}
	}
	return true
}

// written is a value as programs write it.
func written(v value.Value) string {
	if v.IsString() {
		return `"` + shorten(v.Text()) + `"`
	}
	return v.Display()
}

// shorten cuts what is too long to be read.
func shorten(text string) string {
	const most = 60
	runes := []rune(text)
	if len(runes) <= most {
		return text
	}
	return string(runes[:most]) + "…"
}
