package repl

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/resolve"
	"github.com/raspc/raspc/frontend/syntax"
)

// Options say where a console runs.
type Options struct {
	// Out gets everything that the console prints.
	Out io.Writer
	// Terminal shows diagnostics with their place and help, warnings too, and
	// selectors with columns that line up.
	Terminal bool
	// Colour adds terminal colours.
	Colour bool
	// Read returns the text of a file that is loaded; nil reads from the disk.
	Read func(path string) (string, error)
	// Save keeps a drawing under a name that is fit for a file, and returns where it
	// did; nil writes into the folder comp_flows.
	Save func(name string, svg []byte) (path string, err error)
	// Settings is the text of a program whose pragmas `tokens` and `causal` hold in
	// the session; Name is what it is called.
	Name, Settings string
}

// maxUnfinished bounds the bytes of a statement that is not complete yet: it is
// parsed again with each line.
const maxUnfinished = 64 << 10

// Session is a running console. It is not safe for concurrent use.
type Session struct {
	opts    Options
	session *resolve.Session
	printer *printer
	names   *names

	sopExample, selExample  example
	showSOps, showSelectors bool
	fullDisplay             bool
	work                    int // left of maxWork
	buffer                  string
	done                    bool
	told                    map[string]bool // errors of the running statements that are printed
	loaded                  []item          // what files gave, until the statement that loads them has run
	blocked                 error           // of Out
}

// item is something that a loaded file gave.
type item struct {
	err     *diag.Diagnostic // where it is set nothing else counts
	binding resolve.Binding
	// plain is what a console statement in the file prints.
	plain string
}

// consoleName is what the text typed is called in diagnostics.
const consoleName = "console"

// New starts a session and prints the welcome, and what is wrong with the
// settings.
func New(o Options) *Session {
	if o.Read == nil {
		o.Read = resolve.ReadFile
	}
	if o.Save == nil {
		o.Save = saveDrawing
	}
	s := &Session{opts: o, showSOps: true, showSelectors: true, told: map[string]bool{}}
	s.printer = &printer{session: s}
	s.session = resolve.NewSession(resolve.Options{Read: o.Read, Overrides: overrides(o.Name, o.Settings), Console: s})
	s.names = &names{graph: s.session.Graph()}
	s.sopExample = exampleOf("hello")
	s.selExample = s.sopExample
	s.printer.line("RASP 0.1")
	s.printer.line("running example is: hello")
	s.exec("")    // what is wrong with the settings
	_ = s.flush() // an error comes again with the first line
	return s
}

// overrides are the pragmas of a program that hold in a session.
func overrides(name, text string) []resolve.Override {
	var all []resolve.Override
	for _, p := range syntax.Parse(diag.NewSource(name, text), &diag.Report{}).Pragmas {
		if p.Key.Name == "tokens" || p.Key.Name == "causal" {
			all = append(all, resolve.Override{Flag: name, Text: strings.TrimPrefix(p.Span().Text(), "#:")})
		}
	}
	return all
}

// Prompt returns what is to stand before the next line: a continued statement
// has another prompt, deeper in functions.
func (s *Session) Prompt() string {
	if s.buffer == "" {
		return ">> "
	}
	defs := 0
	for word := range strings.FieldsSeq(s.buffer) {
		if word == "def" {
			defs++
		}
	}
	return ".. " + strings.Repeat("  ", defs)
}

// Done reports whether the session was told to end.
func (s *Session) Done() bool { return s.done }

// Line takes one line, without its end. It runs the statements that the line
// completes. The error is that of Out; whatever is wrong with a statement is
// printed.
func (s *Session) Line(text string) error {
	trimmed := strings.TrimSpace(text)
	if strings.HasPrefix(trimmed, "#:") && s.opts.Terminal {
		s.printer.line("Pragmas count in files, not here: those of the first FILE hold in the session.")
	}
	if strings.HasPrefix(trimmed, "#") {
		text, trimmed = "", ""
	}
	if trimmed == "" && s.buffer == "" && s.opts.Terminal {
		return s.flush()
	}
	s.buffer += strings.TrimRight(text, "\r\n") + "\n"
	if trimmed == "" || s.unfinished() {
		return s.flush()
	}
	return s.end()
}

