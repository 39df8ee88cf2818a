package repl_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/raspc/raspc/frontend/repl"
	"github.com/raspc/raspc/internal/golden"
)

// typed is a session that shows what differs on a terminal.
const typed = `
# a comment
#: causal = on

set example [1, 22, 333]
full_s and not select(tokens_int, 22, ==);
x = not tokens == "1";
1 / (indices - 1);
nosuch;
load "wrong";
[full_s, {"a": sort}];
show example
"\u001b[31m";
set example ["\u001b"]
tokens;
full_s;
x = 1; y = (2
nosuch;
`

// TestTerminal shows errors with place and help, warnings, aligned matrices, and
// nothing in the values that would steer the terminal; a blank line does not
// begin a statement.
func TestTerminal(t *testing.T) {
	lines := strings.ReplaceAll(typed, `\u001b`, "\x1b")
	f := files{"wrong.rasp": "good = 1;\nmax = 2;\nbad = 1 / 0;\n"}
	plain := converse(t, repl.Options{Terminal: true, Read: f.read}, lines)
	golden.Compare(t, filepath.Join("testdata", "terminal.out"), plain)
	if strings.Contains(plain, "\x1b") {
		t.Error("control characters reach the terminal")
	}
	coloured := converse(t, repl.Options{Terminal: true, Colour: true, Read: f.read}, lines)
	golden.Compare(t, filepath.Join("testdata", "colour.out"), coloured)
}
