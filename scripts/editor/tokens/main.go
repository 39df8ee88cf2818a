// Command tokens says what each word of RASP programs is to the parser: what an
// editor's highlighting is compared with.
//
//	tokens FILE.rasp ...
//
// It prints the tokens of each file in order, a JSON object a line. It fails on
// a program with a syntax error, of which the parser knows too little.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/syntax"
)

func main() {
	out := bufio.NewWriter(os.Stdout)
	err := list(out, os.Args[1:])
	if flushed := out.Flush(); err == nil {
		err = flushed
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "tokens:", err)
		os.Exit(1)
	}
}

func list(w io.Writer, names []string) error {
	lines := json.NewEncoder(w)
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		tokens, err := tokensOf(diag.NewSource(name, string(text)))
		if err != nil {
			return err
		}
		for _, t := range tokens {
			if err := lines.Encode(t); err != nil {
				return err
			}
		}
	}
	return nil
}

// tokensOf returns the tokens of a program in order. The tree has the place of
// every name, literal, comment and pragma; what lies between is keywords and
// punctuation.
func tokensOf(src *diag.Source) ([]Token, error) {
	report := &diag.Report{}
	file := syntax.Parse(src, report)
	if err := report.List().Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", src.Name(), err)
	}
	var m marks
	for _, c := range file.Comments {
		m.add(c.Span(), Comment)
	}
	for _, p := range file.Pragmas {
		m.pragma(p)
	}
	m.statements(file.Stmts)
	return m.tokens(src), nil
}
