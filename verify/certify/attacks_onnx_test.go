package certify_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/raspc/raspc"
	"github.com/raspc/raspc/export/onnx/onnxpb"
	"github.com/raspc/raspc/frontend/value"
	"github.com/raspc/raspc/verify/certify"
	"github.com/raspc/raspc/verify/network"
	"github.com/raspc/raspc/verify/onnxrun"
)

// TestAttackGraphs damages ONNX graphs instead of weights.
func TestAttackGraphs(t *testing.T) {
	minutes, _ := strconv.ParseFloat(os.Getenv("ATTACK_MINUTES"), 64)
	if minutes == 0 {
		t.Skip()
	}
	rng := rand.New(rand.NewPCG(9, 9))
	end := time.Now().Add(time.Duration(minutes * float64(time.Minute)))
	tried, loaded, matched, proved := 0, 0, 0, 0
	type original struct {
		s  *subject
		pb *onnxpb.ModelProto
	}
	var all []original
	for _, c := range []struct {
		name string
		n    int
	}{{"hist", 3}, {"sort", 2}, {"causal_dyck1", 4}, {"reverse", 3}, {"select_or", 3}, {"induction", 3}, {"frac_prevs", 3}, {"tokens", 3}} {
		text, err := os.ReadFile("../../fixtures/" + c.name + ".rasp")
		if err != nil {
			t.Fatal(err)
		}
		s := export(t, c.name, string(text), raspc.Options{MaxLen: c.n})
		m, err := raspc.Compile(c.name+".rasp", string(text), raspc.Options{MaxLen: c.n})
		if err != nil {
			t.Fatal(err)
		}
		dir := filepath.Join(t.TempDir(), c.name)
		if _, err := m.Export(dir, raspc.ExportOptions{Formats: []string{"onnx"}}); err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(filepath.Join(dir, "model.onnx"))
		if err != nil {
			t.Fatal(err)
		}
		pb := &onnxpb.ModelProto{}
		if err := proto.Unmarshal(data, pb); err != nil {
			t.Fatal(err)
		}
		all = append(all, original{s, pb})
	}
	panics := map[string]bool{}
	for time.Now().Before(end) {
		o := all[rng.IntN(len(all))]
		pb := proto.Clone(o.pb).(*onnxpb.ModelProto)
		what := ""
		for range 1 + rng.IntN(2) {
			what += twist(pb.Graph, rng) + "; "
		}
		tried++
		data, err := proto.Marshal(pb)
		if err != nil {
			continue
		}
		file := filepath.Join(t.TempDir(), "m.onnx")
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
		model, err := onnxrun.Open(file)
		os.Remove(file)
		if err != nil {
			continue
		}
		loaded++
		func() {
			defer func() {
				if e := recover(); e != nil && !panics[fmt.Sprint(e)] {
					panics[fmt.Sprint(e)] = true
					t.Errorf("%s: panic %v: %s", o.s.name, e, what)
				}
			}()
			net, err := network.FromONNX(model, o.s.net.BOS)
			if err != nil {
				return
			}
			matched++
			s := *o.s
			s.net = net
			if r := certify.Prove(context.Background(), s.spec, net); r.Proved {
				proved++
				if in, got := s.wrongRun(model); got != "" {
					t.Errorf("%s: PROVED, but %v gives %s: %s", s.name, in, got, what)
				}
			}
		}()
	}
	t.Logf("%d graphs, %d load, %d match, %d proved", tried, loaded, matched, proved)
}

