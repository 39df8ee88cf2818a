package layout_test

import (
	"bytes"
	"errors"
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/raspc/raspc/backend/decoder"
	"github.com/raspc/raspc/backend/disguise"
	"github.com/raspc/raspc/backend/layout"
	"github.com/raspc/raspc/backend/schedule"
	"github.com/raspc/raspc/craft"
	"github.com/raspc/raspc/craft/lower"
	"github.com/raspc/raspc/craft/squeeze"
	"github.com/raspc/raspc/export/onnx"
	"github.com/raspc/raspc/frontend/interp"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/sop/soptest"
	"github.com/raspc/raspc/frontend/value"
	"github.com/raspc/raspc/frontend/values"
	"github.com/raspc/raspc/verify/onnxrun"
)

// TestGeneratedPrograms compiles random programs and compares the craft
// program, the decoder and the ONNX file in float32 with the oracle, on every
// input of a small domain.
func TestGeneratedPrograms(t *testing.T) {
	compiled, refused := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		g := soptest.Graph(45).Draw(t, "graph")
		d := domain(t)
		out := root(g)
		opts := lower.Options{MaterializeAll: rapid.Bool().Draw(t, "materialize")}
		m, err := compile(g, out, d, opts, rapid.Bool().Draw(t, "reuse"), rapid.Bool().Draw(t, "squeeze"), drawMask(t))
		var le *lower.Error
		var limit *values.LimitError
		var unsupported *values.UnsupportedError
		if errors.As(err, &le) || errors.As(err, &limit) || errors.As(err, &unsupported) {
			refused++
			return
		}
		if err != nil {
			t.Fatalf("%v\n%s", err, sop.Dump(g, out))
		}
		compiled++
		m.compare(t)
	})
	t.Logf("%d programs compiled, %d refused", compiled, refused)
}

// domain draws a vocabulary of ints, strings, floats or booleans, now and then
// with one of them as the program's own BOS.
func domain(t *rapid.T) values.Domain {
	half := func(n int64) value.Value { return value.Number(value.KindFloat, value.Frac(n, 2)) }
	d := values.Domain{MaxLen: rapid.IntRange(3, 5).Draw(t, "length"), Causal: rapid.Bool().Draw(t, "causal")}
	d.Vocab = rapid.SampledFrom([][]value.Value{
		{value.IntOf(0), value.IntOf(1), value.IntOf(3)}, {value.IntOf(0), value.IntOf(1), value.IntOf(3)},
		{value.Str("1"), value.Str("a"), value.Str("b")}, {half(-3), half(1), half(4)}, {value.Bool(false), value.Bool(true)},
	}).Draw(t, "vocab")
	if rapid.IntRange(0, 3).Draw(t, "bos") == 0 {
		d.BOS = &d.Vocab[1]
	}
	return d
}

// opens reports whether the declared BOS, if there is one, stands where it
// should.
func opens(d values.Domain, in []value.Value) bool {
	for i, v := range in {
		if d.BOS != nil && value.Equal(v, *d.BOS) != (i == 0) {
			return false
		}
	}
	return true
}

// root is the last s-op of a graph.
func root(g *sop.Graph) sop.ID {
	for id := sop.ID(g.Len() - 1); ; id-- {
		if !g.Node(id).Selector() {
			return id
		}
	}
}

// compiled is a program in all its forms.
type compiled struct {
	graph  *sop.Graph
	out    sop.ID
	domain values.Domain
	craft  *craft.Program
	layout *layout.Layout
	onnx   *onnxrun.Model
}

// mask is what is done to a model that is not to change what it computes.
type mask struct {
	copies                 int // of one variable; 0 for none
	variable               int
	mean                   bool
	pad                    layout.Padding
	noise, permute, rotate uint32 // seeds; 0 for none
}

// drawMask draws what is done to a model: to every other one, nothing.
func drawMask(t *rapid.T) mask {
	if !rapid.Bool().Draw(t, "mask") {
		return mask{}
	}
	seed := func(name string) uint32 { return uint32(rapid.IntRange(0, 3).Draw(t, name)) }
	size := rapid.IntRange(0, 24)
	return mask{
		copies: rapid.SampledFrom([]int{0, 2, 3, 4}).Draw(t, "copies"), variable: rapid.IntRange(0, 9).Draw(t, "variable"), mean: rapid.Bool().Draw(t, "mean"),
		pad:   layout.Padding{Model: size.Draw(t, "columns"), Heads: size.Draw(t, "heads") / 6, MLP: size.Draw(t, "neurons")},
		noise: seed("noise"), permute: seed("permute"), rotate: seed("rotate"),
	}
}

// duplicate holds a variable in several places.
func (m mask) duplicate(p *craft.Program) *craft.Program {
	if m.copies == 0 || len(p.Variables) == 0 {
		return p
	}
	first := p.Variables[m.variable%len(p.Variables)].First
	return disguise.Duplicate(p, func(v craft.Variable) bool { return v.First == first }, m.copies, m.mean)
}

