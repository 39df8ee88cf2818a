package disguise_test

import (
	"errors"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raspc/raspc/backend/decoder"
	"github.com/raspc/raspc/backend/disguise"
	"github.com/raspc/raspc/backend/layout"
	"github.com/raspc/raspc/backend/schedule"
	"github.com/raspc/raspc/craft"
	"github.com/raspc/raspc/craft/crafttest"
	"github.com/raspc/raspc/export/stock"
)

// ranks has two layers, heads and neurons in the first and a head in the second.
const ranks = `#: tokens = int
#: vocab = 0..3
#: max_len = 4
smaller = select(tokens_int, tokens_int, <);
same_earlier = select(tokens_int, tokens_int, ==) and select(indices, indices, <);
rank = selector_width(smaller or same_earlier);
sorted = aggregate(select(rank, indices, ==), tokens_int);
`

// placed lays a program out, with some room.
func placed(p *craft.Program, room int) *layout.Layout {
	s := schedule.Make(p)
	c := layout.Make(p, s, layout.Options{}).Model.Config
	return layout.Make(p, s, layout.Options{Pad: layout.Padding{Model: c.DModel + room, Heads: c.Heads + room, MLP: c.DMLP + room}})
}

// logits runs a model on some inputs.
func logits(t *testing.T, m *decoder.Model) []float64 {
	t.Helper()
	if err := decoder.Check(m); err != nil {
		t.Fatal(err)
	}
	f := decoder.NewForward(m)
	var all []float64
	for _, ids := range [][]int{{0}, {3, 1}, {2, 2, 0}, {3, 1, 0, 2}, {1, 1, 1, 1}} {
		out, err := f.Run(append([]int{m.Config.BOS}, ids...))
		if err != nil {
			t.Fatal(err)
		}
		for i := range ids {
			all = append(all, out.RawRowView(i+1)...)
		}
	}
	return all
}

// same compares logits.
func same(t *testing.T, got, want []float64) {
	t.Helper()
	far := func(x, y float64) bool { return math.Abs(x-y) > 1e-4 }
	if len(got) != len(want) {
		t.Fatalf("%d logits, want %d", len(got), len(want))
	}
	for i := range got {
		if far(got[i], want[i]) {
			t.Fatalf("logit %d is %g, want %g", i, got[i], want[i])
		}
	}
}

// TestPermute leaves what a model computes, and no head or column where it was but
// by chance.
func TestPermute(t *testing.T) {
	l := placed(craft.Prune(crafttest.Lower(t, ranks)), 5)
	seen := map[string]bool{}
	for seed := uint32(1); seed <= 4; seed++ {
		q := disguise.Permute(l, seed)
		same(t, logits(t, q.Model), logits(t, l.Model))
		if diff := cmp.Diff(q, disguise.Permute(l, seed)); diff != "" {
			t.Errorf("one seed makes two models: %s", diff)
		}
		seen[cmp.Diff(l.Columns, q.Columns)] = true
		slices.Sort(q.Columns)
		if at := slices.Compact(q.Columns); slices.ContainsFunc(at, func(c int) bool { return c >= l.Model.Config.DModel }) || len(at) < len(slices.Compact(slices.Sorted(slices.Values(l.Columns)))) {
			t.Errorf("columns %v of %v", at, l.Columns)
		}
	}
	if len(seen) != 4 || seen[""] {
		t.Error("seeds make the same order, or none")
	}
}

// TestNoise fills what is padding, and nothing that is read.
func TestNoise(t *testing.T) {
	l := placed(craft.Prune(crafttest.Lower(t, ranks)), 5)
	q, err := disguise.Noise(l, craft.Float32, 0.5, 1)
	if err != nil {
		t.Fatal(err)
	}
	same(t, logits(t, q.Model), logits(t, l.Model))
	d := q.Model.Config.DModel
	unused := func(col int) bool { return !slices.Contains(l.Columns, col) }
	var weights []float64
	for _, e := range q.Model.Embed.Entries {
		if unused(e.Col) {
			weights = append(weights, float64(e.W))
		}
	}
	mean, squares := 0.0, 0.0
	for _, w := range weights {
		mean, squares = mean+w/float64(len(weights)), squares+w*w/float64(len(weights))
	}
	if len(weights) < 25 || math.Abs(mean) > 0.3 || math.Abs(math.Sqrt(squares)-0.5) > 0.25 {
		t.Errorf("%d weights with mean %g and root of squares %g, of 6 tokens and 5 columns", len(weights), mean, math.Sqrt(squares))
	}
	for i, layer := range q.Model.Layers {
		for h, head := range layer.Heads {
			if len(head.Q.Entries) == 0 || len(head.K.Entries) == 0 || len(head.V.Entries) == 0 || len(head.O.Entries) == 0 {
				t.Errorf("layer %d: head %d has nothing", i, h)
			}
		}
		rows := map[int]bool{}
		for _, e := range layer.Out.Entries {
			rows[e.Row] = true
		}
		if len(rows) != q.Model.Config.DMLP || len(layer.In.Entries) < 5*d/2 {
			t.Errorf("layer %d: %d of %d neurons write, %d weights read", i, len(rows), q.Model.Config.DMLP, len(layer.In.Entries))
		}
	}
	if other, _ := disguise.Noise(l, craft.Float32, 0.5, 2); reflect.DeepEqual(other, q) {
		t.Error("two seeds make one model")
	}
}

