package lower_test

import (
	"testing"

	"github.com/raspc/raspc/craft"
	"github.com/raspc/raspc/craft/lower"
	"github.com/raspc/raspc/frontend/interp"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
	"github.com/raspc/raspc/frontend/values"
)

// graph builds test programs.
type graph struct{ *sop.Graph }

func (g graph) tokens() sop.ID        { return g.Tokens(sop.ReadAsIs, sop.Pos{}) }
func (g graph) idx() sop.ID           { return g.Indices(sop.Pos{}) }
func (g graph) c(n int64) sop.ID      { return g.Const(value.IntOf(n), sop.Pos{}) }
func (g graph) s(t string) sop.ID     { return g.Const(value.Str(t), sop.Pos{}) }
func (g graph) width(m sop.ID) sop.ID { return g.Width(m, sop.Pos{}) }
func (g graph) agg(m, v sop.ID, def *value.Value) sop.ID {
	return g.Aggregate(m, v, def, sop.Pos{})
}
func (g graph) sel(k, q sop.ID, c value.Cmp) sop.ID { return g.Select(k, q, c, sop.Pos{}) }
func (g graph) op(o sop.Op, args ...sop.ID) sop.ID  { return g.Map(o, sop.Pos{}, args...) }
func (g graph) cmp(c value.Cmp, x, y sop.ID) sop.ID { return g.Compare(c, x, y, sop.Pos{}) }

func (g graph) rank() sop.ID {
	t, i := g.tokens(), g.idx()
	less := g.sel(t, t, value.LT)
	tie := g.SelAnd(g.sel(t, t, value.EQ), g.sel(i, i, value.LT), sop.Pos{})
	return g.width(g.SelOr(less, tie, sop.Pos{}))
}

func letters(s string) []value.Value {
	var vs []value.Value
	for _, r := range s {
		vs = append(vs, value.Str(string(r)))
	}
	return vs
}

// check compiles the program and compares it with the interpreter on every
// input of the domain.
func check(t *testing.T, g graph, out sop.ID, d values.Domain, opts lower.Options) *craft.Program {
	t.Helper()
	table, err := values.Infer(g.Graph, out, d)
	if err != nil {
		t.Fatal(err)
	}
	p, err := lower.Lower(table, out, opts)
	if err != nil {
		t.Fatal(err)
	}
	if err := craft.Check(p); err != nil {
		t.Fatal(err)
	}
	r := craft.NewRunner(p)
	oracle := interp.New(g.Graph, d.Causal, out)
	for n := 1; n <= d.MaxLen; n++ {
		ids := make([]int, n)
		for more := true; more; more = next(ids, len(d.Vocab)) {
			compare(t, p, r, oracle, out, d, ids)
			if t.Failed() {
				return p
			}
		}
	}
	return p
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

func compare(t *testing.T, p *craft.Program, r *craft.Runner, oracle *interp.Evaluator, out sop.ID, d values.Domain, ids []int) {
	t.Helper()
	in := make([]value.Value, len(ids))
	for i, id := range ids {
		in[i] = d.Vocab[id]
	}
	want, err := oracle.Run(in)
	if err != nil {
		return
	}
	got, err := r.Run(ids)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range p.Variables {
		for k, c := range v.AtBOS {
			if e := got.Residual[0][v.First+k] - c.Float64(); e > 1e-6 || e < -1e-6 {
				t.Errorf("%v: at BOS %s holds %g, want %s", in, p.Residual[v.First+k], got.Residual[0][v.First+k], c)
			}
		}
	}
	for i, w := range want.Sequence(out) {
		v, x := p.Output.Decode(got.Logits[i])
		if p.Output.Encoding == craft.Numeric {
			if e := x - w.Rat().Float64(); e > 1e-5 || e < -1e-5 {
				t.Errorf("%v: position %d: got %g, want %s", in, i, x, w.Rat())
			}
		} else if !value.Equal(v, w) {
			t.Errorf("%v: position %d: got %s, want %s (logits %v)", in, i, v.Repr(), w.Repr(), got.Logits[i])
		}
	}
}

func TestPrograms(t *testing.T) {
	str := func(s string) *value.Value { v := value.Str(s); return &v }
	none := value.IntOf(-1)
	programs := map[string]func(g graph) sop.ID{
		"tokens":  func(g graph) sop.ID { return g.tokens() },
		"const":   func(g graph) sop.ID { return g.c(7) },
		"indices": func(g graph) sop.ID { return g.idx() },
		"length":  func(g graph) sop.ID { return g.width(g.Full(sop.Pos{})) },
		"hist":    func(g graph) sop.ID { return g.width(g.sel(g.tokens(), g.tokens(), value.EQ)) },
		"rank":    func(g graph) sop.ID { return g.rank() },
		"sort":    func(g graph) sop.ID { return g.agg(g.sel(g.rank(), g.idx(), value.EQ), g.tokens(), nil) },
		"reverse": func(g graph) sop.ID {
			last := g.op(sop.Sub, g.width(g.Full(sop.Pos{})), g.c(1))
			return g.agg(g.sel(g.idx(), g.op(sop.Sub, last, g.idx()), value.EQ), g.tokens(), str("z"))
		},
		"shift": func(g graph) sop.ID {
			return g.agg(g.sel(g.idx(), g.op(sop.Sub, g.idx(), g.c(1)), value.EQ), g.tokens(), str("-"))
		},
		"frac": func(g graph) sop.ID {
			return g.agg(g.sel(g.idx(), g.idx(), value.LE), g.op(sop.Indicator, g.cmp(value.EQ, g.tokens(), g.s("a"))), nil)
		},
		"strict mean": func(g graph) sop.ID {
			return g.agg(g.sel(g.idx(), g.idx(), value.LT), g.idx(), &none)
		},
		"hist2": func(g graph) sop.ID {
			h := g.width(g.sel(g.tokens(), g.tokens(), value.EQ))
			return g.width(g.sel(h, h, value.EQ))
		},
		"or mean": func(g graph) sop.ID {
			s := g.SelOr(g.sel(g.tokens(), g.tokens(), value.EQ), g.sel(g.idx(), g.idx(), value.LT), sop.Pos{})
			return g.agg(s, g.idx(), nil)
		},
		"and or not": func(g graph) sop.ID {
			h := g.cmp(value.GT, g.width(g.sel(g.tokens(), g.tokens(), value.EQ)), g.c(1))
			a := g.cmp(value.EQ, g.tokens(), g.s("a"))
			return g.op(sop.Or, g.op(sop.And, h, g.op(sop.Not, a)), g.cmp(value.EQ, g.idx(), g.c(0)))
		},
		"product": func(g graph) sop.ID {
			h := g.width(g.sel(g.tokens(), g.tokens(), value.EQ))
			return g.op(sop.Mul, h, g.idx())
		},
		"if": func(g graph) sop.ID {
			h := g.width(g.sel(g.tokens(), g.tokens(), value.EQ))
			return g.op(sop.If, g.cmp(value.EQ, h, g.c(2)), g.tokens(), g.s("none"))
		},
	}
	for name, build := range programs {
		t.Run(name, func(t *testing.T) {
			for _, causal := range []bool{false, true} {
				for _, all := range []bool{false, true} {
					g := graph{sop.NewGraph()}
					out := build(g)
					d := values.Domain{Vocab: letters("abc"), MaxLen: 5, Causal: causal}
					p := check(t, g, out, d, lower.Options{MaterializeAll: all})
					t.Logf("causal=%t all=%t: d=%d parts=%d", causal, all, len(p.Residual), len(p.Parts))
				}
			}
		})
	}
}
