package interp_test

import (
	"errors"
	"math/big"
	"slices"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/raspc/raspc/frontend/interp"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/sop/soptest"
	"github.com/raspc/raspc/frontend/value"
)

// naive evaluates a graph again, as directly as the definitions read: cells in
// plain slices, sums in big.Rat, causality where a row is used. It shares with
// the interpreter only the scalar operators.
type naive struct {
	g      *sop.Graph
	input  []value.Value
	causal bool
	set    []interp.Patch
	seqs   map[sop.ID][]value.Value
	mats   map[sop.ID][][]bool
}

var errNaive = errors.New("undefined")

// run evaluates the nodes below root in order. It returns the first node that
// is undefined and the position, or -1 and -1.
func (n *naive) run(root sop.ID) (sop.ID, int) {
	n.seqs, n.mats = map[sop.ID][]value.Value{}, map[sop.ID][][]bool{}
	needed := map[sop.ID]bool{}
	n.mark(needed, root)
	for id := range root + 1 {
		if !needed[id] {
			continue
		}
		node := n.g.Node(id)
		rows, seq := make([][]bool, len(n.input)), make([]value.Value, len(n.input))
		for i := range n.input {
			var err error
			if node.Selector() {
				rows[i], err = n.row(node, i)
			} else {
				seq[i], err = n.element(node, i)
			}
			if err != nil {
				return id, i
			}
		}
		if node.Selector() {
			n.mats[id] = rows
			continue
		}
		n.seqs[id] = seq
		if has(seq, value.KindString) && (has(seq, value.KindBool) || has(seq, value.KindInt) || has(seq, value.KindFloat)) {
			return id, -1
		}
	}
	return -1, -1
}

func (n *naive) mark(needed map[sop.ID]bool, id sop.ID) {
	if needed[id] {
		return
	}
	needed[id] = true
	for _, a := range n.g.Node(id).Args {
		n.mark(needed, a)
	}
}

func has(vs []value.Value, k value.Kind) bool {
	return slices.ContainsFunc(vs, func(v value.Value) bool { return v.Kind() == k })
}

func (n *naive) row(node *sop.Node, q int) ([]bool, error) {
	row := make([]bool, len(n.input))
	for k := range row {
		switch node.Op {
		case sop.Select:
			key, query := n.seqs[node.Args[0]][k], n.seqs[node.Args[1]][q]
			holds, err := node.Cmp.Holds(key, query)
			if err != nil {
				return nil, err
			}
			row[k] = holds
		case sop.SelNot:
			row[k] = !n.mats[node.Args[0]][q][k]
		case sop.SelAnd:
			row[k] = n.mats[node.Args[0]][q][k] && n.mats[node.Args[1]][q][k]
		case sop.SelOr:
			row[k] = n.mats[node.Args[0]][q][k] || n.mats[node.Args[1]][q][k]
		}
	}
	return row, nil
}

// selected lists the positions that row q of a selector selects.
func (n *naive) selected(sel sop.ID, q int) []int {
	var keys []int
	for k, yes := range n.mats[sel][q] {
		if yes && (!n.causal || k <= q) {
			keys = append(keys, k)
		}
	}
	return keys
}

func (n *naive) element(node *sop.Node, i int) (value.Value, error) {
	if v, ok := n.patched(node.ID, i); ok {
		return v, nil
	}
	arg := func(k int) value.Value { return n.seqs[node.Args[k]][i] }
	switch node.Op {
	case sop.Tokens:
		if v, ok := n.patched(interp.Input, i); ok {
			return node.Read.Of(v)
		}
		return node.Read.Of(n.input[i])
	case sop.Indices:
		return value.IntOf(int64(i)), nil
	case sop.Const:
		return node.Value, nil
	case sop.Width:
		return value.IntOf(int64(len(n.selected(node.Args[0], i)))), nil
	case sop.Aggregate:
		return n.mean(n.seqs[node.Args[1]], n.selected(node.Args[0], i), node.Value)
	case sop.In:
		yes := slices.ContainsFunc(node.Table.Vals, func(v value.Value) bool { return value.Equal(v, arg(0)) })
		return value.Bool(yes), nil
	case sop.Lookup:
		return n.entry(node.Table, arg(0))
	case sop.If:
		if arg(0).Truth() {
			return arg(1), nil
		}
		return arg(2), nil
	}
	args := []value.Value{arg(0)}
	if len(node.Args) > 1 {
		args = append(args, arg(1))
	}
	return node.Apply(args...)
}

