package format

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/syntax"
)

const (
	// Width is the number of columns that lines are kept within where the
	// language lets them be broken.
	Width = 100
	// indent is the number of blanks by which bodies and continuation lines
	// are indented.
	indent = 2
)

// ErrChanged says that formatting would have changed what a program means: a
// bug of this package, which then returns no text.
var ErrChanged = errors.New("the formatted program would not be the same")

// Source returns the canonical layout of a program. Formatting it again
// changes nothing. The error is a diag.List where the program has syntax
// errors, or would be larger than a program may be.
func Source(src *diag.Source) (string, error) {
	file, err := parse(src)
	if err != nil {
		return "", err
	}
	text := printFile(file)
	if len(text) > syntax.MaxSource {
		at := diag.Span{Source: src}
		return "", diag.List{diag.New(diag.SourceTooLarge, at, "formatted, the file would exceed the limit of %d bytes", syntax.MaxSource)}
	}
	again, err := parse(diag.NewSource(src.Name(), text))
	if err != nil || !syntax.Same(file, again) || !slices.EqualFunc(notes(file), notes(again), note.same) {
		return "", ErrChanged
	}
	return text, nil
}

func parse(src *diag.Source) (*syntax.File, error) {
	var report diag.Report
	file := syntax.Parse(src, &report)
	return file, report.List().Err()
}

// note is a comment or a pragma.
type note struct {
	at   diag.Span
	text string // without blanks at its end
	own  bool   // on a line of its own
}

func (n note) same(m note) bool { return n.text == m.text && n.own == m.own }

// notes returns the comments and pragmas of a file in order.
func notes(f *syntax.File) []note {
	var all []note
	for _, c := range f.Comments {
		all = append(all, newNote(c.Span(), c.OwnLine))
	}
	for _, p := range f.Pragmas {
		all = append(all, newNote(p.Span(), true))
	}
	slices.SortFunc(all, func(a, b note) int { return cmp.Compare(a.at.Start, b.at.Start) })
	return all
}

func newNote(at diag.Span, own bool) note {
	return note{at, strings.TrimRight(at.Text(), " \t"), own}
}
