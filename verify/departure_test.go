package verify

import (
	"maps"
	"math"
	"slices"
	"testing"

	"github.com/raspc/raspc/frontend/interp"
	"github.com/raspc/raspc/frontend/value"
)

func TestStageOf(t *testing.T) {
	for text, want := range map[string]stage{
		"embedding": 0, "position": 0, "layer 0 attention": 1, "layer 0 mlp": 2, "layer 3 attention": 7, "layer 3 mlp": 8,
		"": -1, "layer": -1, "layer 1": -1, "layer -1 mlp": -1, "layer 1 norm": -1, "layer 99999999999 mlp": -1,
	} {
		got, ok := stageOf(text)
		if ok != (want >= 0) || ok && got != want {
			t.Errorf("%q: %d, %v", text, got, ok)
		}
	}
}

func TestCodes(t *testing.T) {
	word, third := value.Str("it's \"x\""), value.Number(value.KindFloat, value.Frac(1, 3))
	var labels []value.Value
	for i := range 200 { // in base 15
		labels = append(labels, value.IntOf(int64(i)))
	}
	unknown := math.NaN()
	for _, tt := range []struct {
		encoding, label string
		v               value.Value
		want            float64 // NaN where it is not known
	}{
		{"categorical", "3", value.IntOf(3), 1}, {"categorical", "3", value.IntOf(2), 0}, {"categorical", "3", value.Str("3"), 0},
		{"categorical", third.Repr(), third, 1}, {"categorical", "True", value.Bool(true), 1}, {"categorical", "False", value.Bool(true), 0},
		{"categorical", word.Repr(), word, 1}, {"categorical", `'\n'`, value.Str("\n"), 1}, {"categorical", "'0 or 1'", value.IntOf(0), unknown},
		{"steps", "2", value.IntOf(1), 0}, {"steps", "2", value.IntOf(2), 1}, {"steps", "2", value.IntOf(3), 1}, {"steps", "'b'", value.Str("a"), 0},
		{"steps", "'b'", value.Str("c"), 1}, {"steps", "2", value.Str("a"), 1},
		{"numeric", "", third, 1.0 / 3}, {"numeric", "", word, unknown},
		{"marks", "{1 3}", value.IntOf(3), 1}, {"marks", "{1 3}", value.IntOf(2), 0}, {"marks", "{1 3 … 2 more}", value.IntOf(3), 1},
		{"marks", "{1 3 … 2 more}", value.IntOf(2), unknown}, {"marks", "{'a b' 'c'}", value.Str("c"), unknown},
		{"digits", "digit 0", value.IntOf(47), 2}, {"digits", "digit 1", value.IntOf(47), 3}, {"digits", "digit 0", value.IntOf(200), unknown},
		{"digits", "digit 2", value.IntOf(0), unknown}, {"other", "1", value.IntOf(1), unknown},
	} {
		got := unknown
		if c := codeOf(tt.encoding, tt.label, labels); c != nil {
			if x, known := c(tt.v); known {
				got = x
			}
		}
		if got != tt.want && !(math.IsNaN(got) && math.IsNaN(tt.want)) {
			t.Errorf("%s %s of %s: %g, want %g", tt.encoding, tt.label, tt.v.Repr(), got, tt.want)
		}
	}
}

