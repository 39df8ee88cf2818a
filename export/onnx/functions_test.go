package onnx

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The graph of calls, and of what one of them calls. That functions compute
// the same is tested where files are run.
func TestFunctions(t *testing.T) {
	m := parse(t, encode(t, sample(small()), Options{Functions: true, HiddenStates: true, Manifest: labelled()}))
	want := `positions = Positions(input_ids, const.one, const.zero)
hidden_states.0 = Embedding(embed.weight, input_ids, position.weight, positions/ids)
mask/visible = Mask(attention_mask, const.head_and_query_axes, positions/ids, const.key_axis)
layer0/attention/residual = Layer0Attention(hidden_states.0, layer0.attn.q.weight, const.split_heads, layer0.attn.k.weight, layer0.attn.v.weight, mask/visible, const.masked_score, const.merge_heads, layer0.attn.o.weight)
hidden_states.1 = Layer0Mlp_out(layer0/attention/residual, layer0.mlp.in.weight, layer0.mlp.out.weight, layer0.mlp.out.bias)
logits = MatMul(hidden_states.1, unembed.weight)
`
	want = strings.Replace(want, "positions = ", "positions/ids = ", 1)
	_, got, _ := strings.Cut(describe(m.GetGraph()), "unembed.weight [6 2]\n")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if len(m.GetOpsetImport()) != 2 || m.GetOpsetImport()[1].GetDomain() != functionDomain {
		t.Errorf("opsets %v", m.GetOpsetImport())
	}
	var names []string
	for _, f := range m.GetFunctions() {
		names = append(names, f.GetName())
		if f.GetDomain() != functionDomain || len(f.GetOpsetImport()) != 1 || f.GetDocString() == "" || len(f.GetValueInfo()) != 0 {
			t.Errorf("%s: domain %q, opsets %v, doc %q, %d types", f.GetName(), f.GetDomain(), f.GetOpsetImport(), f.GetDocString(), len(f.GetValueInfo()))
		}
	}
	if diff := cmp.Diff([]string{"Positions", "Embedding", "Mask", "Layer0Attention", "Layer0Mlp_out"}, names); diff != "" {
		t.Error(diff)
	}
	mlp := m.GetFunctions()[4]
	var body []string
	for _, n := range mlp.GetNode() {
		body = append(body, n.GetOutput()[0]+" = "+n.GetOpType()+"("+strings.Join(n.GetInput(), ", ")+")")
	}
	if diff := cmp.Diff([]string{
		"pre = MatMul(layer0/attention/residual, layer0.mlp.in.weight)", "post = Relu(pre)", "out = MatMul(post, layer0.mlp.out.weight)",
		"biased = Add(out, layer0.mlp.out.bias)", "hidden_states.1 = Add(layer0/attention/residual, biased)",
	}, body); diff != "" {
		t.Error(diff)
	}
}

// From IR version 10 on, functions have types, too.
func TestTypesInFunctions(t *testing.T) {
	m := parse(t, encode(t, sample(small()), Options{Functions: true, Opset: 21}))
	for _, f := range m.GetFunctions() {
		if len(f.GetValueInfo()) != len(f.GetNode()) {
			t.Errorf("%s: %d types of %d values", f.GetName(), len(f.GetValueInfo()), len(f.GetNode()))
		}
	}
	mlp := m.GetFunctions()[4]
	want := []string{"pre FLOAT batch sequence 4", "post FLOAT batch sequence 4", "out FLOAT batch sequence 6", "biased FLOAT batch sequence 6", "hidden_states.1 FLOAT batch sequence 6"}
	if diff := cmp.Diff(want, declared(mlp.GetValueInfo()...)); diff != "" {
		t.Error(diff)
	}
}
