package soptest

import (
	"pgregory.net/rapid"

	"github.com/raspc/raspc/frontend/value"
)

// Atom draws a value of any kind. Numbers are small, and many of different
// kinds are equal.
func Atom() *rapid.Generator[value.Value] { return rapid.OneOf(number(), text()) }

func number() *rapid.Generator[value.Value] {
	return rapid.OneOf(
		rapid.Map(rapid.Bool(), value.Bool),
		rapid.Map(rapid.Int64Range(-3, 5), value.IntOf),
		rapid.Map(rapid.Int64Range(-3, 5), func(n int64) value.Value {
			return value.Number(value.KindFloat, value.Frac(n, 2))
		}),
		rapid.Just(value.Number(value.KindFloat, value.Frac(1, 3))),
	)
}

func text() *rapid.Generator[value.Value] {
	return rapid.Map(rapid.SampledFrom([]string{"a", "b", "ab", "", "1", "é", "\n\"\\\xff"}), value.Str)
}

// Input draws an input of 1 to longest elements: digits as strings, numbers,
// letters or anything.
func Input(longest int) *rapid.Generator[[]value.Value] {
	digit := rapid.Map(rapid.SampledFrom([]string{"0", "1", "2", "3"}), value.Str)
	letter := rapid.Map(rapid.SampledFrom([]string{"a", "b", "c"}), value.Str)
	return rapid.OneOf(
		rapid.SliceOfN(digit, 1, longest),
		rapid.SliceOfN(number(), 1, longest),
		rapid.SliceOfN(letter, 1, longest),
		rapid.SliceOfN(Atom(), 1, longest),
	)
}