// put changes a layout.
func (m mask) put(l *layout.Layout) (*layout.Layout, error) {
	if m.noise > 0 {
		noisy, err := disguise.Noise(l, craft.Float32, 0.1*float64(m.noise), m.noise)
		if err == nil {
			l = noisy
		} else if !errors.Is(err, disguise.ErrNoRoom) {
			return nil, err
		}
	}
	if m.permute > 0 {
		l = disguise.Permute(l, m.permute)
	}
	if m.rotate > 0 {
		return disguise.Rotate(l, craft.Float32, m.rotate)
	}
	return l, nil
}

func compile(g *sop.Graph, out sop.ID, d values.Domain, opts lower.Options, reuse, squeezed bool, mask mask) (*compiled, error) {
	table, err := values.Infer(g, out, d)
	if err != nil {
		return nil, err
	}
	p, err := lower.Lower(table, out, opts)
	if err != nil {
		return nil, err
	}
	if err := craft.Check(p); err != nil {
		return nil, err
	}
	p = craft.Prune(p)
	if squeezed {
		p = squeeze.Make(p, craft.Float32, nil)
	}
	p = mask.duplicate(p)
	s := schedule.Make(p)
	l, err := mask.put(layout.Make(p, s, layout.Options{Reuse: reuse, Pad: mask.pad}))
	if err != nil {
		return nil, err
	}
	if err := errors.Join(craft.Check(p), schedule.Check(p, s), layout.Check(p, l)); err != nil {
		return nil, err
	}
	var file bytes.Buffer
	if _, err := onnx.Encode(&file, l.Model, onnx.Options{}); err != nil {
		return nil, err
	}
	m, err := onnxrun.Decode(file.Bytes(), onnxrun.DefaultLimits())
	return &compiled{g, out, d, p, l, m}, err
}

// compare checks every input on which the program is defined.
func (m *compiled) compare(t *rapid.T) {
	oracle := interp.New(m.graph, m.domain.Causal, m.out)
	run := craft.NewRunner(m.craft)
	forward := decoder.NewForward(m.layout.Model)
	for n := 1; n <= m.domain.MaxLen; n++ {
		var rows, masks [][]int64
		var wants [][]value.Value
		ids := make([]int, n)
		for more := true; more; more = next(ids, len(m.domain.Vocab)) {
			in := make([]value.Value, n)
			row := []int64{int64(m.layout.Model.Config.BOS)}
			for i, id := range ids {
				in[i] = m.domain.Vocab[id]
				row = append(row, int64(id))
			}
			r, err := oracle.Run(in)
			if err != nil || !opens(m.domain, in) {
				continue
			}
			want := r.Sequence(m.out)
			m.checkCraft(t, run, ids, want)
			m.checkDecoder(t, forward, ids, want)
			rows, wants = append(rows, row), append(wants, want)
			masks = append(masks, ones(n+1))
		}
		if len(rows) == 0 {
			continue
		}
		logits, err := m.onnx.Run(rows, masks)
		if err != nil {
			t.Fatal(err)
		}
		for k, want := range wants {
			for i, w := range want {
				m.same(t, "onnx", rows[k], i, floats(logits[k][i+1]), w)
			}
		}
	}
}

func (m *compiled) checkCraft(t *rapid.T, run *craft.Runner, ids []int, want []value.Value) {
	got, err := run.Run(ids)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range m.craft.Variables {
		for k, c := range v.AtBOS {
			if e := math.Abs(got.Residual[0][v.First+k] - c.Float64()); e > 1e-6*max(1, math.Abs(c.Float64())) {
				t.Fatalf("%v: at BOS %s holds %g, want %s", ids, m.craft.Residual[v.First+k], got.Residual[0][v.First+k], c)
			}
		}
	}
	for i, w := range want {
		m.same(t, "craft", ids, i, got.Logits[i], w)
	}
}

func (m *compiled) checkDecoder(t *rapid.T, f *decoder.Forward, ids []int, want []value.Value) {
	logits, err := f.Run(append([]int{m.layout.Model.Config.BOS}, ids...))
	if err != nil {
		t.Fatal(err)
	}
	for i, w := range want {
		m.same(t, "decoder", ids, i, logits.RawRowView(i+1), w)
	}
}

func (m *compiled) same(t *rapid.T, form string, ids any, i int, logits []float64, want value.Value) {
	got, x := m.craft.Output.Decode(logits)
	if m.craft.Output.Encoding == craft.Numeric {
		w := want.Rat().Float64()
		if math.Abs(x-w) > 2e-5*max(1, math.Abs(w)) {
			t.Fatalf("%s: %v position %d: got %g, want %s\n%s", form, ids, i, x, want.Rat(), sop.Dump(m.graph, m.out))
		}
	} else if !value.Equal(got, want) || x < 1e-3 {
		t.Fatalf("%s: %v position %d: got %s by %g, want %s\n%s", form, ids, i, got.Repr(), x, want.Repr(), sop.Dump(m.graph, m.out))
	}
}

func next(ids []int, base int) bool {
	for i := len(ids) - 1; i >= 0; i-- {
		if ids[i]++; ids[i] < base {
			return true
		}
		ids[i] = 0
	}
	return false
}

func ones(n int) []int64 {
	m := make([]int64, n)
	for i := range m {
		m[i] = 1
	}
	return m
}

func floats(row []float32) []float64 {
	f := make([]float64, len(row))
	for i, x := range row {
		f[i] = float64(x)
	}
	return f
}
