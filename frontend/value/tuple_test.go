package value_test

import (
	"slices"
	"testing"

	"github.com/raspc/raspc/frontend/value"
)

// TestOtherKinds: None and tuples equal what Python has them equal, have an order among
// all values, and no arithmetic.
func TestOtherKinds(t *testing.T) {
	tuple := func(vs ...value.Value) value.Value { return value.Tuple(vs) }
	half := value.Number(value.KindFloat, value.Frac(1, 2))
	sorted := []value.Value{
		value.IntOf(-1), half, value.IntOf(1), value.Str(""), value.Str("a"), value.None(),
		tuple(), tuple(value.IntOf(1)), tuple(value.IntOf(1), value.None()), tuple(value.Str("a,"), value.Str("b")), tuple(value.Str("a"), value.Str(",b")),
		tuple(tuple()),
	}
	slices.SortFunc(sorted[9:11], value.Compare)
	for i, v := range sorted {
		for j, w := range sorted {
			if value.Equal(v, w) != (i == j) || (v.Key() == w.Key()) != (i == j) {
				t.Errorf("%s and %s: equal %t", v.Repr(), w.Repr(), value.Equal(v, w))
			}
			if got := value.Compare(v, w); got != 0 != (i != j) || got < 0 != (i < j) {
				t.Errorf("%s and %s compare as %d", v.Repr(), w.Repr(), got)
			}
		}
		if v.IsNumber() != (i < 3) || v.Truth() == slices.Contains([]int{3, 5, 6}, i) {
			t.Errorf("%s: number %t, true %t", v.Repr(), v.IsNumber(), v.Truth())
		}
	}
	one, yes := tuple(value.IntOf(1)), tuple(value.Bool(true))
	if !value.Equal(one, yes) || one.Key() != yes.Key() || value.Identical(one, yes) || !value.Identical(one, tuple(value.IntOf(1))) {
		t.Error("(1,) and (True,) are not equal and unlike")
	}
	for _, v := range []value.Value{value.None(), one} {
		if _, err := value.Add(v, v); err == nil {
			t.Errorf("%s is added", v.Repr())
		}
		if _, err := value.LT.Holds(v, value.IntOf(1)); err == nil {
			t.Errorf("%s is ordered", v.Repr())
		}
		if holds, err := value.EQ.Holds(v, v); err != nil || !holds {
			t.Errorf("%s does not equal itself: %v", v.Repr(), err)
		}
	}
	mixed := []value.Value{value.None(), tuple(value.Str("a"), half), one}
	if got := value.AnySequence(mixed); got != "[None, ('a', 0.5), (1,)] (mixed)" {
		t.Error(got)
	}
	nested := tuple(value.None(), half, tuple(value.Str("a")))
	text, err := nested.MarshalJSON()
	if err != nil || string(text) != `[null,0.5,["a"]]` {
		t.Errorf("%s, %v", text, err)
	}
	if back, err := value.FromJSON(text); err != nil || !value.Identical(back, nested) {
		t.Errorf("%s, %v", back.Repr(), err)
	}
	for _, bad := range []string{`{}`, `[{}]`, `[1e999999999]`, `[`} {
		if v, err := value.FromJSON([]byte(bad)); err == nil {
			t.Errorf("%s is read as %s", bad, v.Repr())
		}
	}
	for _, other := range []string{`null`, `[1]`, `{}`} { // no tokens
		if v, err := value.ParseJSON([]byte(other)); err == nil {
			t.Errorf("%s is read as the atom %s", other, v.Repr())
		}
	}
}
