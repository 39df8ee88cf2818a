package repl

import (
	"errors"
	"slices"
	"strings"

	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/resolve"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
)

// binding prints a name with its value, or the result of an application.
func (p *printer) binding(b resolve.Binding, examples bool) {
	if a, ok := b.Value.(*resolve.Applied); ok {
		p.applied(a, "", b.At)
		return
	}
	at := place{name: b.Name, at: b.At, examples: examples}
	p.value(at, b.Value)
}

// place is where a value is printed.
type place struct {
	// indent stands before each line, lead before what is printed, in its line.
	indent, lead string
	// name is how the value is called; empty inside a list or dict.
	name     string
	at       diag.Span
	examples bool
}

// head begins a value: its kind, of which the console sets some further right.
func (p *printer) head(at place, kind string) {
	p.text(at.indent, " ", at.lead, " ", kind[:len(kind)-len(strings.TrimLeft(kind, " "))],
		p.paint(kindColour, strings.TrimLeft(kind, " ")), " ")
}

// equals is the name of a plain value with an equals sign.
func (at place) equals() string {
	if at.name == "" {
		return ""
	}
	return at.name + " = "
}

func (p *printer) value(at place, v resolve.Value) {
	if p.full() {
		return
	}
	switch v := v.(type) {
	case resolve.Atom:
		p.head(at, "  value:")
		p.line(at.equals(), " ", p.safe(quoted(v.Value)))
	case resolve.SOp:
		p.sop(at, v.ID)
	case resolve.Selector:
		p.selector(at, v.ID)
	case *resolve.List:
		p.list(at, v)
	case *resolve.Dict:
		p.dict(at, v)
	case *resolve.Func:
		p.head(at, "   "+p.session.creator(v)+" function:")
		p.line(v.Name, "(", strings.Join(v.Params, ", "), ")")
	case *resolve.Applied:
		p.applied(v, at.indent, at.at)
	}
}

// creator is where a function comes from: the console, a file or the library,
// with a stroke for each call that it was defined in.
func (s *Session) creator(f *resolve.Func) string {
	src, depth := s.session.Origin(f)
	name := "RASP_support/rasplib" // what the reference console calls its library
	if src != nil {
		name = strings.TrimSuffix(src.Name(), ".rasp")
	}
	return s.printer.safe(name) + strings.Repeat("'", depth)
}

func (p *printer) list(at place, l *resolve.List) {
	if !slices.ContainsFunc(l.Items, nested) {
		p.plain(at, "   list:", l)
		return
	}
	p.open(at, "   list:", "[")
	for _, v := range l.Items {
		p.value(at.inside("\t\t", ""), v)
	}
	p.close(at, "   list:", "]")
}

func (p *printer) dict(at place, d *resolve.Dict) {
	if !slices.ContainsFunc(d.Vals, nested) {
		p.plain(at, "   dict:", d)
		return
	}
	p.open(at, "   dict:", "{")
	for i, v := range d.Vals {
		p.value(at.inside("\t\t\t", p.safe(quoted(d.Keys[i]))+" : "), v)
	}
	p.close(at, "   dict:", "}")
}

// inside is the place of an element.
func (at place) inside(indent, lead string) place {
	return place{indent: at.indent + indent, lead: lead, at: at.at, examples: at.examples}
}

// plain prints a list or dict of atoms on its line.
func (p *printer) plain(at place, kind string, v resolve.Value) {
	var b strings.Builder
	writeRepr(&b, v, maxPrinted)
	p.head(at, kind)
	p.line(at.equals(), p.safe(b.String()))
}

// open and close print the brackets of a list or dict whose elements have lines
// of their own.
func (p *printer) open(at place, kind, bracket string) {
	p.head(at, kind)
	p.line(at.equals(), at.indent, " ", bracket)
}

func (p *printer) close(at place, kind, bracket string) {
	p.line(at.indent, " ", strings.Repeat(" ", len(kind+" "+at.equals())), " ", bracket)
}

