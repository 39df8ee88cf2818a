package verify

import (
	"testing"

	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/frontend/value"
	"github.com/raspc/raspc/verify/hfrun"
)

// TestUniquelyCut has codes of Sardinas and Patterson 1953 and of everyday.
func TestUniquelyCut(t *testing.T) {
	for _, tt := range []struct {
		tokens []string
		unique bool
	}{
		{[]string{"a", "b", " "}, true},
		{[]string{"a b", "a", "c"}, true},
		{[]string{"abc", "ab", " "}, true},
		{[]string{"a", "ab", "abb"}, true},
		{[]string{"a b", "a", " ", "b"}, false},
		{[]string{"a", "a ", "  "}, true}, // "a  " is "a" and "  ", which shows at its end
		{[]string{"1", "011", "01110", "1110", "10011"}, false},
		{[]string{"0", "01", "11"}, true},
		{[]string{"", "a"}, false},
		{[]string{"aa", "aaa"}, false},
	} {
		if err := uniquelyCut(tt.tokens); (err == nil) != tt.unique {
			t.Errorf("%q: %v", tt.tokens, err)
		}
	}
}

// TestOthers reads rows of logits that have those of other tokens behind them.
func TestOthers(t *testing.T) {
	s := &subject{labels: []value.Value{value.IntOf(1), value.IntOf(2)}}
	others := []value.Value{value.Str("token 7")}
	for _, tt := range []struct {
		row   []float32
		got   value.Value
		right bool // of the label 2
	}{
		{[]float32{1, 3, 2}, value.IntOf(2), true},
		{[]float32{3, 1, 2}, value.IntOf(1), false},
		{[]float32{1, 2, 3}, value.Str("token 7"), false},
	} {
		r, err := s.reading(tt.row, others)
		want, o := value.IntOf(2), newOutcome()
		if err != nil || !value.Equal(*s.got(r, others), tt.got) || o.right(s, &r, &want, 0) != tt.right || r.margin != 1 {
			t.Errorf("%v: %+v, %v", tt.row, r, err)
		}
	}
	for _, row := range [][]float32{{1, 2}, {1, 2, 3, 4}} {
		if _, err := s.reading(row, others); err == nil {
			t.Errorf("%v is a row of 2 labels and a token", row)
		}
	}
}

// TestSpellings wants labels to be spelled as in the manifest, or with what sets them
// apart behind them.
func TestSpellings(t *testing.T) {
	man := &manifest.Manifest{Output: manifest.Output{Labels: manifest.AtomsOf([]value.Value{value.Str("x"), value.IntOf(1)})}}
	for _, tt := range []struct {
		texts []string
		words bool
		fits  bool
	}{
		{[]string{"a", "x", "1"}, false, true},
		{[]string{"a", "x_", "1__"}, false, true},
		{[]string{"▁a", "▁x", "▁1"}, true, true},
		{[]string{"a", "xy", "1"}, false, false},
		{[]string{"a", "x", "▁1"}, false, false},
	} {
		tok := &hfrun.GGUFTokenizer{Texts: tt.texts, AddSpace: tt.words}
		if err := labelsSpelled(tok, []int{1, 2}, man); (err == nil) != tt.fits {
			t.Errorf("%q: %v", tt.texts, err)
		}
	}
}
