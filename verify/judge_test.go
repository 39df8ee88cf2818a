package verify

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/frontend/value"
)

var nan, inf = float32(math.NaN()), float32(math.Inf(1))

// labelled is the subject of a program with output labels a, b and c.
func labelled(t testing.TB) *subject { return labelledTo(t, 3) }

// labelledTo takes inputs up to a length.
func labelledTo(t testing.TB, maxLen int) *subject {
	t.Helper()
	m := described(t, fmt.Sprintf("#: vocab = \"abc\"\n#: max_len = %d\nx = tokens;", maxLen))
	m.Output.Labels = manifest.AtomsOf([]value.Value{value.Str("a"), value.Str("b"), value.Str("c")})
	s, err := newSubject(m, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *subject) testCase(t testing.TB, ids ...int) testCase {
	t.Helper()
	r, err := s.oracle.Run(s.tokens(ids))
	if err != nil {
		t.Fatal(err)
	}
	return testCase{ids, r.Sequence(s.output)}
}

func TestJudgeLabels(t *testing.T) {
	tests := []struct {
		name   string
		row    []float32
		got    string // of a difference: "" for none, "nothing" for no label
		margin float64
		weak   int
	}{
		{"right", []float32{0, 1, 0.25}, "", 0.75, 0},
		{"right and negative", []float32{-3, -1, -2}, "", 1, 0},
		{"wrong", []float32{2, 1, 0}, "a", 0, 0},
		{"just wrong", []float32{0, 1, math.Nextafter32(1, 2)}, "c", 0, 0},
		{"a tie with an earlier label", []float32{1, 1, 0}, "a", 0, 0},
		{"a tie with a later label", []float32{0, 1, 1}, "", 0, 1},
		{"a margin that rounding may turn", []float32{0, 1 + 1e-6, 1}, "", 1e-6, 1},
		{"the same margin among large logits", []float32{-4096, 0.03125, 0}, "", 0.03125, 1},
		{"a small margin that counts", []float32{0, 1, 0.999}, "", 0.001, 0},
		{"not a number elsewhere", []float32{0, 1, nan}, "nothing", 0, 0},
		{"not a number here", []float32{0, nan, 0}, "nothing", 0, 0},
		{"infinite", []float32{0, inf, 0}, "nothing", 0, 0},
		{"minus infinite elsewhere", []float32{0, 1, -inf}, "nothing", 0, 0},
	}
	s := labelled(t)
	tc := s.testCase(t, 0, 1)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			logits := [][]float32{{nan, nan, nan}, {9, 0, 0}, tt.row, {nan, nan, nan}}
			o, err := s.judge(tc, logits, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			if tt.got == "" {
				if o.difference != nil || math.Abs(o.margin-tt.margin) > 1e-7 || o.weak != tt.weak {
					t.Errorf("got %+v", o)
				}
				return
			}
			d := o.difference
			if d == nil || d.Position != 1 || !value.Equal(d.Expected, value.Str("b")) || len(d.Input) != 2 || d.SOp != "x" {
				t.Fatalf("got %+v", d)
			}
			if tt.got == "nothing" != (d.Got == nil) || d.Got != nil && d.Got.Text() != tt.got {
				t.Errorf("got %v, want %s", d.Got, tt.got)
			}
		})
	}
}

func TestJudgeNumbers(t *testing.T) {
	s := subjectOf(t, "#: vocab = \"ab\"\n#: max_len = 3\nx = indices / 4 + 100 * indices;")
	tc := s.testCase(t, 0, 0) // 0, 100.25
	tests := []struct {
		name       string
		first, row float32
		at         int // position of the difference, -1 for none
		err        float64
	}{
		{"right", 0, 100.25, -1, 0},
		{"within what is allowed", 0, 100.375, -1, 0.125},
		{"beyond it", 0, 100.5, 1, 0},
		{"a small number, within", 0.0009765625, 100.25, -1, 0.0009765625},
		{"a small number, beyond", 0.25, 100.25, 0, 0},
		{"not a number", 0, nan, 1, 0},
		{"infinite", 0, -inf, 1, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o, err := s.judge(tc, [][]float32{{nan}, {tt.first}, {tt.row}}, nil, 2e-3*100.25)
			if err != nil {
				t.Fatal(err)
			}
			if tt.at < 0 {
				if o.difference != nil || o.err != tt.err {
					t.Errorf("got %+v", o)
				}
				return
			}
			if d := o.difference; d == nil || d.Position != tt.at || (d.Got == nil) != math.IsNaN(float64(tt.row-tt.row)) {
				t.Errorf("got %+v", d)
			}
		})
	}
}

