package main

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/term"
)

// editor reads lines from a terminal in raw mode, with history and completion.
// What is written to it appears on the terminal.
type editor struct {
	*term.Terminal
	size func() (width, height int)
	// complete returns the end of the text before the cursor that is the beginning
	// of a name, and the names that begin so.
	complete func(before string) (prefix string, names []string)
}

var (
	// errAbandoned says that the line was dropped with Ctrl-C.
	errAbandoned = errors.New("abandoned")
	errLongLine  = errors.New("a line of 4096 characters and more cannot be typed: write it into a file, and load that")
)

// maxTyped is where the terminal's lines end, without a sign that they do.
const maxTyped = 4096

// abandoned is the line that stands for Ctrl-C.
const abandoned = "^C"

func newEditor(in io.Reader, out io.Writer, past term.History, size func() (int, int)) *editor {
	screen := struct {
		io.Reader
		io.Writer
	}{&interruptReader{in: in}, out}
	e := &editor{Terminal: term.NewTerminal(screen, ""), size: size}
	e.History = past
	e.AutoCompleteCallback = e.key
	e.SetBracketedPasteMode(true)
	return e
}

func (e *editor) close() { e.SetBracketedPasteMode(false) }

// line reads a line. The error is io.EOF after Ctrl-D.
func (e *editor) line(prompt string) (string, error) {
	e.SetPrompt(prompt)
	if width, height := e.size(); width > 0 && height > 0 {
		if err := e.SetSize(width, height); err != nil {
			return "", err
		}
	}
	line, err := e.ReadLine()
	switch {
	case err != nil && !errors.Is(err, term.ErrPasteIndicator):
		return "", err
	case line == abandoned:
		return "", errAbandoned
	case utf8.RuneCountInString(line) >= maxTyped:
		return "", errLongLine
	}
	return line, nil
}

// key completes the name before the cursor when Tab is hit: as far as it is
// certain, or else it shows what there is. Where no name begins, Tab indents.
func (e *editor) key(line string, pos int, key rune) (string, int, bool) {
	if key != '\t' || e.complete == nil {
		return "", 0, false
	}
	before, after := line[:pos], line[pos:]
	prefix, names := e.complete(before)
	added := ""
	switch {
	case prefix == "":
		added = "  "
	case len(names) > 0:
		added = strings.TrimPrefix(common(names), prefix)
	}
	if added == "" && len(names) > 1 {
		io.WriteString(e, strings.Join(names, "  ")+"\n") // an error shows when the line is read
	}
	return before + added + after, pos + len(added), true
}

// common is the longest beginning that all names share.
func common(names []string) string {
	first := names[0]
	for _, n := range names[1:] {
		for !strings.HasPrefix(n, first) {
			first = first[:len(first)-1]
		}
	}
	return first
}

// interruptReader turns Ctrl-C, which the terminal would take for the end of
// the input, into keys that replace the line by one that stands for it.
type interruptReader struct {
	in   io.Reader
	rest []byte
}

const (
	ctrlC = "\x03"
	// toEnd moves to the end of the line, clear removes everything before the cursor.
	toEnd, clearLine = "\x05", "\x15"
)

func (r *interruptReader) Read(p []byte) (int, error) {
	if len(r.rest) == 0 {
		n, err := r.in.Read(p)
		if err != nil {
			return 0, err
		}
		r.rest = bytes.ReplaceAll(p[:n], []byte(ctrlC), []byte(toEnd+clearLine+abandoned+"\r"))
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}
