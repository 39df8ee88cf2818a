package diag_test

import (
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/raspc/raspc/frontend/diag"
)

// TestColumnsOfLongLines: columns count runes, also far into a line.
func TestColumnsOfLongLines(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		line := rapid.StringOfN(rapid.RuneFrom([]rune("a é日😀")), 0, 300, -1).Draw(t, "line")
		first := rapid.SampledFrom([]string{"", "é\n", "ab\r\n"}).Draw(t, "first")
		text := first + line
		src := diag.NewSource("t.rasp", text)
		for i := range line {
			p := src.Position(len(first) + i)
			if want := utf8.RuneCountInString(line[:i]) + 1; p.Column != want {
				t.Fatalf("%q: column %d of offset %d, want %d", text, p.Column, i, want)
			}
			if back := src.Offset(p); back != len(first)+i {
				t.Fatalf("%q: offset %d of %v, want %d", text, back, p, len(first)+i)
			}
		}
	})
}