// TestNoiseOfTypes draws numbers of each type, of which sums are normal numbers.
func TestNoiseOfTypes(t *testing.T) {
	l := placed(craft.Prune(crafttest.Lower(t, ranks)), 5)
	for _, a := range craft.Arithmetics() {
		for _, sigma := range []float64{0.001, 0.7} {
			q, err := disguise.Noise(l, a, sigma, 1)
			if err != nil {
				t.Fatal(err)
			}
			drawn := 0
			for _, m := range append([]decoder.Matrix{q.Model.Embed}, written(q.Model)...) {
				sums := map[int]float64{}
				for _, e := range m.Entries {
					if w := float64(e.W); !slices.Contains(l.Columns, e.Col) {
						if drawn++; a.Round(w) != w || math.Abs(w) < a.Smallest {
							t.Errorf("%v, %g: the weight %g", a, sigma, w)
						}
						sums[e.Row] += w
					}
				}
				for _, sum := range sums {
					if sum != 0 && math.Abs(sum) < a.Smallest {
						t.Errorf("%v, %g: weights add up to %g", a, sigma, sum)
					}
				}
			}
			if drawn < 100 {
				t.Errorf("%v, %g: %d weights", a, sigma, drawn)
			}
		}
	}
	if _, err := disguise.Noise(l, craft.Float16, 1e-4, 1); err == nil {
		t.Error("weights that float16 has no normal numbers for")
	}
}

// written are the matrices of layers that write to the stream.
func written(m *decoder.Model) []decoder.Matrix {
	var all []decoder.Matrix
	for _, l := range m.Layers {
		for _, h := range l.Heads {
			all = append(all, h.O)
		}
		all = append(all, l.Out)
	}
	return all
}

// TestNoiseNeedsRoom names what is missing.
func TestNoiseNeedsRoom(t *testing.T) {
	l := placed(craft.Prune(crafttest.Lower(t, ranks)), 0)
	if _, err := disguise.Noise(l, craft.Float32, 0.1, 1); !errors.Is(err, disguise.ErrNoRoom) {
		t.Errorf("%v, want %v", err, disguise.ErrNoRoom)
	}
	for _, sigma := range []float64{0, -1, 2, math.NaN(), 1e-9} {
		if _, err := disguise.Noise(placed(craft.Prune(crafttest.Lower(t, ranks)), 1), craft.Float32, sigma, 1); err == nil {
			t.Errorf("noise of %g", sigma)
		}
	}
}

// TestDuplicate holds a variable in as many places as asked for, all of them read.
func TestDuplicate(t *testing.T) {
	p := craft.Prune(crafttest.Lower(t, ranks))
	want := logits(t, placed(p, 0).Model)
	for _, name := range []string{"tokens", "rank", "indices", "sorted"} {
		for copies := 2; copies <= 5; copies++ {
			for _, mean := range []bool{false, true} {
				q := disguise.Duplicate(p, func(v craft.Variable) bool { return v.Name == name }, copies, mean)
				if err := craft.Check(q); err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				same(t, logits(t, placed(q, 0).Model), want)
				checkCopies(t, p, q, name, copies, mean)
			}
		}
	}
}

