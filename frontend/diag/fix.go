package diag

import (
	"cmp"
	"slices"
	"strings"
)

// Fix is a change of the source that answers a diagnostic.
type Fix struct {
	// Title says what the fix does: "write `not (a == b)`".
	Title string
	// Edits are the changes, in places that do not overlap.
	Edits []Edit
	// Safe is set where the program means the same after the fix, so that it may
	// be made without asking.
	Safe bool
}

// Edit replaces the text at a span; an empty span inserts.
type Edit struct {
	Span Span
	Text string
}

// WithFix adds a fix. Several fixes of one diagnostic are alternatives.
func (d Diagnostic) WithFix(f Fix) Diagnostic {
	d.Fixes = append(d.Fixes[:len(d.Fixes):len(d.Fixes)], f)
	return d
}

// WithEdit adds a fix of one edit, which is not safe: what it makes of the
// program was not one before, or another one.
func (d Diagnostic) WithEdit(title string, at Span, text string) Diagnostic {
	return d.WithFix(Fix{Title: title, Edits: []Edit{{at, text}}})
}

// Insert puts text at the beginning of a span.
func Insert(at Span, text string) Edit {
	at.End = at.Start
	return Edit{at, text}
}

// Append puts text behind a span.
func Append(at Span, text string) Edit { return Edit{at.After(), text} }

// Enclose puts text before and behind a span.
func Enclose(at Span, before, after string) []Edit {
	return []Edit{Insert(at, before), Append(at, after)}
}

// SafeFix returns the first fix that may be made without asking.
func (d Diagnostic) SafeFix() (Fix, bool) {
	i := slices.IndexFunc(d.Fixes, func(f Fix) bool { return f.Safe })
	if i < 0 {
		return Fix{}, false
	}
	return d.Fixes[i], true
}

// NumFixable counts the diagnostics with a safe fix in the file of a name.
func (l List) NumFixable(file string) int {
	n := 0
	for _, d := range l {
		if f, ok := d.SafeFix(); ok && !f.Span().IsZero() && f.Span().Source.Name() == file {
			n++
		}
	}
	return n
}

// Span returns the stretch from the first to the last edit; the zero Span for a
// fix without edits.
func (f Fix) Span() Span {
	var all Span
	for i, e := range f.Edits {
		if i == 0 {
			all = e.Span
		}
		all = all.To(e.Span)
	}
	return all
}

// Apply returns the text of a source with edits made in it, which must not
// overlap. Of several insertions at one place the first in the list comes first;
// what is inserted where a replaced stretch begins stands before it.
func Apply(src *Source, edits []Edit) string {
	sorted := slices.Clone(edits)
	slices.SortStableFunc(sorted, func(a, b Edit) int {
		return cmp.Or(cmp.Compare(a.Span.Start, b.Span.Start), cmp.Compare(a.Span.End, b.Span.End))
	})
	var b strings.Builder
	done := 0
	for _, e := range sorted {
		b.WriteString(src.text[done:e.Span.Start])
		b.WriteString(e.Text)
		done = e.Span.End
	}
	b.WriteString(src.text[done:])
	return b.String()
}
