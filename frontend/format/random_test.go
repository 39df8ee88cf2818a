package format_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/syntax/syntaxtest"
)

// FuzzSource formats any text.
func FuzzSource(f *testing.F) {
	for _, info := range diag.Codes() {
		f.Add(info.Example)
	}
	for _, l := range layouts {
		f.Add(l.text)
	}
	for _, text := range syntaxtest.Files(f) {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) { check(t, text) })
}

// FuzzLayouts formats programs in any layout, and programs that mean something.
func FuzzLayouts(f *testing.F) {
	for _, seed := range syntaxtest.Bytes() {
		f.Add(seed)
	}
	f.Fuzz(rapid.MakeFuzz(func(t *rapid.T) {
		if rapid.Bool().Draw(t, "meaning") {
			check(t, syntaxtest.Program().Draw(t, "program"))
		} else {
			checkAnyLayout(t)
		}
	}))
}

// scribbler writes programs without errors in any layout that the language
// allows.
type scribbler struct {
	t *rapid.T
	b strings.Builder
	// bound says that the tokens belong to a console statement, which must not
	// be broken here.
	bound bool
}

// blank separates two tokens: comments may stand on lines of their own anywhere.
func (s *scribbler) blank() {
	kinds := []string{" ", " ", " ", "  ", "\t", "\n", "\r\n", "\n\n\n", "\n# own\n", "\r  # two \n\n# own\n", "\n#: vocab  = \"ab\"\n"}
	if s.bound {
		kinds = kinds[:5]
	}
	s.b.WriteString(rapid.SampledFrom(kinds).Draw(s.t, "blank"))
}

// behind separates two statements: comments may stand behind the first.
func (s *scribbler) behind() {
	if rapid.IntRange(0, 3).Draw(s.t, "behind") == 0 {
		s.b.WriteString(" # behind\n")
	}
	s.blank()
}

// put writes tokens with anything between.
func (s *scribbler) put(tokens ...string) {
	for _, t := range tokens {
		s.b.WriteString(t)
		s.blank()
	}
}

func (s *scribbler) pick(of ...string) string { return rapid.SampledFrom(of).Draw(s.t, "token") }

// closed writes something between brackets, where line breaks mean nothing.
func (s *scribbler) closed(open string, inside func(), closing string) {
	s.put(open)
	old := s.bound
	s.bound = false
	inside()
	s.b.WriteString(closing)
	s.bound = old
	s.blank()
}

// some writes one or more things with commas between.
func (s *scribbler) some(most int, thing func()) {
	for i := range rapid.IntRange(1, most).Draw(s.t, "number") {
		if i > 0 {
			s.put(",")
		}
		thing()
	}
}

func (s *scribbler) name() {
	s.put(s.pick("a", "b", "tokens", "a_name_that_is_rather_long", "another_name_that_is_even_longer_than_that", "range", "len"))
}

func (s *scribbler) expr(depth int) {
	sub := func() { s.expr(depth - 1) }
	if depth == 0 {
		s.atom()
		return
	}
	switch rapid.IntRange(0, 15).Draw(s.t, "form") {
	case 0, 1:
		s.put(s.pick("not", "-", "+"))
		s.closed("(", sub, ")")
	case 2:
		s.closed(s.pick("round (", "indicator(", "len(", "range(", "zip("), sub, ")")
	case 3, 4:
		s.closed("(", sub, ")")
		s.put("if")
		s.closed("(", sub, ")")
		s.put("else")
		s.closed("(", sub, ")")
	case 5:
		s.closed("(", sub, ")")
		s.closed("[", sub, "]")
	case 6:
		s.name()
		s.b.WriteString(" ") // some names would be glued to their parenthesis
		s.closed("(", func() { s.some(4, sub) }, ")")
	case 7:
		s.closed("select(", func() { sub(); s.put(","); sub(); s.put(",", s.pick("==", "!=", "<")) }, ")")
	case 8:
		s.closed("aggregate(", func() { sub(); s.put(","); s.some(2, sub) }, ")")
	case 9:
		s.closed("[", func() { s.some(5, sub) }, "]")
	case 10:
		s.closed("{", func() { s.some(3, func() { sub(); s.put(":"); sub() }) }, "}")
	case 11:
		s.closed("[", func() { sub(); s.put("for"); s.some(2, s.name); s.put("in"); sub() }, "]")
	default:
		s.operand(depth)
		s.put(s.pick("+", "-", "*", "/", "%", "^", "==", "<", "and", "or", "in"))
		s.operand(depth)
	}
}

