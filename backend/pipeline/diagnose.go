package pipeline

import (
	"fmt"
	"slices"
	"strings"

	"github.com/raspc/raspc/craft"
	"github.com/raspc/raspc/craft/lower"
	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/interp"
	"github.com/raspc/raspc/frontend/resolve"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/tracr"
	"github.com/raspc/raspc/frontend/value"
	"github.com/raspc/raspc/frontend/values"
)

// setDomain reads output and domain from the resolved program.
func (r *Result) setDomain() diag.List {
	out := r.Program.Output
	if out == nil {
		return diag.List{diag.New(diag.NoOutput, diag.Span{}, "the program computes no s-op").
			WithHelp("assign one, such as `out_sop = tokens;`")}
	}
	if out.Selector {
		return diag.List{diag.New(diag.OutputIsSelector, out.At, "the output `%s` is a selector, and a model computes an s-op", out.Name).
			WithHelp("aggregate over it, or take its selector_width")}
	}
	s := r.Program.Settings
	var missing []string
	if !s.Vocab.Set {
		missing = append(missing, `#: vocab = ["a", "b", "c"]`)
	}
	if !s.MaxLen.Set {
		missing = append(missing, "#: max_len = 10")
	}
	if missing != nil {
		d := diag.New(diag.MissingDomain, diag.Span{Source: r.Source}, "a model needs a vocabulary and a maximum length")
		begin := diag.Span{Source: r.Source}
		for _, line := range missing {
			d = d.WithNote("add the line  %s", line)
		}
		d = d.WithFix(diag.Fix{Title: "add what is missing, to be filled in",
			Edits: []diag.Edit{diag.NewLine(begin, strings.Join(missing, r.Source.LineEnd()))}})
		return diag.List{d.WithHelp("or give them as --vocab and --max-len")}
	}
	r.Domain, _ = DomainOf(s)
	return nil
}

// DomainOf returns the inputs that a program's settings admit, or false where
// the vocabulary or the length is missing.
func DomainOf(s resolve.Settings) (values.Domain, bool) {
	if !s.Vocab.Set || !s.MaxLen.Set {
		return values.Domain{}, false
	}
	d := values.Domain{Vocab: s.Alphabet(), MaxLen: s.MaxLen.Value, Causal: s.Causal.Value, Accept: s.Accept()}
	if s.BOS.Set {
		d.BOS = &s.BOS.Value
	}
	return d, true
}

// witness looks for an input on which the program is undefined, where the
// value sets say that there may be one.
func (r *Result) witness() diag.List {
	if len(r.Values.Hazards()) == 0 {
		return nil
	}
	input, err := values.Witness(r.Program.Graph, r.Program.Output.ID, r.Domain)
	if err == nil {
		return nil
	}
	at := r.Program.Output.At
	if u, ok := err.(*interp.Undefined); ok {
		at = r.place(r.Program.Graph.Node(u.Node))
	}
	help := "give a default, cover the missing case, or say which inputs are meant: `#: inputs = \"REGEX\"`"
	if tracr.Is(r.Source.Name(), r.Source.Text()) {
		help = "let the program have a value there, such as None, and make the file again; or leave such tokens out of the vocabulary"
	}
	return diag.List{diag.New(diag.UndefinedInput, at, "the program is undefined on the input %s", list(input)).
		WithNote("%s", err).
		WithHelp("%s", help).
		WithWitness(diag.OnInput, input)}
}