// wrongRun is wrong for the graph itself.
func (s *subject) wrongRun(m *onnxrun.Model) ([]value.Value, string) {
	for n := 1; n <= s.spec.MaxLen; n++ {
		ids := make([]int, n)
		for more := true; more; more = increment(ids, len(s.spec.Vocab)) {
			in := s.tokens(ids)
			if s.accept != nil && !s.accept(in) || s.spec.BOS != nil {
				continue
			}
			run, err := s.oracle.Run(in)
			if err != nil {
				continue
			}
			row, mask := []int64{int64(s.net.BOS)}, []int64{1}
			for _, id := range ids {
				row, mask = append(row, int64(id)), append(mask, 1)
			}
			out, err := m.Run([][]int64{row}, [][]int64{mask})
			if err != nil {
				return in, err.Error()
			}
			for i, want := range run.Sequence(s.spec.Output) {
				got := out[0][i+1]
				if s.spec.Labels == nil {
					if math.Abs(float64(got[0])-want.Rat().Float64()) > 1e-3 {
						return in, fmt.Sprint(got)
					}
					continue
				}
				best := 0
				for l := range got {
					if got[l] > got[best] {
						best = l
					}
				}
				if !value.Equal(s.spec.Labels[best], want) {
					return in, fmt.Sprint(got)
				}
			}
		}
	}
	return nil, ""
}

// twist changes a graph.
func twist(g *onnxpb.GraphProto, rng *rand.Rand) string {
	n := g.Node[rng.IntN(len(g.Node))]
	var names []string
	for _, x := range g.Node {
		names = append(names, x.Output...)
	}
	for _, x := range g.Initializer {
		names = append(names, x.GetName())
	}
	names = append(names, "input_ids", "attention_mask")
	switch rng.IntN(8) {
	case 0:
		if len(n.Input) > 1 {
			i, k := rng.IntN(len(n.Input)), rng.IntN(len(n.Input))
			n.Input[i], n.Input[k] = n.Input[k], n.Input[i]
			return fmt.Sprintf("%s: inputs %d and %d", n.GetName(), i, k)
		}
	case 1:
		if len(n.Input) > 0 {
			i := rng.IntN(len(n.Input))
			n.Input[i] = names[rng.IntN(len(names))]
			return fmt.Sprintf("%s: input %d is %s", n.GetName(), i, n.Input[i])
		}
	case 2:
		m := g.Node[rng.IntN(len(g.Node))]
		n.OpType = proto.String(m.GetOpType())
		return n.GetName() + " is a " + m.GetOpType()
	case 3:
		if len(n.Attribute) > 0 {
			a := n.Attribute[rng.IntN(len(n.Attribute))]
			switch {
			case len(a.Ints) > 1:
				i, k := rng.IntN(len(a.Ints)), rng.IntN(len(a.Ints))
				a.Ints[i], a.Ints[k] = a.Ints[k], a.Ints[i]
			default:
				a.I = proto.Int64(int64(rng.IntN(5) - 2))
			}
			return n.GetName() + ": attribute " + a.GetName()
		}
	case 4, 5: // an integer constant
		for range 50 {
			x := g.Initializer[rng.IntN(len(g.Initializer))]
			if x.GetDataType() != int32(onnxpb.TensorProto_INT64) {
				continue
			}
			if len(x.Int64Data) > 0 {
				x.Int64Data[rng.IntN(len(x.Int64Data))] = int64(rng.IntN(6) - 1)
			} else if len(x.RawData) >= 8 {
				i := rng.IntN(len(x.RawData) / 8)
				for b := range 8 {
					x.RawData[8*i+b] = 0
				}
				x.RawData[8*i] = byte(rng.IntN(6))
			}
			return "integers " + x.GetName()
		}
	case 6: // the shape of a constant
		x := g.Initializer[rng.IntN(len(g.Initializer))]
		if len(x.Dims) == 2 {
			x.Dims[0], x.Dims[1] = x.Dims[1], x.Dims[0]
		} else if len(x.Dims) == 1 && rng.IntN(2) == 0 {
			x.Dims = append([]int64{1}, x.Dims...)
		} else {
			x.Dims = nil
		}
		return "shape " + x.GetName()
	case 7:
		if len(n.Input) > 1 {
			n.Input = n.Input[:len(n.Input)-1]
			return n.GetName() + ": an input less"
		}
	}
	return ""
}