// operand is in parentheses or not, so that all trees come up.
func (s *scribbler) operand(depth int) {
	if rapid.Bool().Draw(s.t, "parentheses") {
		s.closed("(", func() { s.expr(depth - 1) }, ")")
		return
	}
	s.expr(depth - 1)
}

func (s *scribbler) atom() {
	if rapid.Bool().Draw(s.t, "name") {
		s.name()
		return
	}
	s.put(s.pick("1", "007", "2.50", `"text"`, `"# \ none"`, `""`, "True", "[ ]", "{ }", "f( )", "[1, -2,3]"))
}

func (s *scribbler) statement(depth int) {
	switch kind := rapid.IntRange(0, 9).Draw(s.t, "statement"); {
	case kind < 2 && depth > 0:
		s.def(depth)
	case kind < 3 && depth > 0:
		s.loop(depth)
	default:
		s.simple(kind)
		s.b.WriteString(";")
	}
	s.behind()
}

func (s *scribbler) simple(kind int) {
	value := func() { s.expr(rapid.IntRange(0, 4).Draw(s.t, "depth")) }
	switch kind {
	case 3:
		value()
	case 4:
		s.put("draw", "(")
		s.some(2, value)
		s.put(")")
	case 5:
		s.put("load", `"file"`)
	default:
		s.some(2, s.name)
		s.put("=")
		s.some(3, value)
	}
}

func (s *scribbler) def(depth int) {
	s.put("def")
	s.put(s.pick("f", "zip "), "(")
	if rapid.Bool().Draw(s.t, "parameter") {
		s.put("x")
	}
	s.put(")")
	s.b.WriteString("{")
	s.behind()
	for range rapid.IntRange(0, 2).Draw(s.t, "body") {
		s.statement(depth - 1)
	}
	s.put("return")
	s.some(2, func() { s.expr(1) })
	s.b.WriteString(";")
	s.behind()
	s.b.WriteString("}")
}

func (s *scribbler) loop(depth int) {
	s.put("for")
	s.some(2, s.name)
	s.put("in")
	s.expr(1)
	s.b.WriteString("{")
	s.behind()
	for range rapid.IntRange(1, 2).Draw(s.t, "body") {
		s.statement(depth - 1)
	}
	s.b.WriteString("}")
}

// console writes a console statement on a line of its own.
func (s *scribbler) console() {
	s.b.WriteString("\n")
	s.bound = true
	switch rapid.IntRange(0, 2).Draw(s.t, "console") {
	case 0:
		s.put("set", s.pick("", "s-op", "selector"), "example")
		s.expr(rapid.IntRange(0, 3).Draw(s.t, "depth"))
	case 1:
		s.put(s.pick("", "s-op"), "examples", s.pick("on", "off"))
	case 2:
		s.put(s.pick("exit", "quit()", "full seq display on", "show example"))
	}
	s.bound = false
	s.b.WriteString(s.pick("\n", "# behind\n"))
}

// TestAnyLayout formats programs in any layout.
func TestAnyLayout(t *testing.T) { rapid.Check(t, checkAnyLayout) }

func checkAnyLayout(t *rapid.T) {
	s := &scribbler{t: t}
	for range rapid.IntRange(0, 4).Draw(t, "statements") {
		if rapid.IntRange(0, 4).Draw(t, "kind") == 0 {
			s.console()
		} else {
			s.statement(2)
		}
	}
	text := s.b.String()
	if _, ok := check(t, text); !ok {
		_, err := source(text)
		t.Fatalf("%q has errors: %v", text, err)
	}
}
