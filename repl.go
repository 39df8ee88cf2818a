package raspc

import "github.com/raspc/raspc/frontend/repl"

// REPL is an interactive console of RASP: statements come line by line, and
// what they give is printed. Errors never end it.
type REPL = repl.Session

// REPLOptions say where a REPL runs.
type REPLOptions = repl.Options

// NewREPL starts a console, which prints a welcome. Its Run takes everything
// from a reader; Prompt, Line and End serve callers that read lines themselves.
func NewREPL(o REPLOptions) *REPL { return repl.New(o) }
