package interp_test

import (
	"errors"
	"io/fs"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/interp"
	"github.com/raspc/raspc/frontend/resolve"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/sop/soptest"
	"github.com/raspc/raspc/frontend/syntax/syntaxtest"
	"github.com/raspc/raspc/frontend/value"
)

// Limits of the runs here, which keep each of them within milliseconds.
const (
	mostNodes = 2000
	mostWork  = 10_000_000
	mostRoom  = 1 << 24
)

// outcome is what became of a program on its inputs.
type outcome struct{ resolved, defined, undefined, given int }

// checkPrograms runs a text on inputs, if it is a program: an output is as long
// as its input and of one type, what is undefined is so at one of the program's
// nodes and positions, and a run depends on its input alone.
func checkPrograms(t interface{ Fatalf(string, ...any) }, text string, inputs [][]value.Value) (got outcome) {
	read := func(string) (string, error) { return "", fs.ErrNotExist }
	p, list := resolve.Run(diag.NewSource("f.rasp", text), resolve.Options{Read: read})
	if list.HasErrors() || p.Output == nil || p.Graph.Len() > mostNodes {
		return got
	}
	got.resolved++
	e := interp.New(p.Graph, p.Settings.Causal.Value, p.Output.ID)
	e.Limit(mostWork, mostRoom)
	var first []string
	for _, input := range inputs {
		before := slices.Clone(input)
		r, err := e.Run(input)
		if !slices.EqualFunc(before, input, value.Identical) {
			t.Fatalf("%q changes its input %v", text, before)
		}
		var limit *interp.LimitError
		switch {
		case errors.As(err, &limit):
			got.given++
		case err != nil:
			checkUndefined(t, text, p.Graph, err, len(input))
			got.undefined++
		default:
			checkResult(t, text, r, p.Output, len(input))
			got.defined++
		}
		first = append(first, spell(p.Graph, r, err, p.Output.ID))
	}
	for i := range slices.Backward(inputs) {
		r, err := e.Run(inputs[i])
		if again := spell(p.Graph, r, err, p.Output.ID); again != first[i] {
			t.Fatalf("%q gives %s on input %d, and then %s", text, first[i], i, again)
		}
	}
	return got
}

func checkUndefined(t interface{ Fatalf(string, ...any) }, text string, g *sop.Graph, err error, length int) {
	var u *interp.Undefined
	if !errors.As(err, &u) || u.Node < 0 || int(u.Node) >= g.Len() || u.Position < -1 || u.Position >= length || u.Error() == "" {
		t.Fatalf("%q: %#v on an input of length %d", text, err, length)
	}
}

func checkResult(t interface{ Fatalf(string, ...any) }, text string, r *interp.Result, out *resolve.Output, length int) {
	if out.Selector {
		if m := r.Matrix(out.ID); m.Size() != length {
			t.Fatalf("%q: a matrix of size %d for %d tokens", text, m.Size(), length)
		}
		return
	}
	typ, err := value.TypeOf(r.Sequence(out.ID))
	if err != nil || typ != r.Type(out.ID) || len(r.Sequence(out.ID)) != length {
		t.Fatalf("%q: %v for %d tokens, %v", text, r.Sequence(out.ID), length, err)
	}
}

// FuzzRun runs any text on an input.
func FuzzRun(f *testing.F) {
	for _, text := range syntaxtest.Files(f) {
		f.Add(text, "312")
		f.Add(text, "aba")
	}
	f.Fuzz(func(t *testing.T, text, tokens string) {
		var inputs [][]value.Value
		for i, r := range []rune(tokens) {
			if i == 20 {
				break
			}
			if i%5 == 0 {
				inputs = append(inputs, nil)
			}
			last := len(inputs) - 1
			inputs[last] = append(inputs[last], value.Str(string(r)))
		}
		checkPrograms(t, text, inputs)
	})
}

// FuzzPrograms runs programs most of which are right and defined.
func FuzzPrograms(f *testing.F) {
	for _, seed := range syntaxtest.Bytes() {
		f.Add(seed)
	}
	f.Fuzz(rapid.MakeFuzz(func(t *rapid.T) { checkRandomProgram(t) }))
}

func checkRandomProgram(t *rapid.T) outcome {
	text := syntaxtest.Program().Draw(t, "program")
	return checkPrograms(t, text, rapid.SliceOfN(soptest.Input(6), 1, 3).Draw(t, "inputs"))
}

// TestPrograms does so without a fuzzer, and keeps the programs from being
// refused or undefined too often.
func TestPrograms(t *testing.T) {
	all, total := 0, outcome{}
	rapid.Check(t, func(t *rapid.T) {
		got := checkRandomProgram(t)
		all++
		total.resolved += got.resolved
		total.defined += got.defined
		total.undefined += got.undefined
		total.given += got.given
	})
	t.Logf("of %d programs: %+v", all, total)
	if 3*total.resolved < all || 3*total.defined < total.defined+total.undefined+total.given {
		t.Error("too few")
	}
}
