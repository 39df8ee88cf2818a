package repl

import (
	"cmp"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/resolve"
	"github.com/raspc/raspc/frontend/value"
	"github.com/raspc/raspc/internal/atomicfile"
)

// drawWork is the work of a drawing beside its values: it goes to the disk.
const drawWork = maxWork / 100

// Draw saves a picture of how an s-op is computed on an input, and prints where
// it is, and the result.
func (s *Session) Draw(x resolve.SOp, input []value.Value) {
	text, class := s.sopExample.text, diag.OnExample
	if input == nil {
		input = s.sopExample.input
	} else {
		text, class = inputText(input), diag.OnInput
	}
	if s.work -= drawWork; s.work < 0 {
		s.work = 0
		s.complain(undefined(errTooMuch, diag.Span{}))
		return
	}
	f := newFlow(s.session.Graph(), s.names, x.ID)
	if len(f.boxes) > maxBoxes {
		s.complain(diag.New(diag.SizeLimit, diag.Span{}, "a drawing of more than %d s-ops and heads", maxBoxes).
			WithHelp("draw an s-op that it is made of"))
		return
	}
	r, err := s.evaluate(input, f.nodes()...)
	if err != nil {
		s.complain(undefined(err, diag.Span{}).WithWitness(class, input))
		return
	}
	title := s.names.of(x.ID) + "(" + text + ")"
	path, err := s.opts.Save(fileName(title), f.draw(title, input, r))
	if err != nil {
		s.complain(diag.New(diag.OperandTypes, diag.Span{}, "the drawing cannot be written: %v", err))
		return
	}
	s.printer.line("\tdrawn into ", s.printer.safe(path))
	s.printer.applied(&resolve.Applied{ID: x.ID, Input: input}, "", diag.Span{})
}

// inputText writes an input: a string where it is one of characters.
func inputText(input []value.Value) string {
	var b strings.Builder
	for _, v := range input {
		if !v.IsString() || len([]rune(v.Text())) != 1 {
			return exampleText(listOf(input))
		}
		b.WriteString(v.Text())
	}
	return `"` + b.String() + `"`
}

func listOf(vs []value.Value) *resolve.List {
	l := &resolve.List{}
	for _, v := range vs {
		l.Items = append(l.Items, resolve.Atom{Value: v})
	}
	return l
}

// maxFileName bounds the characters of a drawing's name.
const maxFileName = 80

// fileName makes a title fit for a file on any system: runs of what is neither a
// letter nor a digit become one stroke.
func fileName(title string) string {
	words := strings.FieldsFunc(title, func(r rune) bool { return !nameRune(r) })
	name := cmp.Or(strings.Join(words, "-"), "drawing")
	return name[:min(len(name), maxFileName)]
}

// drawings is the folder for them, as the reference console calls it.
const drawings = "comp_flows"

func saveDrawing(name string, svg []byte) (string, error) {
	if err := os.MkdirAll(drawings, 0o777); err != nil {
		return "", err
	}
	path := filepath.Join(drawings, name+".svg")
	return path, atomicfile.Write(path, func(w io.Writer) error {
		_, err := w.Write(svg)
		return err
	})
}
