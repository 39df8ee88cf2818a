package tracr

import (
	"slices"
	"strings"

	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/resolve"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
)

// Extension is what the names of files end in.
const Extension = ".sop.json"

// Is reports whether a source holds a program of Tracr's rather than RASP text: by
// its name, or, where that says nothing, by how it begins.
func Is(name, text string) bool {
	if strings.HasSuffix(name, Extension) {
		return true
	}
	rest, ok := strings.CutPrefix(strings.TrimLeft(text, " \t\r\n"), "{")
	return ok && !strings.HasSuffix(name, ".rasp") && strings.HasPrefix(strings.Join(strings.Fields(cut(rest, 100)), ""), `"format":"`+Format+`"`)
}

func cut(s string, most int) string { return s[:min(len(s), most)] }

// Resolve resolves a program of either sort: RASP text, or a file of Tracr's. The
// list holds warnings and errors; the program, which is never nil, is complete only
// if there are no errors.
func Resolve(src *diag.Source, opts resolve.Options) (*resolve.Program, diag.List) {
	if !Is(src.Name(), src.Text()) {
		return resolve.Run(src, opts)
	}
	p := &resolve.Program{Graph: sop.NewMixed(), Files: []*diag.Source{src}}
	f, err := read(src)
	if err != nil {
		return p, diag.List{err.(diag.Diagnostic)}
	}
	var report diag.Report
	r := &reader{src}
	p.Settings = r.settings(f).Override(opts.Overrides, &report)
	r.covered(f, p.Settings, &report)
	b := &builder{src: src, file: f, g: p.Graph, read: p.Settings.Tokens.Value, sums: map[sop.ID]summed{}, sure: map[sop.ID]bool{}, holes: map[sop.ID]bool{}}
	b.build()
	p.Output = b.output(p.Settings.Output, &report)
	if p.Settings.Causal.Value && p.Output != nil {
		b.refuseLength(p.Output.ID, &report)
	}
	p.Encodings = b.encodings()
	return p, report.List()
}

// settings are those of the file.
func (r *reader) settings(f *file) resolve.Settings {
	at := func(key string) diag.Span {
		if e := f.root.member(key); e != nil {
			return r.span(e)
		}
		return diag.Span{}
	}
	return resolve.Settings{
		Tokens: resolve.Setting[sop.Read]{Value: reading(f.vocab), Set: true, At: at("vocab")},
		Vocab:  resolve.Setting[[]value.Value]{Value: f.vocab, Set: true, At: at("vocab")},
		MaxLen: resolve.Setting[int]{Value: f.maxLen, Set: true, At: at("max_len")},
		Causal: resolve.Setting[bool]{Value: f.causal, Set: true, At: at("causal")},
	}
}

// reading is how tokens are read: by their kind, or as they are where there are
// several.
func reading(vocab []value.Value) sop.Read {
	kind := vocab[0].Kind()
	if slices.ContainsFunc(vocab, func(v value.Value) bool { return v.Kind() != kind }) {
		return sop.ReadAsIs
	}
	return map[value.Kind]sop.Read{
		value.KindString: sop.ReadStr, value.KindInt: sop.ReadInt, value.KindFloat: sop.ReadFloat, value.KindBool: sop.ReadBool,
	}[kind]
}

// covered reports settings from outside that ask for inputs for which the file has
// no tables.
func (r *reader) covered(f *file, s resolve.Settings, report *diag.Report) {
	help := func(d diag.Diagnostic) diag.Diagnostic {
		return d.WithHelp("make the file again, for these inputs: scripts/tracr2raspc --vocab … --max-len …")
	}
	if s.MaxLen.Value > f.maxLen {
		report.Add(help(diag.New(diag.ImportDomain, s.MaxLen.At, "the program's tables are for inputs of up to %d", f.maxLen).
			WithLabel(r.span(f.root.member("max_len")), "set here")))
	}
	for _, v := range s.Vocab.Value {
		if !contains(f.vocab, v) {
			report.Add(help(diag.New(diag.ImportDomain, s.Vocab.At, "the program has no tables for the token %s", v.Repr()).
				WithLabel(r.span(f.root.member("vocab")), "those that it has tables for")))
			return
		}
	}
}

// output finds the s-op to compile: the one that is asked for, or the file's.
func (b *builder) output(want resolve.Setting[string], report *diag.Report) *resolve.Output {
	r := &reader{b.src}
	n := b.file.output
	at := r.span(b.file.root.member("output"))
	if want.Set {
		at = want.At
		n = slices.IndexFunc(b.file.nodes, func(n node) bool { return n.name == want.Value })
		if n < 0 {
			report.Add(b.unknown(want))
			return nil
		}
	}
	id := b.ids[n]
	if b.g.Name(id) == "" {
		b.g.SetName(id, "output")
	}
	name := b.file.nodes[n].name
	if name == "" {
		name = b.g.Name(id)
	}
	return &resolve.Output{Name: name, ID: id, Selector: b.g.Node(id).Selector(), At: at}
}

// refuseLength reports the use of Tracr's length where selectors look back only: it is
// the length of the whole input, which no such model can know, and no width.
func (b *builder) refuseLength(output sop.ID, report *diag.Report) {
	needed := b.g.Reachable(output)
	for i, n := range b.file.nodes {
		if n.op == "length" && slices.Contains(needed, b.ids[i]) {
			report.Add(diag.New(diag.CannotLower, (&reader{b.src}).span(n.at), "the length of the whole input is not known where selectors look back only").
				WithHelp("count what a selector sees: SelectorWidth(Select(tokens, tokens, Comparison.TRUE))"))
		}
	}
}

func (b *builder) unknown(want resolve.Setting[string]) diag.Diagnostic {
	var names []string
	for _, n := range b.file.nodes {
		names = append(names, n.name)
	}
	d := diag.New(diag.UnknownTarget, want.At, "the program names no s-op `%s`", want.Value)
	if near := diag.Nearest(want.Value, names); near != "" {
		d = d.WithHelp("did you mean `%s`?", near)
	}
	return d
}

// encodings are the annotations of s-ops. They are hints: a program says them for
// the sake of Tracr's compiler, and means the same without.
func (b *builder) encodings() []resolve.Encoding {
	var all []resolve.Encoding
	done := map[sop.ID]bool{}
	for i, n := range b.file.nodes {
		if id := b.ids[i]; n.encoding != "" && !done[id] {
			done[id] = true
			all = append(all, resolve.Encoding{ID: id, Numeric: n.encoding == "numerical", Hint: true, At: (&reader{b.src}).span(n.at)})
		}
	}
	return all
}