func list(vs []value.Value) string {
	parts := make([]string, len(vs))
	for i, v := range vs {
		parts[i] = v.Repr()
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

// tooLarge shows each s-op on the way to a set that is too large in its place.
func (r *Result) tooLarge(e *values.LimitError) diag.Diagnostic {
	d := diag.New(diag.SetTooLarge, r.span(e.Node), "%s has too many values to be compiled", r.Graph.Describe(e.Node))
	for _, l := range e.Chain {
		has := fmt.Sprintf("%s has %s: %s", r.Graph.Describe(l.Node), diag.Plural(l.Values, "value"), l.From)
		if at, ok := r.placed(r.Graph.Node(l.Node)); ok {
			d = d.WithLabel(at, "%s", has)
		} else {
			d = d.WithNote("%s", has)
		}
	}
	return d.WithHelp("a shorter maximum length, a smaller vocabulary, or rounding makes the set smaller")
}

func (r *Result) cannotLower(e *lower.Error) diag.Diagnostic {
	d := diag.New(diag.CannotLower, r.span(e.Node), "%s", e.Msg)
	if e.Help != "" {
		d = d.WithHelp("%s", e.Help)
	}
	return d
}

// span returns where a node of the compiled graph was built; the output's place
// where that is unknown.
func (r *Result) span(id sop.ID) diag.Span { return r.place(r.Graph.Node(id)) }

func (r *Result) place(n *sop.Node) diag.Span {
	if at, ok := r.placed(n); ok {
		return at
	}
	return r.Program.Output.At
}

// placed finds where a node was built, if that is in the program's files.
func (r *Result) placed(n *sop.Node) (diag.Span, bool) {
	for _, f := range r.Program.Files {
		if f.Name() == n.Pos.File {
			start := f.Offset(diag.Position{Line: n.Pos.Line, Column: n.Pos.Col})
			return diag.Span{Source: f, Start: start, End: start + 1}, true
		}
	}
	return diag.Span{}, false
}

// Line returns the line of the program's own text where a node of a graph was
// built, or 0 where it was built in another file or by the library.
func (r *Result) Line(g *sop.Graph, id sop.ID) int {
	if pos := g.Node(id).Pos; pos.File == r.Source.Name() {
		return pos.Line
	}
	return 0
}

// lowerOptions translates names to nodes.
func (r *Result) lowerOptions() (lower.Options, diag.List) {
	opts := lower.Options{MaterializeAll: r.Options.Opt == 0, BothWays: r.Options.BothWays, Arithmetic: r.Options.Arithmetic, Encode: map[sop.ID]craft.Encoding{}}
	for i, e := range r.encodings() {
		if e.Hint && !r.heeded(r.encoded[i], e.Numeric) {
			continue
		}
		opts.Encode[r.encoded[i]] = craft.Categorical
		if e.Numeric {
			opts.Encode[r.encoded[i]] = craft.Numeric
		}
	}
	if r.Options.NextToken {
		opts.Encode[r.Output] = craft.Categorical
	}
	names, list := r.materialized()
	opts.Materialize = names
	return opts, list
}

// encodings are the program's wishes about how s-ops are held; hints only where
// every s-op has a subspace of its own.
func (r *Result) encodings() []resolve.Encoding {
	if r.Options.Opt == 0 {
		return r.Program.Encodings
	}
	return slices.DeleteFunc(slices.Clone(r.Program.Encodings), func(e resolve.Encoding) bool { return e.Hint })
}

// heeded reports whether an s-op's values can be held as a hint says.
func (r *Result) heeded(id sop.ID, numeric bool) bool {
	const most = 64 // values of one that is held one-hot without need
	if !r.Values.Has(id) {
		return false
	}
	if numeric {
		return r.Values.Kinds(id).Numeric()
	}
	return len(r.Values.Set(id)) <= most
}

// materialized finds the s-ops that are to keep a subspace of their own: also
// those that are to have several.
func (r *Result) materialized() ([]sop.ID, diag.List) {
	var ids []sop.ID
	add := func(flag, name string) diag.List {
		id, ok := r.node(name)
		if !ok {
			return diag.List{r.notMaterialized(flag, name)}
		}
		ids = append(ids, id)
		return nil
	}
	if r.Options.HoldOutput {
		ids = append(ids, r.Output)
	}
	for _, name := range r.Options.Materialize {
		if list := add("--materialize", name); list != nil {
			return nil, list
		}
	}
	for _, d := range r.Options.Disguise.Duplicate {
		if list := add(duplicateFlag, d.Name); list != nil {
			return nil, list
		}
	}
	return ids, nil
}

// notMaterialized words the error for a name that no s-op has. Its place is the
// text of the flag.
func (r *Result) notMaterialized(flag, name string) diag.Diagnostic {
	at := diag.Span{Source: diag.NewSource(flag, name), End: len(name)}
	var sops []string
	for _, id := range r.Graph.Reachable(r.Output) {
		names := r.Graph.Names(id)
		if !r.Graph.Node(id).Selector() {
			sops = append(sops, names...)
			continue
		}
		if slices.Contains(names, name) {
			return diag.New(diag.UnknownTarget, at, "`%s` is a selector: only s-ops keep a subspace of their own", name)
		}
	}
	d := diag.New(diag.UnknownTarget, at, "the output depends on no s-op `%s`", name)
	if near := diag.Nearest(name, sops); near != "" {
		d = d.WithHelp("did you mean `%s`?", near)
	}
	return d
}

// node finds the s-op that the program calls name, among those that the output
// depends on.
func (r *Result) node(name string) (sop.ID, bool) {
	for _, id := range r.Graph.Reachable(r.Output) {
		if !r.Graph.Node(id).Selector() && slices.Contains(r.Graph.Names(id), name) {
			return id, true
		}
	}
	return 0, false
}
