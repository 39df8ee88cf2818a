package sop_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
)

var reads = []sop.Read{sop.ReadStr, sop.ReadInt, sop.ReadFloat, sop.ReadBool, sop.ReadAsIs}

// TestReadMatchesPython asks every question of testdata/python.jsonl, which
// testdata/cases.py wrote.
func TestReadMatchesPython(t *testing.T) {
	f, err := os.Open("testdata/python.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	byName := map[string]sop.Read{}
	for _, r := range reads {
		byName[r.String()] = r
	}
	lines := bufio.NewScanner(f)
	n := 0
	for lines.Scan() {
		n++
		var row [3]string
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			t.Fatalf("line %d: %v", n, err)
		}
		read, ok := byName[row[0]]
		if !ok {
			t.Fatalf("line %d: unknown reading %s", n, row[0])
		}
		if problem := askRead(read, decode(row[1]), row[2]); problem != "" {
			t.Errorf("line %d %s: %s", n, lines.Text(), problem)
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	if n < 400 {
		t.Errorf("only %d questions", n)
	}
}

func askRead(r sop.Read, v value.Value, want string) string {
	got, err := r.Of(v)
	if strings.HasPrefix(want, "e") {
		var ve *value.Error
		if !errors.As(err, &ve) || ve.Kind != value.RuntimeError {
			return fmt.Sprintf("got %s and the error %v", got.Repr(), err)
		}
		return ""
	}
	if err != nil {
		return err.Error()
	}
	w := decode(want)
	switch {
	case got.Kind() != w.Kind(), got.Text() != w.Text():
	case w.Kind() == value.KindFloat && got.Rat().Float64() == w.Rat().Float64():
		return ""
	case value.Equal(got, w):
		return ""
	}
	return fmt.Sprintf("got %s %s", got.Kind(), got.Repr())
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
		if r, ok := value.ParseRat(text); ok {
			return value.Number(value.KindInt, r)
		}
	case 'f':
		if f, err := strconv.ParseFloat(text, 64); err == nil {
			return value.Number(value.KindFloat, value.FromFloat(f))
		}
	}
	panic("bad value " + s)
}

// TestReadFloatIsExact keeps the decimal that the token spells.
func TestReadFloatIsExact(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"0.1", "1/10"}, {"-2.50", "-5/2"}, {"1e-3", "1/1000"}, {".5e1", "5"}, {"1_0.0_1", "1001/100"},
	} {
		got, err := sop.ReadFloat.Of(value.Str(c.text))
		if err != nil || got.Rat().String() != c.want {
			t.Errorf("%s reads as %s, error %v; want %s", c.text, got.Rat(), err, c.want)
		}
	}
	for _, hostile := range []string{"1e999999999999", "1e-999999999999", "1e" + strings.Repeat("9", 1<<17), strings.Repeat("9", 1<<17)} {
		if _, err := sop.ReadFloat.Of(value.Str(hostile)); err == nil {
			t.Errorf("%.20s… is read", hostile)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, s := range []string{"7", "+7", "1_0", "1.5", "1e5", "0x1", " 7"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		i, intErr := sop.ReadInt.Of(value.Str(s))
		x, floatErr := sop.ReadFloat.Of(value.Str(s))
		if intErr == nil && floatErr == nil && !value.Equal(i, x) {
			t.Errorf("%q is %s as an int and %s as a float", s, i.Display(), x.Display())
		}
	})
}
