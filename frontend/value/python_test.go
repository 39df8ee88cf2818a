package value_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/raspc/raspc/frontend/value"
)

// TestPython asks every question of testdata/python.jsonl, which
// testdata/cases.py wrote.
func TestPython(t *testing.T) {
	f, err := os.Open("testdata/python.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	n := 0
	for lines.Scan() {
		n++
		var row []string
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			t.Fatalf("line %d: %v", n, err)
		}
		if problem := askPython(row); problem != "" {
			t.Errorf("line %d %s: %s", n, lines.Text(), problem)
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	if n < 4000 {
		t.Errorf("only %d questions", n)
	}
}

// askPython compares one answer with Python's and says what is wrong.
func askPython(row []string) string {
	op := row[0]
	arity := 2
	if _, ok := unary[op]; ok {
		arity = 1
	}
	args := make([]value.Value, arity)
	for i := range args {
		args[i] = decode(row[1+i])
	}
	want := row[1+arity]
	var got value.Value
	var err error
	if arity == 1 {
		got, err = unary[op](args[0])
	} else {
		got, err = binary[op](args[0], args[1])
	}
	if failure, ok := strings.CutPrefix(want, "e"); ok {
		var ve *value.Error
		if !errors.As(err, &ve) || ve.Kind != value.RuntimeError || ve.Msg == "" {
			return fmt.Sprintf("got %s %s and the error %v, Python says %s", got.Kind(), got.Repr(), err, failure)
		}
		return ""
	}
	if err != nil {
		return err.Error()
	}
	w := decode(want)
	if got.Kind() != w.Kind() || got.IsString() && got.Text() != w.Text() {
		return fmt.Sprintf("got %s %q, want %s %q", got.Kind(), got.Display(), w.Kind(), w.Display())
	}
	if arity+2 < len(row) && got.Display() != row[arity+2] {
		return fmt.Sprintf("got %s, want %s", got.Display(), row[arity+2])
	}
	return ""
}

var unary = map[string]func(value.Value) (value.Value, error){
	"not":     func(v value.Value) (value.Value, error) { return value.Not(v), nil },
	"neg":     value.Neg,
	"pos":     value.Pos,
	"round":   value.Round,
	"repr":    func(v value.Value) (value.Value, error) { return value.Str(v.Repr()), nil },
	"element": func(v value.Value) (value.Value, error) { return value.Str(v.Element()), nil },
}

var binary = map[string]func(a, b value.Value) (value.Value, error){
	"+": value.Add, "-": value.Sub, "*": value.Mul, "/": value.Div, "%": value.Mod, "^": value.Pow,
	"==": compare(value.EQ), "!=": compare(value.NE), "<": compare(value.LT),
	"<=": compare(value.LE), ">": compare(value.GT), ">=": compare(value.GE),
}

func compare(c value.Cmp) func(a, b value.Value) (value.Value, error) {
	return func(a, b value.Value) (value.Value, error) {
		holds, err := c.Holds(a, b)
		return value.Bool(holds), err
	}
}

// decode reads a value as cases.py writes it.
func decode(s string) value.Value {
	kind, text := s[0], s[1:]
	switch kind {
	case 's':
		return value.Str(text)
	case 'b':
		return value.Bool(text == "True")
	case 'i':
		r, ok := value.ParseRat(text)
		if !ok {
			panic("bad integer " + s)
		}
		return value.Number(value.KindInt, r)
	case 'f':
		// Go wants a binary exponent in every hexadecimal float; so does Python.
		f, err := strconv.ParseFloat(text, 64)
		if err != nil {
			panic(err)
		}
		return value.Number(value.KindFloat, value.FromFloat(f))
	}
	panic("bad value " + s)
}
