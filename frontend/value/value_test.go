package value_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/raspc/raspc/frontend/value"
)

// atom draws values of every kind, with many numeric collisions between kinds.
func atom() *rapid.Generator[value.Value] {
	number := func(k value.Kind, g *rapid.Generator[value.Rat]) *rapid.Generator[value.Value] {
		return rapid.Map(g, func(r value.Rat) value.Value { return value.Number(k, r) })
	}
	whole := rapid.Map(edge(), value.Int)
	return rapid.OneOf(
		rapid.Map(rapid.SampledFrom([]string{"", "a", "ab", "1", "True", "é", "\xff", "日"}), value.Str),
		rapid.Map(rapid.Bool(), value.Bool),
		number(value.KindInt, whole),
		number(value.KindFloat, rapid.OneOf(whole, rat())),
	)
}

func TestEqualCompareAndKeyAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := atom().Draw(t, "a"), atom().Draw(t, "b"), atom().Draw(t, "c")
		if got, want := value.Equal(a, b), value.Compare(a, b) == 0; got != want {
			t.Fatalf("Equal says %t, Compare %t", got, want)
		}
		if got, want := value.Equal(a, b), a.Key() == b.Key(); got != want {
			t.Fatalf("Equal says %t, Key %t", got, want)
		}
		if value.Compare(a, b) != -value.Compare(b, a) {
			t.Fatal("Compare is not antisymmetric")
		}
		if value.Compare(a, b) <= 0 && value.Compare(b, c) <= 0 && value.Compare(a, c) > 0 {
			t.Fatal("Compare is not transitive")
		}
		if value.Identical(a, b) != (value.Equal(a, b) && a.Kind() == b.Kind()) {
			t.Fatal("Identical is not equality of value and kind")
		}
	})
}

func TestComparisonsAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := atom().Draw(t, "a"), atom().Draw(t, "b")
		holds := func(c value.Cmp) bool {
			h, err := c.Holds(a, b)
			if ordered := a.IsString() == b.IsString(); (err == nil) != (ordered || c == value.EQ || c == value.NE) {
				t.Fatalf("%s: error %v", c, err)
			}
			return h
		}
		if holds(value.EQ) == holds(value.NE) || holds(value.EQ) != value.Equal(a, b) {
			t.Fatal("== and != do not complement each other")
		}
		if a.IsString() != b.IsString() {
			holds(value.LT)
			return
		}
		if holds(value.LT) == holds(value.GE) || holds(value.GT) == holds(value.LE) || holds(value.LE) != (holds(value.LT) || holds(value.EQ)) {
			t.Fatal("the order comparisons contradict each other")
		}
	})
}

// TestModIsFloored checks the two laws that fix Python's %.
func TestModIsFloored(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := rat().Draw(t, "a"), rat().Filter(func(r value.Rat) bool { return r.Sign() != 0 }).Draw(t, "b")
		m, err := value.Mod(value.Number(value.KindFloat, a), value.Number(value.KindFloat, b))
		if err != nil {
			t.Fatal(err)
		}
		if s := m.Rat().Sign(); s != 0 && s != b.Sign() || m.Rat().Abs().Cmp(b.Abs()) >= 0 {
			t.Fatalf("%s %% %s = %s: wrong sign or size", a, b, m.Rat())
		}
		if !a.Sub(m.Rat()).Quo(b).IsInt() {
			t.Fatalf("%s %% %s = %s: no whole quotient", a, b, m.Rat())
		}
	})
}

func TestSortUnique(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		vs := rapid.SliceOfN(atom(), 0, 12).Draw(t, "vs")
		got := value.SortUnique(slices.Clone(vs))
		for i := range got[:max(0, len(got)-1)] {
			if value.Compare(got[i], got[i+1]) >= 0 {
				t.Fatalf("not strictly increasing at %d", i)
			}
		}
		for _, v := range vs {
			i := slices.IndexFunc(got, func(w value.Value) bool { return value.Equal(v, w) })
			if i < 0 {
				t.Fatalf("%s is lost", v.Repr())
			}
			if got[i].Kind() > v.Kind() {
				t.Fatalf("%s of kind %s stays where a %s is there", v.Repr(), got[i].Kind(), v.Kind())
			}
		}
	})
}