// patched looks for the last patch at a position of an s-op.
func (n *naive) patched(id sop.ID, i int) (value.Value, bool) {
	for _, p := range slices.Backward(n.set) {
		if p.Node == id && p.Position == i {
			return p.Value, true
		}
	}
	return value.Value{}, false
}

func (n *naive) mean(v []value.Value, keys []int, def value.Value) (value.Value, error) {
	switch len(keys) {
	case 0:
		return def, nil
	case 1:
		return v[keys[0]], nil
	}
	if has(v, value.KindString) || !has(v, value.KindInt) && !has(v, value.KindFloat) {
		return value.Value{}, errNaive
	}
	sum := new(big.Rat)
	for _, k := range keys {
		sum.Add(sum, v[k].Rat().Big())
	}
	sum.Quo(sum, new(big.Rat).SetInt64(int64(len(keys))))
	return value.Number(value.KindFloat, value.FromBig(sum)), nil
}

func (n *naive) entry(t *sop.Table, x value.Value) (value.Value, error) {
	if t.Dict {
		for i, k := range t.Keys {
			if value.Compare(k, x) == 0 {
				return t.Vals[i], nil
			}
		}
		return value.Value{}, errNaive
	}
	for i := range t.Vals {
		for _, index := range []int{i, i - len(t.Vals)} {
			whole := x.Kind() == value.KindInt || x.Kind() == value.KindBool
			if whole && value.Equal(x, value.IntOf(int64(index))) {
				return t.Vals[i], nil
			}
		}
	}
	return value.Value{}, errNaive
}

// patches draws interventions on s-ops that a root depends on.
func patches(t *rapid.T, g *sop.Graph, root sop.ID, length int) []interp.Patch {
	nodes := []sop.ID{interp.Input}
	for _, id := range g.Reachable(root) {
		if !g.Node(id).Selector() {
			nodes = append(nodes, id)
		}
	}
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) interp.Patch {
		return interp.Patch{
			Node:     rapid.SampledFrom(nodes).Draw(t, "node"),
			Position: rapid.IntRange(0, length-1).Draw(t, "position"),
			Value:    soptest.Input(1).Draw(t, "value")[0],
		}
	}), 0, 3).Draw(t, "patches")
}

// TestNaiveAgrees runs random graphs on random inputs both ways, half of them
// under interventions.
func TestNaiveAgrees(t *testing.T) {
	defined := 0
	rapid.Check(t, func(t *rapid.T) {
		n := naive{
			g:      soptest.Graph(25).Draw(t, "graph"),
			input:  soptest.Input(6).Draw(t, "input"),
			causal: rapid.Bool().Draw(t, "causal"),
		}
		root := sop.ID(rapid.IntRange(0, n.g.Len()-1).Draw(t, "root"))
		if rapid.Bool().Draw(t, "patched") {
			n.set = patches(t, n.g, root, len(n.input))
		}
		r, err := interp.New(n.g, n.causal, root).Run(n.input, n.set...)
		badNode, badPos := n.run(root)
		var u *interp.Undefined
		if errors.As(err, &u) {
			if u.Node != badNode || u.Position != badPos {
				t.Fatalf("%v: undefined at n%d@%d, want n%d@%d in\n%s", err, u.Node, u.Position, badNode, badPos, sop.Dump(n.g))
			}
			return
		}
		if err != nil || badNode >= 0 {
			t.Fatalf("error %v, want undefined at n%d@%d in\n%s", err, badNode, badPos, sop.Dump(n.g))
		}
		defined++
		n.compare(t, r)
	})
	if defined < 20 {
		t.Errorf("only %d graphs were defined", defined)
	}
}

func (n *naive) compare(t *rapid.T, r *interp.Result) {
	for id, want := range n.seqs {
		if !slices.EqualFunc(r.Sequence(id), want, value.Identical) {
			t.Fatalf("n%d is %s, want %s in\n%s", id, spell(n.g, r, nil, id), (&sop.Table{Vals: want}).String(), sop.Dump(n.g))
		}
	}
	for id, cells := range n.mats {
		m := r.Matrix(id)
		for q := range cells {
			selected := n.selected(id, q)
			if m.Width(q) != len(selected) || !slices.Equal(slices.Collect(m.Keys(q)), selected) {
				t.Fatalf("row %d of n%d is %s, want %v in\n%s", q, id, rows(m), selected, sop.Dump(n.g))
			}
			for k := range cells {
				if m.At(q, k) != slices.Contains(selected, k) {
					t.Fatalf("cell %d, %d of n%d is wrong in\n%s", q, k, id, sop.Dump(n.g))
				}
			}
		}
	}
}

