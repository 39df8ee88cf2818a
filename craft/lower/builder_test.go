package lower

import (
	"math"
	"testing"

	"github.com/raspc/raspc/craft"
	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/interp"
	"github.com/raspc/raspc/frontend/resolve"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
	"github.com/raspc/raspc/frontend/values"
)

// bench is a builder whose plans are tried one by one.
type bench struct {
	*builder
	prog *resolve.Program
	out  sop.ID
}

func newBench(t testing.TB, text string) *bench {
	t.Helper()
	p, list := resolve.Run(diag.NewSource("test.rasp", text), resolve.Options{})
	if err := list.Err(); err != nil {
		t.Fatal(err)
	}
	s := p.Settings
	table, err := values.Infer(p.Graph, p.Output.ID, values.Domain{Vocab: s.Alphabet(), MaxLen: s.MaxLen.Value, Causal: s.Causal.Value})
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{newBuilder(table, Options{}), p, p.Output.ID}
	b.output = p.Output.ID
	return b
}

// function tabulates the output over its variables.
func (b *bench) function(t testing.TB) *function {
	t.Helper()
	leaves := b.inputs(b.out)
	for _, l := range leaves {
		if _, err := b.variable(l); err != nil {
			t.Fatal(err)
		}
	}
	return b.tabulate(b.out, leaves)
}

// emitted adds the MLP of a plan for the output and returns the program that
// computes it: as a number, or as a choice.
func (b *bench) emitted(t testing.TB, p *plan, f *function, enc craft.Encoding) *craft.Program {
	t.Helper()
	v := b.emit(b.out, "out", enc, f, p)
	prog := &b.builder.prog
	prog.Output = craft.Output{Encoding: enc, Name: "out"}
	var es []craft.Entry
	if enc == craft.Numeric {
		es = b.self(v).entries(0)
	} else {
		prog.Output.Labels = f.set
		for i := range f.set {
			es = append(es, b.indicator(v, []int{i}).entries(i)...)
		}
	}
	prog.Unembed = craft.NewMap(es)
	done := b.finish()
	if err := craft.Check(done); err != nil {
		t.Fatal(err)
	}
	return done
}

// right compares a program with the oracle on all inputs, in float64.
func (b *bench) right(t testing.TB, p *craft.Program, tolerance float64) {
	t.Helper()
	run, oracle := craft.NewRunner(p), interp.New(b.graph, p.Causal, b.out)
	for n := 1; n <= p.MaxLen; n++ {
		ids := make([]int, n)
		for more := true; more; more = increment(ids, len(p.Vocab)) {
			in := make([]value.Value, n)
			for i, id := range ids {
				in[i] = p.Vocab[id]
			}
			want, err := oracle.Run(in)
			if err != nil {
				continue
			}
			got, err := run.Run(ids)
			if err != nil {
				t.Fatal(err)
			}
			for i, w := range want.Sequence(b.out) {
				v, x := p.Output.Decode(got.Logits[i])
				wrong := !value.Equal(v, w) || x < 0.5
				if p.Output.Encoding == craft.Numeric {
					wrong = !(math.Abs(x-w.Rat().Float64()) <= tolerance)
				}
				if wrong {
					t.Fatalf("%v: position %d: got %s by %g, want %s", ids, i, v.Repr(), x, w.Repr())
				}
			}
		}
	}
}

func increment(ids []int, base int) bool {
	for i := len(ids) - 1; i >= 0; i-- {
		if ids[i]++; ids[i] < base {
			return true
		}
		ids[i] = 0
	}
	return false
}

// ints heads programs over a few numbers.
const ints = "#: tokens = int\n#: vocab = [0, 1, 3]\n#: max_len = 4\n"