// TestReasons counts inputs by why the program is undefined on them.
func TestReasons(t *testing.T) {
	for text, want := range map[string]reasons{
		"#: vocab = \"ab\"\n#: max_len = 2\nx = {\"a\": 1}[tokens];":                       {"a key that is not in the dict": 4},
		"#: vocab = \"ab\"\n#: max_len = 2\nx = aggregate(full_s, tokens);":                {"strings cannot be averaged": 4},
		"#: tokens = int\n#: vocab = 0..1\n#: max_len = 1\nx = 1 / tokens;":                {"division by zero": 1},
		"#: vocab = [\"1\", \"a\"]\n#: max_len = 1\nx = tokens_int;":                       {"a token that is no number": 1},
		"#: tokens = int\n#: vocab = 0..2\n#: max_len = 1\nx = [1, 2][tokens];":            {"an index that is not in the list": 1},
		"#: vocab = \"ab\"\n#: max_len = 2\nx = aggregate(select(indices, 0, ==), \"a\");": {},
	} {
		s := subjectOf(t, text)
		_, got, err := s.expect(t.Context(), makePlan(s, 100, 0).all())
		if err != nil || !maps.Equal(got, want) {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	if got := (reasons{"b": 2, "a": 2, "c": 10}).String(); got != " (10: c, 2: a, 2: b)" {
		t.Error(got)
	}
	mixed := &interp.Undefined{Err: value.Errorf(value.TypeError, "a sequence of strings and numbers mixed: [1, 'a']")}
	if got := subjectOf(t, "#: vocab = \"ab\"\n#: max_len = 2\nx = tokens;").reason(mixed); got != "a sequence of strings and numbers mixed" {
		t.Error(got)
	}
}

// TestSome keeps the longest inputs, which come last.
func TestSome(t *testing.T) {
	for _, n := range []int{0, 1, fitInputs, fitInputs + 1, 500} {
		inputs := make([][]int, n)
		for i := range inputs {
			inputs[i] = []int{i}
		}
		got := some(inputs)
		if len(got) != min(n, fitInputs) || n > 0 && got[len(got)-1][0] != n-1 || !slices.IsSortedFunc(got, slices.Compare) {
			t.Errorf("%d: %v", n, got)
		}
	}
}

func TestDepartureText(t *testing.T) {
	layer := 1
	for want, d := range map[string]*Departure{
		"first departs in layer 1, attention: `rank` at position 2 is 3, the residual stream holds 2.4 (column 22)": {
			Layer: &layer, Part: "attention", SOp: "rank", Position: 2, Expected: value.IntOf(3), Column: 22, Code: 3, Held: 2.4},
		"first departs in the embedding: `tokens` at position 0 is 'a', the residual stream holds NaN for 'b' in place of 0 (column 7)": {
			Part: "embedding", SOp: "tokens", Expected: value.Str("a"), Column: 7, Label: "'b'", Held: math.NaN(), Distance: math.Inf(1)},
		"first departs in layer 1, mlp: `share` at position 1 is 0.6666666666666666, the residual stream holds 0.66666669 (column 3)": {
			Layer: &layer, Part: "mlp", SOp: "share", Position: 1, Expected: value.Number(value.KindFloat, value.Frac(2, 3)), Column: 3, Code: 2.0 / 3, Held: float64(float32(2.0 / 3))},
		"first departs in layer 1, mlp: `y` at position 0 is 1, the residual stream holds 1.000001 for 1 in place of 1 (column 4)": {
			Layer: &layer, Part: "mlp", SOp: "y", Expected: value.IntOf(1), Column: 4, Label: "1", Code: 1, Held: 1.0000011},
		"first departs in layer 1, mlp: `y` at position 0 is 2, the residual stream holds 2 (column 4)": {
			Layer: &layer, Part: "mlp", SOp: "y", Expected: value.IntOf(2), Column: 4, Code: 2, Held: 2},
	} {
		if got := d.String(); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		if _, err := d.MarshalJSON(); err != nil {
			t.Error(err)
		}
	}
}

// TestHostSummary says of what it is not known whether it is held.
func TestHostSummary(t *testing.T) {
	for want, h := range map[string]HostProof{
		"proved for every input of up to 4: 1 s-op is held, the output to within 0.5; the host is up to 2 long and moves the mean by up to 0.25": {
			Length: 2, Mean: 0.25, SOps: 1},
		"proved for every input of up to 4: 3 s-ops are held (not looked at: 2 variables that no s-op is known for), the output to within 0.5; the host is up to 2 long and moves the mean by up to 0.25": {
			Length: 2, Mean: 0.25, SOps: 3, Skipped: 2},
	} {
		if got := h.summary(4, 0.5); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}
