package batch_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/raspc/raspc/frontend/batch"
	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/interp"
	"github.com/raspc/raspc/frontend/resolve"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/sop/soptest"
	"github.com/raspc/raspc/frontend/value"
)

// spell writes what became of an input: values with their kinds, or the error and
// where it is.
func spell(out []value.Value, err error) string {
	var u *interp.Undefined
	switch {
	case errors.As(err, &u):
		return fmt.Sprintf("!%s n%d@%d", u.Err.Kind, u.Node, u.Position)
	case err != nil:
		return err.Error()
	}
	return (&sop.Table{Vals: out}).String()
}

// tally counts what became of inputs.
type tally struct{ defined, undefined int }

// check holds an evaluator to the interpreter on inputs of one length.
func check(t interface{ Fatalf(string, ...any) }, e *batch.Evaluator, plain *interp.Evaluator, root sop.ID, alphabet []value.Value, inputs []int, length int) (got tally) {
	next := 0
	err := e.Run(inputs, length, func(number int, out []value.Value, err error) error {
		if number != next {
			t.Fatalf("input %d after input %d", number, next-1)
		}
		next++
		var input []value.Value
		for _, place := range inputs[number*length : (number+1)*length] {
			input = append(input, alphabet[place])
		}
		r, wantErr := plain.Run(input)
		var want []value.Value
		if wantErr == nil {
			want = r.Sequence(root)
			got.defined++
		} else {
			got.undefined++
		}
		if w, g := spell(want, wantErr), spell(out, err); w != g {
			t.Fatalf("n%d on %s: a batch gives %s, the interpreter %s", root, (&sop.Table{Vals: input}).String(), g, w)
		}
		return nil
	})
	if err != nil || next*length != len(inputs) {
		t.Fatalf("%d of %d inputs, error %v", next, len(inputs)/length, err)
	}
	return got
}

// TestRandomGraphs: on random inputs, and on such that are counted through, a
// batch gives what the interpreter gives, errors included.
func TestRandomGraphs(t *testing.T) {
	total, full := tally{}, 0
	rapid.Check(t, func(t *rapid.T) {
		g := soptest.Graph(12).Draw(t, "graph")
		causal := rapid.Bool().Draw(t, "causal")
		alphabet := append(soptest.Input(4).Draw(t, "alphabet"), soptest.Atom().Draw(t, "token"))
		length := rapid.SampledFrom([]int{2, 3, 4, 5, 1}).Draw(t, "length")
		if rapid.IntRange(0, 15).Draw(t, "long") == 15 {
			length = 65
		}
		place := rapid.IntRange(0, len(alphabet)-1)
		batches := [][]int{
			counted(len(alphabet), length, 30),
			rapid.SliceOfN(place, 3*length, 3*length).Draw(t, "inputs"),
			rapid.SliceOfN(place, 1, 1).Draw(t, "token"),
		}
		limited := rapid.IntRange(0, 4).Draw(t, "limited") == 4
		for root := range sop.ID(g.Len()) {
			if g.Node(root).Selector() {
				continue
			}
			e, plain := batch.New(g, causal, root, alphabet), interp.New(g, causal, root)
			if limited {
				e.Limit(rapid.IntRange(0, 40).Draw(t, "values"), rapid.IntRange(0, 400).Draw(t, "cells"))
			}
			for i, length := range []int{length, length, 1} {
				got := check(t, e, plain, root, alphabet, batches[i], length)
				total.defined += got.defined
				total.undefined += got.undefined
			}
			if e.Full() {
				full++
			}
		}
	})
	t.Logf("%+v; %d ran out of room", total, full)
	if total.defined == 0 || total.undefined == 0 || full == 0 {
		t.Error("a case is missing")
	}
}

// counted are the first inputs of a length, in order.
func counted(tokens, length, most int) []int {
	in := make([]int, length)
	var all []int
	for range most {
		all = append(all, in...)
		at := length - 1
		for at >= 0 && in[at] == tokens-1 {
			in[at] = 0
			at--
		}
		if at < 0 {
			break
		}
		in[at]++
	}
	return all
}

// TestFixtures runs every program of the fixtures on short inputs of all lengths.
func TestFixtures(t *testing.T) {
	var files []string
	for _, pattern := range []string{"*.rasp", "tracr/*.rasp", "corpus/*.rasp"} {
		some, err := filepath.Glob(filepath.Join("..", "..", "fixtures", pattern))
		if err != nil || len(some) == 0 {
			t.Fatalf("%s: %d files, %v", pattern, len(some), err)
		}
		files = append(files, some...)
	}
	read := func(path string) (string, error) { return "", fs.ErrNotExist }
	ran, total := 0, tally{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		p, list := resolve.Run(diag.NewSource(file, string(text)), resolve.Options{Read: read})
		if list.HasErrors() || p.Output == nil || p.Output.Selector || !p.Settings.Vocab.Set {
			continue
		}
		ran++
		alphabet, causal := p.Settings.Alphabet(), p.Settings.Causal.Value
		e, plain := batch.New(p.Graph, causal, p.Output.ID, alphabet), interp.New(p.Graph, causal, p.Output.ID)
		for length := 1; length <= 4; length++ {
			got := check(t, e, plain, p.Output.ID, alphabet, counted(len(alphabet), length, 200), length)
			total.defined += got.defined
			total.undefined += got.undefined
		}
	}
	t.Logf("%d programs: %+v", ran, total)
	if ran < 100 || total.defined < 100*ran || total.undefined == 0 {
		t.Errorf("too few: %d programs, %+v", ran, total)
	}
}

