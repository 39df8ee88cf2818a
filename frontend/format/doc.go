// Package format lays out RASP programs in the one canonical way.
//
// One statement stands on a line, bodies are indented by two blanks, and what
// is wider than Width columns is broken: inside brackets behind the opening
// one and behind commas, elsewhere before operators. Other RASP interpreters
// refuse some line breaks that raspc accepts; none of those is made.
//
// Comments, pragmas and single blank lines stay where they are. A body on the
// line of its header stays there if it is one statement and fits, and a list
// or dictionary that begins on a new line stays broken. Parentheses go where
// neither RASP nor the usual precedence of operators needs them: those that
// guard against one of RASP's traps stay.
//
// The layout is computed in two steps. Statements and expressions become a
// small document of texts, groups and possible line breaks (after Wadler 2003,
// "A prettier printer"), which is then fitted to the width, outermost group
// first.
package format