func TestZeroValueIsTheEmptyString(t *testing.T) {
	var v value.Value
	if !v.IsString() || v.IsNumber() || v.Text() != "" || v.Truth() || !value.Identical(v, value.Str("")) {
		t.Error("the zero Value is not the empty string")
	}
}

func TestNumberRefusesWhatItsKindCannotHold(t *testing.T) {
	mustPanic(t, "a string number", func() { value.Number(value.KindString, value.Int(0)) })
	mustPanic(t, "a fraction as int", func() { value.Number(value.KindInt, value.Frac(1, 2)) })
	mustPanic(t, "2 as bool", func() { value.Number(value.KindBool, value.Int(2)) })
}

func number(t *testing.T, k value.Kind, s string) value.Value {
	t.Helper()
	r, ok := value.ParseRat(s)
	if !ok {
		t.Fatalf("bad number %q", s)
	}
	return value.Number(k, r)
}

// TestExactness shows where exact rationals differ from doubles.
func TestExactness(t *testing.T) {
	f := func(s string) value.Value { return number(t, value.KindFloat, s) }
	sum, err := value.Add(f("0.1"), f("0.2"))
	if err != nil || !value.Equal(sum, f("0.3")) {
		t.Errorf("0.1 + 0.2 = %s, %v", sum.Display(), err)
	}
	third, err := value.Div(value.IntOf(1), value.IntOf(3))
	if err != nil || third.Rat().String() != "1/3" {
		t.Errorf("1/3 = %s, %v", third.Rat(), err)
	}
	cube, err := value.Pow(value.IntOf(8), third)
	if err != nil || cube.Rat().String() != "2" || cube.Kind() != value.KindFloat {
		t.Errorf("8^(1/3) = %s, %v", cube.Display(), err)
	}
}

func TestPow(t *testing.T) {
	for _, c := range []struct{ a, b, want string }{
		{"2", "-3", "1/8"}, {"-2", "-3", "-1/8"}, {"0", "0", "1"}, {"1", "99999999999999999999", "1"}, {"-1", "99999999999999999999", "-1"},
		{"0", "99999999999999999999", "0"}, {"4/9", "-3/2", "27/8"}, {"1024", "1/10", "2"}, {"0", "1/2", "0"},
		{"1", "1/99999999999999999999", "1"}, {"0", "1/99999999999999999999", "0"}, {"1/9223372036854775808", "1/63", "1/2"},
		{"340282366920938463463374607431768211456", "1/2", "18446744073709551616"},
		{"99999999999999999999999999999999999999980000000000000000000000000000000000000001", "1/2", "9999999999999999999999999999999999999999/1"},
	} {
		got, err := value.Pow(number(t, value.KindFloat, c.a), number(t, value.KindFloat, c.b))
		if err != nil {
			t.Errorf("%s ^ %s: %v", c.a, c.b, err)
			continue
		}
		if want := number(t, value.KindFloat, c.want); !value.Identical(got, want) {
			t.Errorf("%s ^ %s = %s, want %s", c.a, c.b, got.Rat(), c.want)
		}
	}
	for _, c := range []struct{ a, b, msg string }{
		{"2", "1/2", "not a rational"}, {"-4", "1/2", "not a rational"}, {"3", "1/99999999999999999999", "not a rational"},
		{"0", "-1", "negative power"}, {"0", "-1/2", "negative power"},
		{"2", "65536", "bits"}, {"2", "99999999999999999999", "bits"}, {"3/2", "-99999999999999999999", "bits"}, {"10", "60000", "bits"},
	} {
		got, err := value.Pow(number(t, value.KindFloat, c.a), number(t, value.KindFloat, c.b))
		if err == nil || !strings.Contains(err.Error(), c.msg) {
			t.Errorf("%s ^ %s = %s, error %v; want one about %q", c.a, c.b, got.Rat(), err, c.msg)
		}
	}
	if got, err := value.Pow(value.IntOf(2), value.IntOf(60000)); err != nil || got.Rat().BitLen() != 60002 {
		t.Errorf("2^60000 has %d bits, error %v", got.Rat().BitLen(), err)
	}
}