// TestUnlikeKinds: an s-op of strings and numbers is undefined on those inputs
// that mix them.
func TestUnlikeKinds(t *testing.T) {
	for _, tt := range []struct {
		graph string
		want  tally
	}{
		{"n0 = tokens_asis\n", tally{defined: 5, undefined: 4}},
		{"n0 = tokens_asis\nn1 = indices\nn2 = const 1\nn3 = if n1 n0 n2", tally{defined: 1, undefined: 8}},
		{"n0 = tokens_asis\nn1 = indices\nn2 = select n1 < n1\nn3 = aggregate n2 n0", tally{defined: 1, undefined: 8}},
		// In a mixed graph they stand together, and have a mean where all are numbers.
		{"mixed\nn0 = tokens_asis\n", tally{defined: 9}},
		{"mixed\nn0 = tokens_asis\nn1 = indices\nn2 = select n1 < n1\nn3 = aggregate n2 n0 default None", tally{defined: 9}},
		{"mixed\nn0 = tokens_asis\nn1 = indices\nn2 = select n1 <= n1\nn3 = aggregate n2 n0", tally{defined: 1, undefined: 8}},
		{"mixed\nn0 = tokens_asis\nn1 = lookup n0 {\"a\": True, 1: None, \"b\": (1)}\nn2 = select n0 == n0\nn3 = aggregate n2 n1", tally{defined: 7, undefined: 2}},
	} {
		g, _, err := sop.Parse(tt.graph)
		if err != nil {
			t.Fatal(err)
		}
		alphabet, root := []value.Value{value.Str("a"), value.IntOf(1), value.Str("b")}, sop.ID(g.Len()-1)
		e := batch.New(g, false, root, alphabet)
		if got := check(t, e, interp.New(g, false, root), root, alphabet, counted(3, 2, 9), 2); got != tt.want {
			t.Errorf("%s: %+v", tt.graph, got)
		}
	}
}

// TestMeanDependsOnTheWholeSequence: a mean of booleans is defined on those inputs
// that hold a number elsewhere, also where it selects what all inputs share.
func TestMeanDependsOnTheWholeSequence(t *testing.T) {
	g, _, err := sop.Parse("n0 = tokens_asis\nn1 = indices\nn2 = const 2\nn3 = select n1 < n2\nn4 = aggregate n3 n0")
	if err != nil {
		t.Fatal(err)
	}
	alphabet := []value.Value{value.Bool(true), value.IntOf(7), value.Str("a")}
	for _, first := range []int{0, 1, 2} {
		inputs := []int{0, 0, first, 0, 0, (first + 1) % 3, 0, 0, (first + 2) % 3}
		got := check(t, batch.New(g, false, 4, alphabet), interp.New(g, false, 4), 4, alphabet, inputs, 3)
		if got != (tally{defined: 1, undefined: 2}) {
			t.Errorf("%+v", got)
		}
	}
}

// TestLongValues are left to the interpreter, on their inputs only.
func TestLongValues(t *testing.T) {
	g, _, err := sop.Parse("n0 = tokens_asis\nn1 = const 100\nn2 = mul n0 n1\n")
	if err != nil {
		t.Fatal(err)
	}
	alphabet := []value.Value{value.Str("a"), value.Str("")}
	e := batch.New(g, false, 2, alphabet)
	got := check(t, e, interp.New(g, false, 2), 2, alphabet, []int{0, 1, 0}, 1)
	if got != (tally{defined: 3}) || e.Full() {
		t.Errorf("%+v, full %t", got, e.Full())
	}
}

// TestRunStops at an error of its caller, whoever evaluates.
func TestRunStops(t *testing.T) {
	g, _, err := sop.Parse("n0 = indices\n")
	if err != nil {
		t.Fatal(err)
	}
	stop := errors.New("stop")
	for _, length := range []int{1, 65} {
		calls := 0
		err := batch.New(g, false, 0, []value.Value{value.Str("a")}).Run(make([]int, 3*length), length, func(int, []value.Value, error) error {
			calls++
			return stop
		})
		if err != stop || calls != 1 {
			t.Errorf("length %d: %d calls, error %v", length, calls, err)
		}
	}
}

// BenchmarkCounted evaluates all inputs of 8 tokens of 8, or the first of them.
func BenchmarkCounted(b *testing.B) {
	for _, name := range []string{"hist", "frac_prevs", "reverse", "sort", "sort_freq", "shuffle_dyck2"} {
		b.Run(name, func(b *testing.B) {
			text, err := os.ReadFile(filepath.Join("..", "..", "fixtures", "tracr", name+".rasp"))
			if err != nil {
				b.Fatal(err)
			}
			p, list := resolve.Run(diag.NewSource(name, string(text)), resolve.Options{})
			if list.HasErrors() {
				b.Fatal(list.Err())
			}
			var alphabet []value.Value
			for _, c := range strings.Split("abcdef01", "") {
				alphabet = append(alphabet, value.Str(c))
			}
			if name == "sort" {
				for i := range alphabet {
					alphabet[i] = value.IntOf(int64(i))
				}
			}
			e := batch.New(p.Graph, false, p.Output.ID, alphabet)
			inputs := slices.Clip(counted(8, 8, 1<<16))
			done := 0
			for b.Loop() {
				if err := e.Run(inputs, 8, func(int, []value.Value, error) error { done++; return nil }); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(done)/b.Elapsed().Seconds(), "sequences/s")
		})
	}
}