// checkCopies fails unless the variables of a name are there in all copies, each read:
// where readers take the mean of all, as far as the one variable is.
func checkCopies(t *testing.T, p, q *craft.Program, name string, copies int, mean bool) {
	t.Helper()
	count := func(p *craft.Program) (variables, read, idle int) {
		live := map[int]bool{}
		for _, e := range p.Unembed {
			live[e.From] = true
		}
		for _, part := range p.Parts {
			for _, from := range part.Reads() {
				live[from] = true
			}
		}
		for _, v := range p.Variables {
			if v.Name == name || strings.HasPrefix(v.Name, name+" (copy ") {
				variables++
				before := read
				for k := range v.Size() {
					if live[v.First+k] {
						read++
					}
				}
				if read == before {
					idle++
				}
			}
		}
		return variables, read, idle
	}
	variables, read, _ := count(p)
	if n, r, idle := count(q); n != copies*variables || mean && r != copies*read || idle > 0 {
		t.Errorf("%s: %d variables, %d of them not read, %d directions read, want %d times %d and %d", name, n, idle, r, copies, variables, read)
	}
}

// TestRotate leaves nothing along an axis, and what a column holds along its row of
// the matrix.
func TestRotate(t *testing.T) {
	l := placed(craft.Prune(crafttest.Lower(t, ranks)), 3)
	q, err := disguise.Rotate(l, craft.Float32, 1)
	if err != nil {
		t.Fatal(err)
	}
	same(t, logits(t, q.Model), logits(t, l.Model))
	r := q.Rotation
	zeros := 0
	for i := range r {
		sum := 0.0
		for j := range r {
			dot := 0.0
			for k := range r {
				dot += r[i][k] * r[j][k]
			}
			if want := map[bool]float64{true: 1}[i == j]; dot != want {
				t.Errorf("rows %d and %d: %g", i, j, dot)
			}
			if sum += r[i][j]; r[i][j] == 0 {
				zeros++
			}
			if math.Abs(r[i][j]) > 0.9 {
				t.Errorf("column %d is nearly along an axis: %g", i, r[i][j])
			}
		}
		if sum != 1 {
			t.Errorf("row %d adds up to %g", i, sum)
		}
	}
	if zeros > len(r)*len(r)/2 {
		t.Errorf("%d of %d entries are 0", zeros, len(r)*len(r))
	}
	for _, e := range q.Model.Embed.Entries {
		dot := 0.0 // what the token's row is along the direction of a column
		for _, f := range q.Model.Embed.Entries {
			if f.Row == e.Row {
				dot += float64(f.W) * r[e.Col][f.Col]
			}
		}
		want := 0.0
		for _, f := range l.Model.Embed.Entries {
			if f.Row == e.Row && f.Col == e.Col {
				want = float64(f.W)
			}
		}
		if dot != want {
			t.Errorf("token %d has %g along column %d, want %g", e.Row, dot, e.Col, want)
		}
	}
}

// TestRotateUsesTheLastColumn leaves no columns at the end that stock architectures
// would take for others, however much of the stream is padding.
func TestRotateUsesTheLastColumn(t *testing.T) {
	l := placed(craft.Prune(crafttest.Lower(t, "#: vocab = \"a\"\n#: max_len = 1\nx = tokens;\n")), 26)
	for seed := uint32(1); seed <= 200; seed++ {
		q, err := disguise.Rotate(l, craft.Float32, seed)
		if err != nil {
			t.Fatal(err)
		}
		if d := q.Model.Config.DModel; stock.Trimmed(q.Model).Config.DModel != d {
			t.Errorf("seed %d: of %d columns, some at the end are not used", seed, d)
		}
	}
}

// TestRotateNarrow has no weights that the type of the files has none for.
func TestRotateNarrow(t *testing.T) {
	q, err := disguise.Rotate(placed(craft.Prune(crafttest.Lower(t, ranks)), 13), craft.Float16, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range append(written(q.Model), q.Model.Layers[0].In, q.Model.Unembed) {
		for _, e := range m.Entries {
			if w := float64(e.W); craft.Float16.Round(w) != w || math.Abs(w) < craft.Float16.Smallest {
				t.Errorf("the weight %g", w)
			}
		}
	}
}

// TestRotateWidth makes the stream a multiple of four, and refuses one that is too
// wide.
func TestRotateWidth(t *testing.T) {
	l := placed(craft.Prune(crafttest.Lower(t, ranks)), 0)
	q, err := disguise.Rotate(l, craft.Float32, 1)
	if d := q.Model.Config.DModel; err != nil || d%4 != 0 || d < l.Model.Config.DModel || d >= l.Model.Config.DModel+4 {
		t.Errorf("%d columns of %d, %v", d, l.Model.Config.DModel, err)
	}
	p := craft.Prune(crafttest.Lower(t, ranks))
	wide := layout.Make(p, schedule.Make(p), layout.Options{Pad: layout.Padding{Model: disguise.MostRotated + 1}})
	if _, err := disguise.Rotate(wide, craft.Float32, 1); err == nil {
		t.Error("a stream that is too wide is rotated")
	}
}
