package pipeline

import (
	"slices"
	"strings"

	"github.com/raspc/raspc/craft"
	"github.com/raspc/raspc/craft/lower"
	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/interp"
	"github.com/raspc/raspc/frontend/sop"
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
		for _, line := range missing {
			d = d.WithNote("add the line  %s", line)
		}
		return diag.List{d.WithHelp("or give them as --vocab and --max-len")}
	}
	r.Domain = values.Domain{Vocab: s.Alphabet(), MaxLen: s.MaxLen.Value, Causal: s.Causal.Value, Accept: s.Accept()}
	if s.BOS.Set {
		r.Domain.BOS = &s.BOS.Value
	}
	return nil
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
	return diag.List{diag.New(diag.UndefinedInput, at, "the program is undefined on the input %s", list(input)).
		WithNote("%s", err).
		WithHelp("give a default, cover the missing case, or say which inputs are meant: `#: inputs = \"REGEX\"`")}
}

func list(vs []value.Value) string {
	parts := make([]string, len(vs))
	for i, v := range vs {
		parts[i] = v.Repr()
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

func (r *Result) tooLarge(e *values.LimitError) diag.Diagnostic {
	d := diag.New(diag.SetTooLarge, r.span(e.Node), "%s has too many values to be compiled", r.Graph.Describe(e.Node))
	for _, l := range e.Chain {
		d = d.WithNote("%s has %s", r.Graph.Describe(l.Node), diag.Plural(l.Values, "value"))
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
	for _, f := range r.Program.Files {
		if f.Name() == n.Pos.File {
			start := f.Offset(diag.Position{Line: n.Pos.Line, Column: n.Pos.Col})
			return diag.Span{Source: f, Start: start, End: start + 1}
		}
	}
	return r.Program.Output.At
}

// lowerOptions translates names to nodes.
func (r *Result) lowerOptions() (lower.Options, diag.List) {
	opts := lower.Options{MaterializeAll: r.Options.Opt == 0, BothWays: r.Options.BothWays, Encode: map[sop.ID]craft.Encoding{}}
	for i, e := range r.Program.Encodings {
		opts.Encode[r.encoded[i]] = craft.Categorical
		if e.Numeric {
			opts.Encode[r.encoded[i]] = craft.Numeric
		}
	}
	names, list := r.materialized()
	opts.Materialize = names
	return opts, list
}

// materialized finds the s-ops that are to keep a subspace of their own.
func (r *Result) materialized() ([]sop.ID, diag.List) {
	var ids []sop.ID
	for _, name := range r.Options.Materialize {
		id, ok := r.node(name)
		if !ok {
			return nil, diag.List{diag.New(diag.UnknownTarget, diag.Span{}, "the output depends on no s-op `%s`", name)}
		}
		ids = append(ids, id)
	}
	return ids, nil
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