// TestPowUndoesRoots raises to q and back.
func TestPowUndoesRoots(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := rat().Filter(func(r value.Rat) bool { return r.Sign() >= 0 }).Draw(t, "base")
		q := rapid.Int64Range(1, 40).Draw(t, "q")
		power, err := value.Pow(value.Number(value.KindFloat, base), value.IntOf(q))
		if err != nil {
			t.Fatal(err)
		}
		root, err := value.Pow(power, value.Number(value.KindFloat, value.Frac(1, q)))
		if err != nil || !root.Rat().Equal(base) {
			t.Fatalf("the %dth root of %s^%d is %s, error %v", q, base, q, root.Rat(), err)
		}
	})
}

// TestLimits keeps single operators from running away.
func TestLimits(t *testing.T) {
	defer time.AfterFunc(time.Minute, func() { panic("an operator hangs") }).Stop()
	big, err := value.Pow(value.IntOf(3), value.IntOf(40000))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := value.Mul(big, big); err == nil {
		t.Error("a number of 126000 bits is accepted")
	}
	if _, err := value.Pow(big, value.Number(value.KindFloat, value.Frac(1, 2))); err != nil {
		t.Error(err)
	}
	if _, err := value.Pow(value.Number(value.KindInt, big.Rat().Add(value.Int(1))), value.Number(value.KindFloat, value.Frac(1, 3))); err == nil {
		t.Error("3^40000+1 has an exact third root")
	}
	mega := value.Str(strings.Repeat("x", 1<<20))
	for name, op := range map[string]func() (value.Value, error){
		"+": func() (value.Value, error) { return value.Add(mega, mega) },
		"*": func() (value.Value, error) { return value.Mul(mega, value.IntOf(2)) },
		"* by 2^80": func() (value.Value, error) {
			return value.Mul(number(t, value.KindInt, "1208925819614629174706176"), value.Str("a"))
		},
		"%": func() (value.Value, error) { return value.Mod(value.Str("%sx"), mega) },
	} {
		if v, err := op(); err == nil {
			t.Errorf("%s builds a string of %d bytes", name, len(v.Text()))
		}
	}
	if v, err := value.Mul(number(t, value.KindInt, "1208925819614629174706176"), value.Str("")); err != nil || v.Text() != "" {
		t.Errorf("the empty string repeated is %q, %v", v.Text(), err)
	}
}

func TestErrorTexts(t *testing.T) {
	for _, c := range []struct {
		f    func() (value.Value, error)
		want string
	}{
		{func() (value.Value, error) { return value.Add(value.Str("a"), value.IntOf(1)) }, "operator + does not take a string and an int"},
		{func() (value.Value, error) { return value.Sub(value.IntOf(1), value.Str("a")) }, "operator - does not take an int and a string"},
		{func() (value.Value, error) { return value.Div(value.IntOf(1), value.Bool(false)) }, "division by zero"},
		{func() (value.Value, error) { return value.Neg(value.Str("a")) }, "operator - does not take a string"},
		{func() (value.Value, error) { return value.Round(value.Str("a")) }, "round does not take a string"},
		{func() (value.Value, error) { return value.Mod(value.Str("%é"), value.IntOf(1)) }, "the format character 'é' is not one of s, r, d, i"},
		{func() (value.Value, error) { return value.Mod(value.Str("x"), value.IntOf(1)) }, `the format "x" takes no value`},
	} {
		_, err := c.f()
		var ve *value.Error
		if !errors.As(err, &ve) || ve.Msg != c.want || ve.Kind != value.RuntimeError {
			t.Errorf("got %v, want %q", err, c.want)
		}
	}
}