// unfinished reports whether the buffer needs another line, and may have it.
func (s *Session) unfinished() bool {
	file := syntax.Parse(diag.NewSource(consoleName, s.buffer), &diag.Report{})
	if file.Incomplete && len(s.buffer) > maxUnfinished {
		s.buffer = ""
		s.complain(diag.New(diag.SourceTooLarge, diag.Span{}, "an unfinished statement of more than %d bytes", maxUnfinished).
			WithHelp("write it into a file, and load that"))
		return true
	}
	return file.Incomplete
}

// Abandon drops the statement that is not complete yet.
func (s *Session) Abandon() { s.buffer = "" }

// End takes the end of the input: what is not complete is an error.
func (s *Session) End() error {
	s.done = true
	s.printer.line("")
	return s.end()
}

// end runs what the buffer holds.
func (s *Session) end() error {
	text := s.buffer
	s.buffer = ""
	if strings.TrimSpace(text) != "" {
		s.exec(text)
	}
	return s.flush()
}

// Load loads a file as the statement `load` does, and prints what that gives.
func (s *Session) Load(path string) error {
	name, ok := strings.CutSuffix(path, ".rasp")
	if !ok || strings.ContainsAny(path, "\"\r\n") {
		return fmt.Errorf("%q cannot be loaded: a program's file ends in .rasp, and has no quotes in its name", path)
	}
	s.exec(`load "` + name + `";`)
	return s.flush()
}

// exec runs statements and prints what has not been printed yet: what the
// parser found, and warnings.
func (s *Session) exec(text string) {
	clear(s.told)
	s.loaded, s.work = nil, maxWork
	list := s.session.Exec(diag.NewSource(consoleName, text))
	s.showLoaded(false)
	for _, d := range list.Errors() {
		if !s.told[d.Error()] {
			s.complain(d)
		}
	}
	if s.opts.Terminal {
		s.printer.diagnose(list.Warnings())
	}
}

// flush writes what was printed.
func (s *Session) flush() error {
	text := s.printer.take()
	if s.blocked == nil {
		_, s.blocked = io.WriteString(s.opts.Out, text)
	}
	return s.blocked
}

// Run reads lines from a pipe or file to its end, or to a statement that ends
// the session; prompts are printed as if somebody were typing.
func (s *Session) Run(in io.Reader) error {
	lines := newLines(in)
	for !s.done {
		s.printer.text(s.Prompt())
		if err := s.flush(); err != nil {
			return err
		}
		text, err := lines.next()
		switch {
		case err == io.EOF:
			return s.End()
		case err != nil:
			return err
		}
		if err := s.Line(text); err != nil {
			return err
		}
	}
	return s.flush()
}

// Complete returns the names and words that begin as the text before the cursor
// ends, sorted.
func (s *Session) Complete(before string) (prefix string, words []string) {
	prefix = before[len(strings.TrimRightFunc(before, nameRune)):]
	if prefix == "" {
		return "", nil
	}
	for _, w := range slices.Concat(s.session.Names(), keywords) {
		if strings.HasPrefix(w, prefix) {
			words = append(words, w)
		}
	}
	slices.Sort(words)
	return prefix, slices.Compact(words)
}

func nameRune(r rune) bool {
	return r == '_' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
}

// keywords are what Complete knows beside the names.
var keywords = []string{
	"aggregate(", "and", "def", "draw(", "else", "example", "examples", "exit", "for", "full seq display", "if", "in",
	"indicator(", "len(", "load", "not", "off", "on", "or", "out", "quit", "range(", "return", "round(", "select(",
	"selector", "set", "show", "zip(",
}
