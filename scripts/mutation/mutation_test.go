package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raspc/raspc"
	"github.com/raspc/raspc/frontend/value"
	"github.com/raspc/raspc/verify"
)

// few are programs with labels and numbers, and with both kinds of attention, of
// some hundred inputs.
var few = []program{{"hist", "", 4, 0}, {"causal_dyck1", "", 6, 2}, {"frac_prevs", "", 4, 0}, {"sort", "0..3", 3, 0}}

func small(t *testing.T, programs ...program) session {
	t.Setenv("TMPDIR", t.TempDir())
	return session{seed: 1, count: 2, samples: []int{10, 50}, fixtures: "../../fixtures", programs: programs, log: io.Discard}
}

// TestMutants is a short session: the verifier makes no mistake, and the damages
// are damages.
func TestMutants(t *testing.T) {
	r, err := small(t, few...).run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	r.write(&b)
	t.Log("\n" + b.String())
	if r.Files != 2*len(few) || r.Inputs != [2]int{84, 340} {
		t.Errorf("%d files of %v inputs", r.Files, r.Inputs)
	}
	for _, d := range r.Damages {
		if d.Mutants == 0 || d.Certified != d.Changed || d.Mutants > r.Files*2 || d.Refused+d.Changed+d.Same != d.Mutants {
			t.Errorf("%+v", d)
		}
	}
	if all := sum(r.Damages); all.Changed < all.Mutants/3 || all.Same == 0 || all.Proved == 0 || all.Refused == 0 {
		t.Errorf("%+v", all)
	}
	if n := sum(r.Nudges); 10*n.Proved < 9*n.Same || n.Same < n.Mutants/2 {
		t.Errorf("%+v", n)
	}
	left, err := os.ReadDir(os.Getenv("TMPDIR"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// TestSeed compares sessions, whole and of one mutant.
func TestSeed(t *testing.T) {
	lines := func(seed uint64, only string) []string {
		var log strings.Builder
		s := small(t, few[0])
		s.seed, s.only, s.list, s.log = seed, only, true, &log
		if _, err := s.run(t.Context()); err != nil {
			t.Fatal(err)
		}
		return strings.Split(strings.TrimSpace(log.String()), "\n")
	}
	all := lines(1, "")
	if diff := cmp.Diff(all, lines(1, "")); diff != "" {
		t.Errorf("the same seed gives other mutants:\n%s", diff)
	}
	if slices.Equal(all, lines(2, "")) {
		t.Error("another seed gives the same mutants")
	}
	const name = "hist/safetensors/a tensor reordered/1"
	if one := lines(1, name); len(one) != 1 || !strings.HasPrefix(one[0], name) || !slices.Contains(all, one[0]) {
		t.Errorf("alone: %q", one)
	}
	s := small(t, few[0])
	s.only = "hist/onnx/a sign flipped/2"
	if _, err := s.run(t.Context()); err == nil {
		t.Error("of two mutants, there is a third one")
	}
}

// file exports a program.
func file(t *testing.T, format string, p program) *subject {
	t.Helper()
	f, err := export("../../fixtures", filepath.Join(t.TempDir(), format), format, p)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// judged judges what becomes of a file.
func judged(t *testing.T, f *subject, change func(w *weights) string) verdict {
	t.Helper()
	m, err := onWeights(func(w *weights, _ *rand.Rand) string { return change(w) })(t.Context(), f, nil)
	if err != nil || m == nil {
		t.Fatal(m, err)
	}
	v, err := f.judge(t.Context(), m, nil, 1)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestHeads swaps two heads of a layer as a whole, which changes nothing, and
// their queries, which does.
func TestHeads(t *testing.T) {
	for _, c := range []struct {
		format string
		p      program
	}{{raspc.FormatONNX, few[3]}, {raspc.FormatSafetensors, few[3]}, {raspc.FormatSafetensors, few[1]}} {
		f := file(t, c.format, c.p)
		n, err := f.headsPerLayer()
		if err != nil || n < 2 {
			t.Fatalf("%s/%s: %d heads a layer, %v", f.name, f.format, n, err)
		}
		for _, role := range []int{0, len(roles)} {
			v := judged(t, f, func(w *weights) string { h := w.heads(n); return h[0].swap(h[1], role) })
			if whole := role == len(roles); v.refused != "" || whole != (v.differs == nil) || whole != v.proved {
				t.Errorf("%s/%s: role %d of two heads: %s", f.name, f.format, role, v.text(nil))
			}
		}
	}
}

// TestMasks takes each part of a causal mask away.
func TestMasks(t *testing.T) {
	f := file(t, raspc.FormatONNX, few[1])
	for _, c := range []struct {
		what   string
		wrong  bool
		change func(w *weights) string
	}{
		{"mask/visible becomes mask/keys", true, func(w *weights) string { return w.bypass("And", "", 0) }},
		{"mask/visible becomes mask/causal", false, func(w *weights) string { return w.bypass("And", "", 1) }},
		{"hidden keys have the score 0", true, func(w *weights) string { return w.maskedScore(0) }},
	} {
		var what string
		v := judged(t, f, func(w *weights) string { what = c.change(w); return what })
		if what != c.what || v.refused != "" || (v.differs != nil) != c.wrong || v.proved {
			t.Errorf("%q: %s", what, v.text(nil))
		}
	}
}

// TestEdge holds a weight that is moved just too far against one that is moved
// by half of that.
func TestEdge(t *testing.T) {
	f := file(t, raspc.FormatONNX, few[0])
	rng := rand.New(rand.NewPCG(1, 1))
	for range 5 {
		m, err := moveTooFar(t.Context(), f, rng)
		if err != nil {
			t.Fatal(err)
		}
		if m == nil {
			continue
		}
		good, err := f.weights()
		if err != nil {
			t.Fatal(err)
		}
		far, err := decodeWeights(f.format, m.files["model.onnx"])
		if err != nil {
			t.Fatal(err)
		}
		for i, g := range good.tensors {
			for j, w := range far.tensors[i].data {
				far.tensors[i].data[j] = (w + g.data[j]) / 2
			}
		}
		data, err := far.encode()
		if err != nil {
			t.Fatal(err)
		}
		near := &mutant{files: map[string][]byte{"model.onnx": data}}
		for _, c := range []struct {
			m     *mutant
			wrong bool
		}{{m, true}, {near, false}} {
			if bad, err := f.errs(t.Context(), c.m); err != nil || bad != c.wrong {
				t.Errorf("%s: wrong is %v, %v", m.what, bad, err)
			}
		}
		return
	}
	t.Error("no weight of five matters")
}

func TestRounding(t *testing.T) {
	inf := float32(math.Inf(1))
	for _, c := range []struct{ v, bfloat16, float16 float32 }{
		{0, 0, 0},
		{1, 1, 1},
		{-3.5, -3.5, -3.5},
		{1 + 1.0/256, 1, 1 + 1.0/256},
		{1 + 3.0/256, 1 + 1.0/64, 1 + 3.0/256},
		{1 + 1.0/2048, 1, 1},
		{1 + 3.0/2048, 1, 1 + 1.0/512},
		{65519, 65536, 65504},
		{65520, 65536, inf},
		{-70000, -70144, -inf},
		{1 << 100, 1 << 100, inf},
		{1.0 / (1 << 24), 1.0 / (1 << 24), 1.0 / (1 << 24)},
		{1.0 / (1 << 25), 1.0 / (1 << 25), 0},
		{3.0 / (1 << 25), 3.0 / (1 << 25), 1.0 / (1 << 23)},
	} {
		if b, f := toBfloat16(c.v), toFloat16(c.v); b != c.bfloat16 || f != c.float16 {
			t.Errorf("%g becomes %g and %g", c.v, b, f)
		}
	}
}

// TestMistakes counts a wrong mutant as proved.
func TestMistakes(t *testing.T) {
	tr := &trial{session: session{seed: 3, count: 4}, result: newResult(3, []int{10})}
	m := &mutant{name: "hist/onnx/a sign flipped/2", what: "w[0]: 1 becomes -1"}
	wrong := &verify.Difference{Input: []value.Value{value.Str("a")}}
	tr.add(classes[2], m, verdict{differs: wrong, proved: true, killed: []bool{false}})
	tr.add(classes[2], m, verdict{differs: wrong, killed: []bool{true}})
	tr.add(classes[2], m, verdict{proved: true})
	tr.add(classes[2], m, verdict{refused: "truncated"})
	want := row{Class: "a sign flipped", Mutants: 4, Refused: 1, Changed: 2, Certified: 1, Sampled: []int{1}, Same: 1, Proved: 1}
	if diff := cmp.Diff(want, *tr.result.of(classes[2])); diff != "" {
		t.Error(diff)
	}
	const text = "hist/onnx/a sign flipped/2 (w[0]: 1 becomes -1) is wrong on ['a'] and proved\n" +
		"\tscripts/mutate --seed 3 --count 4 --only 'hist/onnx/a sign flipped/2'"
	if len(tr.mistakes) != 1 || tr.mistakes[0].Error() != text {
		t.Errorf("mistakes: %v", tr.mistakes)
	}
}

func TestTable(t *testing.T) {
	r := newResult(1, []int{10})
	r.Files, r.Inputs = 2, [2]int{84, 340}
	r.Damages = []row{{Class: "a sign flipped", Mutants: 2003, Refused: 1, Changed: 2000, Certified: 1999, Sampled: []int{1500}, Same: 2}}
	r.Nudges = []row{{Class: "by 1 ulp", Mutants: 3, Sampled: []int{0}}}
	path := filepath.Join(t.TempDir(), "a.md")
	if err := os.WriteFile(path, []byte("before\n"+begin+"old\n"+end+"after\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second one replaces the first
		if err := r.save(path, "scripts/mutate --seed 1"); err != nil {
			t.Fatal(err)
		}
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	for _, want := range []string{
		"before\n<!-- mutants -->\n\n    scripts/mutate --seed 1\n\nDamages of 2 files, of programs of 84 to 340 inputs.",
		"| a sign flipped | 2003 | 1 | 2000 | 99.9 % | 75 % | 2 | 0 % |\n| all | 2003 | 1 | 2000 | 99.9 % | 75 % | 2 | 0 % |\n",
		"| by 1 ulp | 3 | 0 | - |\n| all | 3 | 0 | - |\n\n<!-- /mutants -->\nafter\n",
	} {
		if strings.Count(text, want) != 1 {
			t.Errorf("%q is not once in\n%s", want, text)
		}
	}
	if err := os.WriteFile(path, []byte(begin), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := r.save(path, ""); err == nil {
		t.Error("a document without an end is written")
	}
}

func TestUsage(t *testing.T) {
	for _, args := range [][]string{{"--unknown"}, {"nothing"}, {"--only", "nothing/onnx/a sign flipped/0"}} {
		var stderr strings.Builder
		if code := run(context.Background(), args, io.Discard, &stderr); code != 2 || stderr.Len() == 0 {
			t.Errorf("%v: exit code %d, %q", args, code, stderr.String())
		}
	}
	some, err := chosen(nil, "sort/onnx/a sign flipped/0")
	if got := fmt.Sprint(some); err != nil || got != "[{sort 0..4 5 0}]" {
		t.Errorf("%s, %v", got, err)
	}
}
