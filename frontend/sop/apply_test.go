package sop_test

import (
	"errors"
	"testing"

	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
)

// parseValue reads a constant as dumps spell it.
func parseValue(t *testing.T, s string) value.Value {
	t.Helper()
	g, _, err := sop.Parse("n0 = const " + s)
	if err != nil {
		t.Fatalf("%s: %v", s, err)
	}
	return g.Node(0).Value
}

// TestApply evaluates every elementwise operator. Arguments and results are
// constants as dumps spell them; a result that starts with ! is a kind of error.
func TestApply(t *testing.T) {
	const typeless = "!runtime_error"
	for _, c := range []struct {
		expr string // with x, y, z for the arguments
		args []string
		want string
	}{
		{"add n0 n1", []string{"1", "2"}, "3"}, {"add n0 n1", []string{`"a"`, `"b"`}, `"ab"`}, {"add n0 n1", []string{"True", "True"}, "2"},
		{"add n0 n1", []string{"1", "1/2"}, "3/2"}, {"add n0 n1", []string{"1", `"a"`}, typeless},
		{"sub n0 n1", []string{"1", "2.0"}, "-1.0"}, {"sub n0 n1", []string{`"a"`, `"a"`}, typeless},
		{"mul n0 n1", []string{"3", "1/3"}, "1.0"}, {"mul n0 n1", []string{`"ab"`, "2"}, `"abab"`}, {"mul n0 n1", []string{"True", `"ab"`}, `"ab"`},
		{"div n0 n1", []string{"4", "2"}, "2.0"}, {"div n0 n1", []string{"1", "0"}, typeless},
		{"mod n0 n1", []string{"-1", "3"}, "2"}, {"mod n0 n1", []string{"1", "-3/2"}, "-1/2"}, {"mod n0 n1", []string{`"<%s>"`, "1"}, `"<1>"`},
		{"mod n0 n1", []string{"1", "False"}, typeless},
		{"pow n0 n1", []string{"2", "3"}, "8"}, {"pow n0 n1", []string{"2", "-1"}, "1/2"}, {"pow n0 n1", []string{"4", "1/2"}, "2.0"},
		{"pow n0 n1", []string{"2", "1/2"}, typeless}, {"pow n0 n1", []string{"0", "0"}, "1"},
		{"neg n0", []string{"True"}, "-1"}, {"neg n0", []string{"1/2"}, "-1/2"}, {"neg n0", []string{`"a"`}, typeless},
		{"compare n0 == n1", []string{"1", "True"}, "True"}, {"compare n0 == n1", []string{"1", `"1"`}, "False"},
		{"compare n0 != n1", []string{"1", "1.0"}, "False"}, {"compare n0 != n1", []string{`"a"`, "1"}, "True"},
		{"compare n0 < n1", []string{"1", "3/2"}, "True"}, {"compare n0 < n1", []string{`"a"`, `"B"`}, "False"}, {"compare n0 < n1", []string{`"a"`, "1"}, typeless},
		{"compare n0 <= n1", []string{"1", "1.0"}, "True"}, {"compare n0 > n1", []string{`"é"`, `"z"`}, "True"}, {"compare n0 >= n1", []string{"1", "2"}, "False"},
		{"and n0 n1", []string{"2", `"a"`}, "True"}, {"and n0 n1", []string{"2", `""`}, "False"}, {"or n0 n1", []string{"0.0", `""`}, "False"},
		{"or n0 n1", []string{"0", "3"}, "True"}, {"not n0", []string{`""`}, "True"}, {"not n0", []string{"1/3"}, "False"},
		{"round n0", []string{"5/2"}, "2"}, {"round n0", []string{"-3/2"}, "-2"}, {"round n0", []string{"True"}, "1"}, {"round n0", []string{`"1"`}, typeless},
		{"indicator n0", []string{`"a"`}, "1"}, {"indicator n0", []string{"0.0"}, "0"}, {"indicator n0", []string{"False"}, "0"},
		{"if n0 n1 n2", []string{`"a"`, "1", `"b"`}, "1"}, {"if n0 n1 n2", []string{"0", "1", `"b"`}, `"b"`},
		{`in n0 [1, "a"]`, []string{"True"}, "True"}, {`in n0 [1, "a"]`, []string{`"1"`}, "False"}, {"in n0 []", []string{"1"}, "False"},
		{`lookup n0 {1: "x", "a": 2}`, []string{"1.0"}, `"x"`}, {`lookup n0 {1: "x", "a": 2}`, []string{`"a"`}, "2"},
		{`lookup n0 {1: "x"}`, []string{`"1"`}, "!value_error"}, {"lookup n0 {}", []string{"1"}, "!value_error"},
		{`lookup n0 ["x", "y"]`, []string{"0"}, `"x"`}, {`lookup n0 ["x", "y"]`, []string{"-1"}, `"y"`}, {`lookup n0 ["x", "y"]`, []string{"True"}, `"y"`},
		{`lookup n0 ["x", "y"]`, []string{"2"}, "!value_error"}, {`lookup n0 ["x", "y"]`, []string{"-3"}, "!value_error"},
		{`lookup n0 ["x", "y"]`, []string{"1.0"}, "!value_error"}, {`lookup n0 ["x", "y"]`, []string{`"0"`}, "!value_error"},
		{`lookup n0 ["x"]`, []string{"-9223372036854775808"}, "!value_error"}, {"lookup n0 []", []string{"0"}, "!value_error"},
	} {
		// Distinct leaves stand for the arguments, which Apply is given itself.
		g, _, err := sop.Parse("n0 = tokens_str\nn1 = tokens_int\nn2 = tokens_float\nn3 = " + c.expr)
		if err != nil {
			t.Fatalf("%s: %v", c.expr, err)
		}
		args := make([]value.Value, len(c.args))
		for i, a := range c.args {
			args[i] = parseValue(t, a)
		}
		got, err := g.Node(3).Apply(args...)
		if c.want[0] == '!' {
			var ve *value.Error
			if !errors.As(err, &ve) || ve.Kind.String() != c.want[1:] {
				t.Errorf("%s of %v = %s, error %v; want a %s", c.expr, c.args, got.Repr(), err, c.want[1:])
			}
			continue
		}
		if want := parseValue(t, c.want); err != nil || !value.Identical(got, want) {
			t.Errorf("%s of %v = %s %s, error %v; want %s", c.expr, c.args, got.Kind(), got.Repr(), err, c.want)
		}
	}
}

func TestApplyOfOtherOperatorsPanics(t *testing.T) {
	g := sop.NewGraph()
	sel := g.Full(nowhere)
	defer func() {
		if recover() == nil {
			t.Error("Apply of width does not panic")
		}
	}()
	g.Node(g.Width(sel, nowhere)).Apply(value.IntOf(1), value.IntOf(1))
}
