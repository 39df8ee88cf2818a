package main

import (
	"regexp"
	"slices"
	"unicode/utf16"

	"github.com/raspc/raspc/frontend/diag"
)

// Kind says what a token is.
type Kind string

// The kinds.
const (
	Comment   Kind = "comment"
	String    Kind = "string"
	Int       Kind = "int"
	Float     Kind = "float"
	Name      Kind = "name"
	Call      Kind = "call" // a name that is called, with `(` on its line
	Function  Kind = "function"
	Parameter Kind = "parameter"
	Key       Kind = "key"  // a pragma's name, or what it assumes
	Value     Kind = "word" // a word as a pragma's value
	Keyword   Kind = "keyword"
	Symbol    Kind = "symbol" // an operator, bracket or separator
)

// Token is a word of a program.
type Token struct {
	File string `json:"file"`
	// Start and End are offsets in UTF-16 code units, in which editors count.
	Start int    `json:"start"`
	End   int    `json:"end"`
	Kind  Kind   `json:"kind"`
	Text  string `json:"text"`
}

// mark is the kind of a stretch of the source.
type mark struct {
	at   diag.Span
	kind Kind
}

// marks collects stretches, in any order.
type marks []mark

func (m *marks) add(at diag.Span, kind Kind) { *m = append(*m, mark{at, kind}) }

// between finds the tokens that the tree has no place of. A comment is among
// them because one may end a pragma.
var between = regexp.MustCompile(`#.*|full seq display|s-op|[A-Za-z_]+|[=!<>]=|\.\.|\S`)

// fill marks what lies in [start, end), where the tree marks nothing.
func (m *marks) fill(src *diag.Source, start, end int) {
	for _, found := range between.FindAllStringIndex(src.Text()[start:end], -1) {
		at := diag.Span{Source: src, Start: start + found[0], End: start + found[1]}
		m.add(at, kindBetween(at.Text()))
	}
}

func kindBetween(text string) Kind {
	switch c := text[0]; {
	case c == '#':
		return Comment
	case 'a' <= c && c <= 'z':
		return Keyword
	}
	return Symbol
}

// tokens returns what was collected and what lies between, in order.
func (m *marks) tokens(src *diag.Source) []Token {
	end := 0
	m.sort()
	for _, k := range slices.Clone(*m) {
		m.fill(src, end, k.at.Start)
		end = k.at.End
	}
	m.fill(src, end, len(src.Text()))
	m.sort()
	return located(*m)
}

func (m *marks) sort() {
	slices.SortFunc(*m, func(a, b mark) int { return a.at.Start - b.at.Start })
}

// located turns sorted marks into tokens.
func located(sorted []mark) []Token {
	var out []Token
	end, units := 0, 0 // the same place, in bytes and in code units
	for _, k := range sorted {
		units += codeUnits(k.at.Source.Text()[end:k.at.Start])
		end = k.at.End
		text := k.at.Text()
		t := Token{k.at.Source.Name(), units, units + codeUnits(text), k.kind, text}
		units = t.End
		out = append(out, t)
	}
	return out
}

func codeUnits(text string) int { return len(utf16.Encode([]rune(text))) }
