package format

import (
	"strings"
	"unicode/utf8"

	"github.com/raspc/raspc/frontend/syntax"
)

// doc is a text that is not yet cut into lines: one of the types below.
type doc any

type (
	// text stands as it is.
	text string

	// join is one doc behind the other.
	join []doc

	// slot is where a line may be broken, and where comments go. Unbroken it
	// is the text flat.
	slot struct {
		flat string
		// after is where in the source the text before the slot ends.
		after int
		// inner says that comments are indented one step more than what follows.
		inner    bool
		comments []string
	}

	// group has all its own slots broken, or none.
	group struct {
		body   doc
		broken bool
	}

	// nest indents what is broken inside it by one step.
	nest struct{ body doc }

	// align indents what is broken inside it to the column where it begins.
	align struct{ body doc }

	// fill is texts with commas between, as many on a line as fit.
	fill struct {
		items []string
		slots []*slot // before each item but the first
	}
)

// settle marks the groups that hold comments or broken groups as broken, and
// reports whether d is to be broken.
func settle(d doc) bool {
	broken := false
	switch d := d.(type) {
	case join:
		for _, part := range d {
			broken = settle(part) || broken
		}
	case *slot:
		return len(d.comments) > 0
	case *group:
		d.broken = settle(d.body) || d.broken
		return d.broken
	case nest:
		return settle(d.body)
	case align:
		return settle(d.body)
	case *fill:
		for _, s := range d.slots {
			broken = settle(s) || broken
		}
	}
	return broken
}

// task is a doc to be written: unbroken, or with its slots as lines that are
// indented by a number of blanks.
type task struct {
	doc    doc
	flat   bool
	indent int
}

// inside is the same task for a part of the doc.
func (t task) inside(d doc) task { return task{d, t.flat, t.indent} }

// writer fits a doc to the width.
type writer struct {
	b      strings.Builder
	column int
	todo   []task // the last one is the next
}

// render writes a settled doc at an indentation. A text that grows beyond what
// a program may be ends early.
func render(d doc, indentation int) string {
	w := &writer{todo: []task{{d, false, indentation}}}
	w.write(strings.Repeat(" ", indentation))
	for len(w.todo) > 0 && w.b.Len() <= syntax.MaxSource {
		t := w.todo[len(w.todo)-1]
		w.todo = w.todo[:len(w.todo)-1]
		w.do(t)
	}
	return w.b.String()
}

func (w *writer) do(t task) {
	switch d := t.doc.(type) {
	case text:
		w.write(string(d))
	case *slot:
		w.slot(d, t)
	case *fill:
		w.fill(d, t)
	case *group:
		t.flat = t.flat || !d.broken && w.fits(d.body)
		w.todo = append(w.todo, t.inside(d.body))
	case align:
		w.todo = append(w.todo, task{d.body, t.flat, w.column})
	default:
		w.todo = push(w.todo, t)
	}
}

// push puts the parts of a join or nest on a stack.
func push(stack []task, t task) []task {
	switch d := t.doc.(type) {
	case join:
		for i := len(d) - 1; i >= 0; i-- {
			stack = append(stack, t.inside(d[i]))
		}
	case nest:
		stack = append(stack, task{d.body, t.flat, t.indent + indent})
	case align:
		stack = append(stack, t.inside(d.body))
	case *group:
		stack = append(stack, task{d.body, t.flat && !d.broken, t.indent})
	}
	return stack
}

func (w *writer) write(s string) {
	w.b.WriteString(s)
	w.column += utf8.RuneCountInString(s)
}

func (w *writer) newline(indentation int) {
	w.b.WriteByte('\n')
	w.b.WriteString(strings.Repeat(" ", indentation))
	w.column = indentation
}

func (w *writer) slot(s *slot, t task) {
	if t.flat {
		w.write(s.flat)
		return
	}
	at := t.indent
	if s.inner {
		at += indent
	}
	for _, c := range s.comments {
		w.newline(at)
		w.write(c)
	}
	w.newline(t.indent)
}

func (w *writer) fill(f *fill, t task) {
	for i, item := range f.items {
		if i > 0 {
			w.write(",")
			room := w.column+len(" ,")+utf8.RuneCountInString(item) <= Width && len(f.slots[i-1].comments) == 0
			w.slot(f.slots[i-1], task{flat: t.flat || room, indent: t.indent})
		}
		w.write(item)
	}
}

// width is that of the unbroken items, or anything larger than most.
func (f *fill) width(most int) int {
	width := -len(", ")
	for _, item := range f.items {
		if width > most {
			break
		}
		width += len(", ") + utf8.RuneCountInString(item)
	}
	return width
}

// fits reports whether d fits unbroken on the line, with what follows it up to
// where the line may be broken next.
func (w *writer) fits(d doc) bool {
	room := Width - w.column
	stack, rest := []task{{d, true, 0}}, len(w.todo)
	for room >= 0 {
		if len(stack) == 0 {
			if rest--; rest < 0 {
				return true
			}
			stack = append(stack, w.todo[rest])
		}
		t := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		switch d := t.doc.(type) {
		case text:
			room -= utf8.RuneCountInString(string(d))
		case *slot:
			if !t.flat {
				return true
			}
			room -= len(d.flat)
		case *fill:
			room -= d.width(room)
		default:
			stack = push(stack, t)
		}
	}
	return false
}
