package manifest

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// anything draws a JSON value.
func anything(depth int) *rapid.Generator[any] {
	text := rapid.StringOfN(rapid.SampledFrom([]rune(`ab",:[]{}\é `)), 0, 30, -1)
	leaves := rapid.OneOf(rapid.Just[any](nil), rapid.Bool().AsAny(), rapid.IntRange(-9, 999).AsAny(), text.AsAny())
	if depth == 0 {
		return leaves
	}
	return rapid.OneOf(leaves,
		rapid.SliceOfN(rapid.Deferred(func() *rapid.Generator[any] { return anything(depth - 1) }), 0, 12).AsAny(),
		rapid.MapOfN(text, rapid.Deferred(func() *rapid.Generator[any] { return anything(depth - 1) }), 0, 12).AsAny())
}

// TestLaidOut changes nothing but blanks, breaks what is long, and only that.
func TestLaidOut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want, err := json.Marshal(anything(4).Draw(t, "value"))
		if err != nil {
			t.Fatal(err)
		}
		got := laidOut(want)
		var again bytes.Buffer
		if err := json.Compact(&again, got); err != nil || again.String() != string(want) {
			t.Fatalf("%v: %s became %s", err, want, got)
		}
		for line := range strings.Lines(string(got)) {
			line = strings.TrimLeft(strings.TrimRight(line, ",\n"), " ")
			if open := strings.TrimRight(line, "[{"); len(line) > widest+40 && len(open) == len(line) {
				t.Fatalf("a long line: %s", line)
			}
		}
		if len(want) < widest/2 && bytes.Count(got, []byte("\n")) > 1 {
			t.Fatalf("a short value is broken: %s", got)
		}
	})
}

func TestRuns(t *testing.T) {
	if got := RunsOf([]int{1, 2, 3, 7}); !slices.Equal(got, Runs{1, 3, 7, 7}) {
		t.Error(got)
	}
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.SliceOfDistinct(rapid.IntRange(0, 20), rapid.ID[int]).Draw(t, "numbers")
		slices.Sort(in)
		r := RunsOf(in)
		for n := range 22 {
			if r.Has(n) != slices.Contains(in, n) {
				t.Fatalf("%v has %d: %v", r, n, r.Has(n))
			}
		}
		for i := 2; i < len(r); i += 2 {
			if r[i] <= r[i-1]+1 {
				t.Fatalf("%v: runs touch", r)
			}
		}
	})
}
