package sop

import (
	"slices"
	"strconv"
	"strings"

	"github.com/raspc/raspc/frontend/value"
)

// value reads a constant.
func (p *parser) value() (value.Value, error) {
	t, err := p.take()
	if err != nil {
		return value.Value{}, err
	}
	switch {
	case t.text == "True" || t.text == "False":
		return value.Bool(t.text == "True"), nil
	case t.text == "None":
		return value.None(), nil
	case t.text == "(":
		return p.tuple()
	case strings.HasPrefix(t.text, `"`):
		text, err := strconv.Unquote(t.text)
		if err != nil {
			return value.Value{}, p.errorf(t, "wrong string %s", t.text)
		}
		return value.Str(text), nil
	}
	r, ok := value.ParseRat(t.text)
	switch {
	case !ok:
		return value.Value{}, p.errorf(t, "expected a value, found %s", t.describe())
	case strings.ContainsAny(t.text, "./"):
		return value.Number(value.KindFloat, r), nil
	}
	return value.Number(value.KindInt, r), nil
}

// tuple reads the rest of a tuple.
func (p *parser) tuple() (value.Value, error) {
	const deepest = 64
	if p.depth++; p.depth > deepest {
		return value.Value{}, p.errorf(p.next, "tuples nest deeper than %d", deepest)
	}
	defer func() { p.depth-- }()
	var elements []value.Value
	for p.next.text != ")" {
		if len(elements) > 0 {
			if err := p.expect(","); err != nil {
				return value.Value{}, err
			}
		}
		v, err := p.value()
		if err != nil {
			return v, err
		}
		elements = append(elements, v)
	}
	return value.Tuple(elements), p.advance()
}

// table reads a list or a dict.
func (p *parser) table() (*Table, error) {
	t, err := p.take()
	if err != nil {
		return nil, err
	}
	if t.text != "[" && t.text != "{" {
		return nil, p.errorf(t, "expected a list or a dict, found %s", t.describe())
	}
	table, end := &Table{Dict: t.text == "{"}, "]"
	if table.Dict {
		end = "}"
	}
	for p.next.text != end {
		if len(table.Vals) > 0 {
			if err := p.expect(","); err != nil {
				return nil, err
			}
		}
		if err := p.entry(table); err != nil {
			return nil, err
		}
	}
	return table, p.advance()
}

// entry reads an element of a list, or a key and its value.
func (p *parser) entry(t *Table) error {
	if t.Dict {
		k, err := p.value()
		if err != nil {
			return err
		}
		if err := p.expect(":"); err != nil {
			return err
		}
		t.Keys = append(t.Keys, k)
	}
	v, err := p.value()
	t.Vals = append(t.Vals, v)
	return err
}

// annotation reads the names and the position behind a node's mark.
func (p *parser) annotation() (names []string, pos Pos, err error) {
	rest, col := p.remark()
	for {
		trimmed := strings.TrimLeft(rest, " \t\r")
		col += len(rest) - len(trimmed)
		if trimmed == "" {
			return names, pos, nil
		}
		t := token{text: word(trimmed), col: col}
		if pos != (Pos{}) {
			return nil, Pos{}, p.errorf(t, "the position comes last, but %s follows", t.describe())
		}
		if name, ok := plainOrQuoted(t.text, identifier); ok {
			if name == "" || slices.Contains(names, name) {
				return nil, Pos{}, p.errorf(t, "an empty or a repeated name %s", t.describe())
			}
			names = append(names, name)
		} else if pos, ok = place(t.text); !ok {
			return nil, Pos{}, p.errorf(t, "expected a name or file:line:column, found %s", t.describe())
		}
		rest, col = trimmed[len(t.text):], col+len(t.text)
	}
}

// word returns the start of s up to a blank outside quotes.
func word(s string) string {
	size := 0
	if s[0] == '"' {
		quoted, _ := strconv.QuotedPrefix(s) // empty where the quotes do not close
		size = len(quoted)
	}
	if i := strings.IndexAny(s[size:], " \t\r"); i >= 0 {
		return s[:size+i]
	}
	return s
}

// plainOrQuoted reads a name that is of the plain form or a string.
func plainOrQuoted(s string, plain func(string) bool) (string, bool) {
	if plain(s) {
		return s, true
	}
	if !strings.HasPrefix(s, `"`) {
		return "", false
	}
	text, err := strconv.Unquote(s)
	return text, err == nil
}

// place reads file:line:column.
func place(s string) (Pos, bool) {
	s, col, ok1 := cutLast(s)
	s, line, ok2 := cutLast(s)
	file, ok3 := plainOrQuoted(s, path)
	p := Pos{File: file, Line: line, Col: col}
	return p, ok1 && ok2 && ok3 && p != Pos{}
}

// cutLast cuts a colon and a count from the end of s.
func cutLast(s string) (rest string, n int, ok bool) {
	i := strings.LastIndexByte(s, ':')
	if i < 0 {
		return s, 0, false
	}
	n, err := strconv.Atoi(s[i+1:])
	return s[:i], n, err == nil && strconv.Itoa(n) == s[i+1:]
}