// nested reports whether a value cannot stand on one line with others.
func nested(v resolve.Value) bool {
	_, atom := v.(resolve.Atom)
	return !atom
}

// writeRepr writes atoms, and lists and dicts of atoms, as Python's repr does,
// up to a little more than limit bytes.
func writeRepr(b *strings.Builder, v resolve.Value, limit int) {
	atom := func(v resolve.Value) string {
		if a, ok := v.(resolve.Atom); ok {
			return a.Repr()
		}
		return "…"
	}
	switch v := v.(type) {
	case *resolve.List:
		writeItems(b, "[", "]", len(v.Items), limit, func(i int) string { return atom(v.Items[i]) })
	case *resolve.Dict:
		writeItems(b, "{", "}", len(v.Keys), limit, func(i int) string { return v.Keys[i].Repr() + ": " + atom(v.Vals[i]) })
	default:
		b.WriteString(atom(v))
	}
}

func writeItems(b *strings.Builder, open, end string, n, limit int, item func(int) string) {
	b.WriteString(open)
	for i := 0; i < n && b.Len() <= limit; i++ {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(item(i))
	}
	b.WriteString(end)
}

// sop prints an s-op and its values on the running example.
func (p *printer) sop(at place, id sop.ID) {
	s := p.session
	name := at.name
	if name == "" {
		name = p.safe(s.names.of(id))
	}
	p.head(at, "   s-op:")
	p.line(name)
	if !at.examples || !s.showSOps || p.full() {
		return
	}
	p.text(at.indent, " \t ", p.paint(faintColour, "Example:"))
	applied := " " + name + "(" + p.safe(s.sopExample.text) + ")"
	r, err := s.evaluate(s.sopExample.input, id)
	if err != nil {
		p.line(applied, p.without(err))
		return
	}
	p.sequence(at.indent, applied+" =", s.sopExample.input, r.Sequence(id))
}

// selector prints a selector and its matrix on the running example.
func (p *printer) selector(at place, id sop.ID) {
	s := p.session
	name := at.name
	if name == "" {
		name = p.safe(s.names.of(id))
	}
	p.head(at, "   selector:")
	p.line(name)
	if !at.examples || !s.showSelectors || p.full() {
		return
	}
	r, err := s.evaluate(s.selExample.input, id)
	p.text(at.indent, " \t ", p.paint(faintColour, "Example:"))
	if err != nil {
		p.line(" ", name, "(", p.safe(s.selExample.text), ")", p.without(err))
		return
	}
	p.line()
	p.matrix(at.indent, s.selExample.input, r.Matrix(id))
}

// without says why there are no values to show.
func (p *printer) without(err error) string {
	why := " is undefined: "
	if errors.Is(err, errTooMuch) {
		why = " is not shown: "
	}
	return p.paint(errorColour, why) + p.safe(err.Error())
}

// applied prints the result of an application.
func (p *printer) applied(a *resolve.Applied, indent string, at diag.Span) {
	r, err := p.session.evaluate(a.Input, a.ID)
	if err != nil {
		p.session.complain(undefined(err, at).WithWitness(diag.OnInput, a.Input))
		return
	}
	p.text(indent, "\t = ")
	if a.Selector {
		p.line()
		p.matrix(indent, a.Input, r.Matrix(a.ID))
		return
	}
	p.sequence(indent, "", a.Input, r.Sequence(a.ID))
}

// sequence prints the values of an s-op behind what stands in their line already:
// in short, or under the input if that is switched on.
func (p *printer) sequence(indent, applied string, input, vs []value.Value) {
	short, err := value.Sequence(vs)
	if err != nil {
		panic("repl: a sequence of no type: " + err.Error())
	}
	if !p.session.fullDisplay {
		p.line(applied, " ", p.safe(short))
		return
	}
	if same(vs) {
		if applied == "" {
			p.text(" ") // so does the reference console
		}
		p.line(applied, " ", p.safe(short), " [skipped full display: identical values]")
		return
	}
	p.rows(indent, input, vs)
}