// TestCausalLooksBackOnly: under causality a longer input does not change what
// stood before, where both are defined.
func TestCausalLooksBackOnly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := soptest.Graph(25).Draw(t, "graph")
		input := soptest.Input(8).Draw(t, "input")
		root := sop.ID(rapid.IntRange(0, g.Len()-1).Draw(t, "root"))
		cut := rapid.IntRange(1, len(input)).Draw(t, "cut")
		e := interp.New(g, true, root)
		whole, err1 := e.Run(input)
		part, err2 := e.Run(input[:cut])
		if err1 != nil || err2 != nil {
			return
		}
		if g.Node(root).Selector() {
			for q := range cut {
				if !slices.Equal(slices.Collect(whole.Matrix(root).Keys(q)), slices.Collect(part.Matrix(root).Keys(q))) {
					t.Fatalf("row %d differs", q)
				}
			}
			return
		}
		if !slices.EqualFunc(whole.Sequence(root)[:cut], part.Sequence(root), value.Identical) {
			t.Fatalf("%s begins %s", spell(g, part, nil, root), spell(g, whole, nil, root))
		}
	})
}

// TestMatrixBeyondOneWord crosses the 64 positions that a machine word holds.
func TestMatrixBeyondOneWord(t *testing.T) {
	g, _ := parse(t, "n0 = indices\nn1 = select n0 < n0\nn2 = sel_not n1\nn3 = width n2\nn4 = aggregate n1 n0")
	for _, n := range []int{63, 64, 65, 127, 128, 129, 200} {
		input := make([]value.Value, n)
		for _, causal := range []bool{false, true} {
			r, err := interp.New(g, causal, 3, 4).Run(input)
			if err != nil {
				t.Fatal(err)
			}
			for q := range n {
				wantWidth, wantMean := n-q, value.Frac(int64(q-1), 2)
				if causal {
					wantWidth = 1
				}
				if q == 0 {
					wantMean = value.Int(0)
				}
				if got := r.Sequence(3)[q]; !value.Identical(got, value.IntOf(int64(wantWidth))) {
					t.Fatalf("length %d, causal %t: width of row %d is %s", n, causal, q, got.Display())
				}
				if got := r.Sequence(4)[q]; !got.Rat().Equal(wantMean) {
					t.Fatalf("length %d, causal %t: mean of row %d is %s", n, causal, q, got.Display())
				}
			}
			if m := r.Matrix(2); rows(m.Causal()) != rows(mustRun(t, g, true, 3, input).Matrix(2)) {
				t.Fatalf("length %d: Causal differs from a causal run", n)
			}
		}
	}
}

func mustRun(t *testing.T, g *sop.Graph, causal bool, root sop.ID, input []value.Value) *interp.Result {
	t.Helper()
	r, err := interp.New(g, causal, root).Run(input)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestConcurrentRuns shares one evaluator; results of earlier runs stay.
func TestConcurrentRuns(t *testing.T) {
	g, roots := parse(t, "n0 = tokens_int\nn1 = select n0 <= n0\nn2 = width n1\nn3 = aggregate n1 n0\nroots n2 n3")
	e := interp.New(g, false, roots...)
	var wg sync.WaitGroup
	for start := range 4 {
		wg.Go(func() {
			var results []*interp.Result
			for i := range 50 {
				input := []value.Value{value.IntOf(int64(start)), value.IntOf(int64(i)), value.IntOf(7)}
				r, err := e.Run(input)
				if err != nil {
					t.Error(err)
					return
				}
				results = append(results, r)
			}
			for i, r := range results {
				if got := r.Sequence(0)[1]; !value.Equal(got, value.IntOf(int64(i))) {
					t.Errorf("result %d became that of %s", i, got.Display())
				}
			}
		})
	}
	wg.Wait()
}

// TestResultsDoNotShareRoom: appending to one sequence spares the next.
func TestResultsDoNotShareRoom(t *testing.T) {
	g, _ := parse(t, "n0 = indices\nn1 = neg n0")
	r := mustRun(t, g, false, 1, make([]value.Value, 3))
	_ = append(r.Sequence(0), value.IntOf(99))
	if got := spell(g, r, nil, 1); got != "[0, -1, -2]" {
		t.Errorf("n1 became %s", got)
	}
}
