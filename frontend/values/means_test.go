package values

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/raspc/raspc/frontend/value"
)

// numbers draws a set of up to five numbers: integers or fractions, near or
// far apart.
func numbers(t *rapid.T) []value.Value {
	scale := rapid.SampledFrom([]value.Rat{value.Int(1), value.Frac(1, 3), value.Frac(5, 2), value.Int(1 << 30)}).Draw(t, "scale")
	var set []value.Value
	for range rapid.IntRange(0, 5).Draw(t, "size") {
		r := value.Int(rapid.Int64Range(-4, 6).Draw(t, "number")).Mul(scale)
		if rapid.IntRange(0, 5).Draw(t, "offset") == 0 {
			r = r.Add(value.Frac(1, 7))
		}
		set = append(set, value.Number(value.KindFloat, r))
	}
	return value.SortUnique(set)
}

// everySum adds up every choice of w numbers with repetition.
func everySum(set []value.Value, w int) []value.Rat {
	if w == 0 {
		return []value.Rat{{}}
	}
	var sums []value.Rat
	for _, s := range everySum(set, w-1) {
		for _, v := range set {
			sums = append(sums, s.Add(v.Rat()))
		}
	}
	return sums
}

// TestMeansAndSums compares with enumeration.
func TestMeansAndSums(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		set, width := numbers(t), rapid.IntRange(0, 4).Draw(t, "width")
		var means, sums []value.Value
		for w := range width + 1 {
			for _, s := range everySum(set, w) {
				sums = append(sums, value.Number(value.KindFloat, s))
				if w > 1 {
					means = append(means, value.Number(value.KindFloat, s.Quo(value.Int(int64(w)))))
				}
			}
		}
		got, ok := meansOf(set, width)
		same(t, "means", got, ok, means)
		got, ok = sumsOf(set, width)
		same(t, "sums", got, ok, sums)
	})
}

func same(t *rapid.T, what string, got []value.Value, ok bool, want []value.Value) {
	got, want = value.SortUnique(slices.Clone(got)), value.SortUnique(want)
	if !ok || !slices.EqualFunc(got, want, value.Equal) {
		t.Fatalf("%s: got %v (%t), want %v", what, got, ok, want)
	}
}

// TestSumsOfMixedSet leaves strings out, and shows whole sums as integers.
func TestSumsOfMixedSet(t *testing.T) {
	set := []value.Value{value.IntOf(1), value.Number(value.KindFloat, value.Frac(1, 2)), value.Str("a")}
	sums, ok := sumsOf(set, 2)
	sums = value.SortUnique(sums)
	want := []value.Value{
		value.IntOf(0), value.Number(value.KindFloat, value.Frac(1, 2)), value.IntOf(1),
		value.Number(value.KindFloat, value.Frac(3, 2)), value.IntOf(2),
	}
	if !ok || !slices.EqualFunc(sums, want, value.Identical) {
		t.Errorf("got %v", sums)
	}
	if means, ok := meansOf([]value.Value{value.Str("a")}, 3); !ok || len(means) > 0 {
		t.Errorf("means of strings: %v", means)
	}
}

// TestTooManySums gives up instead of running away.
func TestTooManySums(t *testing.T) {
	far := func(n int) []value.Value {
		var set []value.Value
		for i := range n {
			set = append(set, value.IntOf(1<<i))
		}
		return set
	}
	if _, ok := meansOf(far(40), 8); ok {
		t.Error("the means of 40 powers of two were listed")
	}
	if _, ok := sumsOf(append(far(3), value.IntOf(1<<41)), 2); ok {
		t.Error("sums of numbers beyond the largest were listed")
	}
	var many []value.Value
	for i := range 256 {
		many = append(many, value.IntOf(int64(i)))
	}
	sums, ok := sumsOf(many, 512) // quick only where sums are held densely
	if !ok || len(sums) != 255*512+1 {
		t.Errorf("%d sums of bytes", len(sums))
	}
	if _, ok := sumsOf(many, 1030); ok {
		t.Error("more sums than a set may hold were listed")
	}
}

// TestSumsetsAgree adds the same terms to both forms of a set of sums.
func TestSumsetsAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		terms := rapid.SliceOfNDistinct(rapid.Int64Range(-300, 300), 1, 6, rapid.ID[int64]).Draw(t, "terms")
		width := rapid.IntRange(1, 5).Draw(t, "width")
		d, ok := newDense(terms, width)
		if !ok {
			t.Fatal("too far apart")
		}
		var s sumset = sparse{0: true}
		for range width {
			d, s = d.plus(terms), s.plus(terms)
			list := func(from sumset) (all []int64) {
				from.each(func(x int64) bool { all = append(all, x); return true })
				slices.Sort(all)
				return all
			}
			if a, b := list(d), list(s); !slices.Equal(a, b) || d.size() != len(a) {
				t.Fatalf("dense %v (%d), sparse %v", a, d.size(), b)
			}
		}
	})
}