// TestJudgeShapes takes no logits of the wrong shape.
func TestJudgeShapes(t *testing.T) {
	s := labelled(t)
	tc := s.testCase(t, 0, 1)
	for name, logits := range map[string][][]float32{
		"too short": {{0, 0, 0}, {1, 0, 0}},
		"too few":   {{0, 0, 0}, {1, 0}, {0, 1}},
		"too many":  {{0, 0, 0}, {1, 0, 0, 0}, {0, 1, 0, 0}},
		"none":      nil,
	} {
		if _, err := s.judge(tc, logits, nil, 0); err == nil {
			t.Errorf("%s: judged", name)
		}
	}
}

// fake is a runner that computes labels by a rule.
type fake struct {
	label func(ids, mask []int64, at int) int
	err   error
}

func (f *fake) Run(ids, mask [][]int64) ([][][]float32, error) {
	logits := make([][][]float32, len(ids))
	for i := range ids {
		for at := range ids[i] {
			row := make([]float32, 3)
			if at > 0 && mask[i][at] == 1 {
				row[f.label(ids[i], mask[i], at)] = 1
			}
			logits[i] = append(logits[i], row)
		}
	}
	return logits, f.err
}

func copied(ids, _ []int64, at int) int { return int(ids[at]) }

// compare runs a rule on all inputs of labelled.
func compare(t *testing.T, f *fake) *comparison {
	t.Helper()
	s := labelled(t)
	cases, undefined, err := s.expect(t.Context(), makePlan(s, 1000, 0).all())
	if err != nil || len(cases) != 3+9+27 || undefined.total() != 0 {
		t.Fatalf("%d cases,%v undefined, %v", len(cases), undefined, err)
	}
	c := &comparison{subject: s, runner: opened{Runner: f, file: "f", name: "fake"}, cases: cases, progress: func(int) {}}
	if err := c.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestRuns(t *testing.T) {
	tests := []struct {
		name  string
		label func(ids, mask []int64, at int) int
		want  string // the shrunk input and what is wrong with it
	}{
		{"right", copied, ""},
		{"wrong everywhere", func(ids, _ []int64, at int) int { return (int(ids[at]) + 1) % 3 }, "a@0"},
		{"wrong on one token", func(ids, _ []int64, at int) int { return int(ids[at]) % 2 }, "c@0"},
		{"wrong at a position", func(ids, mask []int64, at int) int {
			if at == 3 {
				return 0
			}
			return int(ids[at])
		}, "aab@2"},
		{"wrong after a token", func(ids, mask []int64, at int) int {
			if at > 1 && ids[at-1] == 2 {
				return 1
			}
			return int(ids[at])
		}, "ca@1"},
		{"the mask is ignored", func(ids, mask []int64, at int) int {
			if slices.Contains(ids, 4) { // PAD
				return 0
			}
			return int(ids[at])
		}, "b@0"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := compare(t, &fake{label: tt.label})
			got := ""
			if d := c.difference; d != nil {
				for _, v := range d.Input {
					got += v.Text()
				}
				got += "@" + string(rune('0'+d.Position))
				if d.File != "f" {
					t.Errorf("file %q", d.File)
				}
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// TestShrink leaves out what a difference does not need, also where only long
// inputs were tried.
func TestShrink(t *testing.T) {
	s := labelledTo(t, 9)
	afterC := &fake{label: func(ids, _ []int64, at int) int {
		if slices.Contains(ids[1:at], 2) && ids[at] == 1 {
			return 0
		}
		return int(ids[at])
	}}
	c := &comparison{subject: s, runner: opened{Runner: afterC, file: "f"}, progress: func(int) {},
		cases: []testCase{s.testCase(t, 0, 0, 1, 2, 0, 2, 0, 1, 1)}}
	if err := c.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	d := c.difference
	if d == nil || len(d.Input) != 2 || d.Input[0].Text()+d.Input[1].Text() != "cb" || d.Position != 1 || d.File != "f" {
		t.Errorf("got %+v", d)
	}
}

// TestRunErrors passes on what the runner reports.
func TestRunErrors(t *testing.T) {
	s := labelled(t)
	broken := errors.New("broken")
	c := &comparison{subject: s, runner: opened{Runner: &fake{label: copied, err: broken}}, progress: func(int) {},
		cases: []testCase{s.testCase(t, 0)}}
	if err := c.run(t.Context()); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}

// TestBatches runs each case once beside the padded batch, in batches of one
// length and of bounded work.
func TestBatches(t *testing.T) {
	s := subjectOf(t, "#: vocab = \"ab\"\n#: max_len = 11\nx = tokens;")
	cases, _, err := s.expect(t.Context(), makePlan(s, 3000, 0).all())
	if err != nil {
		t.Fatal(err)
	}
	c := &comparison{subject: s, cases: cases}
	seen := make([]int, len(cases))
	for _, batch := range c.batches() {
		n := len(cases[batch[0]].ids)
		if len(batch)*(n+1) > 2048+n {
			t.Errorf("a batch of %d cases of length %d", len(batch), n)
		}
		for _, i := range batch {
			seen[i]++
			if len(cases[i].ids) != n {
				t.Errorf("lengths %d and %d in one batch", n, len(cases[i].ids))
			}
		}
	}
	for i, times := range seen {
		if times != 1 {
			t.Fatalf("case %d runs %d times", i, times)
		}
	}
	lengths := map[int]bool{}
	for _, i := range c.padded() {
		lengths[len(cases[i].ids)] = true
	}
	if len(lengths) < 4 {
		t.Errorf("the padded batch has lengths %v", lengths)
	}
}

// TestRows lays out ids and masks.
func TestRows(t *testing.T) {
	s := labelled(t)
	c := &comparison{subject: s, cases: []testCase{{ids: []int{2}}, {ids: []int{0, 1, 2}}}}
	ids, mask := c.rows([]int{0, 1})
	if !slices.Equal(ids[0], []int64{3, 2, 4, 4}) || !slices.Equal(mask[0], []int64{1, 1, 0, 0}) ||
		!slices.Equal(ids[1], []int64{3, 0, 1, 2}) || !slices.Equal(mask[1], []int64{1, 1, 1, 1}) {
		t.Errorf("got %v, %v", ids, mask)
	}
}

// TestExpect counts the inputs on which a program is undefined.
func TestExpect(t *testing.T) {
	s := subjectOf(t, "#: vocab = \"ab\"\n#: max_len = 2\nx = {\"a\": 1}[tokens];")
	cases, undefined, err := s.expect(t.Context(), makePlan(s, 100, 0).all())
	if err != nil || len(cases) != 2 || undefined.total() != 4 {
		t.Errorf("%d cases,%v undefined, %v", len(cases), undefined, err)
	}
}

// TestSubjects refuses manifests that say something else than their program.
func TestSubjects(t *testing.T) {
	text := "#: vocab = \"ab\"\n#: bos = \"§\"\n#: inputs = \"§a*b*\"\n#: max_len = 3\nx = tokens;"
	for name, tt := range map[string]struct {
		change func(m *manifest.Manifest)
		want   string
	}{
		"nothing":         {func(m *manifest.Manifest) {}, ""},
		"a longer length": {func(m *manifest.Manifest) { m.Options.MaxLen++ }, "max_len"},
		"a shorter one":   {func(m *manifest.Manifest) { m.Options.MaxLen-- }, "max_len"},
		"causal":          {func(m *manifest.Manifest) { m.Options.Causal = true }, "causal"},
		"output":          {func(m *manifest.Manifest) { m.Options.Output = "y" }, "output"},
		"token kind":      {func(m *manifest.Manifest) { m.Options.Tokens = "int" }, "tokens"},
		"no BOS":          {func(m *manifest.Manifest) { m.Options.BOS = nil }, "bos"},
		"another BOS":     {func(m *manifest.Manifest) { m.Options.BOS.Exact = "a" }, "bos"},
		"no pattern":      {func(m *manifest.Manifest) { m.Options.Inputs = "" }, "inputs"},
		"tokens swapped": {func(m *manifest.Manifest) {
			v := m.Options.Vocab
			v[1], v[2] = v[2], v[1]
		}, "token 1"},
		"a token less":          {func(m *manifest.Manifest) { m.Options.Vocab = m.Options.Vocab[1:] }, "tokens"},
		"a program with errors": {func(m *manifest.Manifest) { m.Program.Source += "y = ;" }, ""},
		"a program without output": {func(m *manifest.Manifest) {
			m.Program.Source = strings.Replace(m.Program.Source, "x = tokens;", "x = 1;", 1)
		}, "no s-op"},
		"a program without a domain": {func(m *manifest.Manifest) { m.Program.Source = "x = tokens;" }, "vocabulary"},
		"an override that is wrong":  {func(m *manifest.Manifest) { m.Options.Overrides = []string{"max_len = 0"} }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			m := described(t, text)
			tt.change(m)
			_, err := newSubject(m, nil)
			if name == "nothing" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want something about %q", err, tt.want)
			}
		})
	}
}