func TestTypeOfAndSequence(t *testing.T) {
	s, b, i := value.Str, value.Bool, value.IntOf
	f := func(text string) value.Value { return number(t, value.KindFloat, text) }
	for _, c := range []struct {
		vs   []value.Value
		want string
	}{
		{[]value.Value{s("a")}, "[a] (strings)"},
		{[]value.Value{s("a"), s("b")}, "[a, b] (strings)"},
		{[]value.Value{s("a"), s("a")}, "[a]*2 (strings)"},
		{[]value.Value{b(true)}, "[T] (bools)"},
		{[]value.Value{b(true), b(false)}, "[T, F] (bools)"},
		{[]value.Value{b(true), i(1)}, "[T]*2 (ints)"},
		{[]value.Value{i(1), b(true)}, "[1]*2 (ints)"},
		{[]value.Value{b(true), i(2)}, "[T, 2] (ints)"},
		{[]value.Value{i(0), i(0), f("0.5"), f("1")}, "[0, 0, 0.5, 1.0] (floats)"},
		{[]value.Value{b(true), f("1")}, "[T]*2 (floats)"},
		{[]value.Value{f("1/3"), f("-1/3"), f("0.0625"), f("-0.0001"), f("10000000000000000")}, "[0.333, -0.333, 0.062, -0.0, 1e+16] (floats)"},
		{[]value.Value{f("1/3"), f("0.3333")}, "[0.333, 0.333] (floats)"},
	} {
		got, err := value.Sequence(c.vs)
		if err != nil {
			t.Errorf("%s: %v", c.want, err)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Error(diff)
		}
	}
	for _, vs := range [][]value.Value{
		{s("a"), i(1)}, {i(0), s("a")}, {s("a"), b(true)}, {s("a"), f("0.5")}, slices.Repeat([]value.Value{s("a"), i(1)}, 20),
	} {
		_, err := value.Sequence(vs)
		var ve *value.Error
		if !errors.As(err, &ve) || ve.Kind != value.TypeError {
			t.Errorf("%d mixed values: error %v", len(vs), err)
		}
	}
}

// TestDisplayBeyondDoubles prints numbers that no double holds.
func TestDisplayBeyondDoubles(t *testing.T) {
	huge, err := value.Pow(value.IntOf(10), value.IntOf(400))
	if err != nil {
		t.Fatal(err)
	}
	f := value.Number(value.KindFloat, huge.Rat())
	for _, got := range []string{f.Display(), f.Element(), f.Repr()} {
		if got != "1e+400" {
			t.Errorf("10^400 as a float prints %s", got)
		}
	}
	tiny := value.Number(value.KindFloat, value.Int(-1).Quo(huge.Rat()))
	if got := tiny.Display() + " " + tiny.Element(); got != "-0.0 -0.0" {
		t.Errorf("-10^-400 prints %s", got)
	}
}

func TestReprOfInvalidUTF8(t *testing.T) {
	if got := value.Str("a\xff\uFFFDb").Repr(); got != `'a\udcff�b'` {
		t.Errorf("got %s", got)
	}
}

// TestList has as many values as are spelled, and one more.
func TestList(t *testing.T) {
	var vs []value.Value
	for i := range value.MostListed + 1 {
		vs = append(vs, value.IntOf(int64(i)))
	}
	const first = "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15"
	if got := value.List(vs[:value.MostListed]); got != first {
		t.Errorf("List: %s", got)
	}
	if got := value.List(vs); got != first+", …" {
		t.Errorf("List of one more: %s", got)
	}
	if got := value.List(nil); got != "" {
		t.Errorf("List of none: %s", got)
	}
}
