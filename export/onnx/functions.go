package onnx

import (
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/raspc/raspc/export/onnx/onnxpb"
)

// The operator set of a model's functions.
const (
	functionDomain  = "raspc"
	functionVersion = 1
)

// minFunctionTypesIR is the first IR version in which functions can declare the
// types of their values.
const minFunctionTypesIR = 10

// fold moves the nodes of each scope into a function and puts one node in their
// place, which calls it; a single node stays as it is. The function's values have their names without the
// scope, so that putting them back gives the same graph again.
func (g *graph) fold(o Options) []*onnxpb.FunctionProto {
	nodes, infos := g.nodes, g.infos
	g.nodes, g.infos = nil, nil
	var functions []*onnxpb.FunctionProto
	for len(nodes) > 0 {
		scope := scopeOf(nodes[0])
		n := 1
		for n < len(nodes) && scopeOf(nodes[n]) == scope {
			n++
		}
		node := nodes[0]
		if n > 1 {
			node = g.call(scope, labels{o.Manifest}, nodes[:n], nodes[n:])
			functions = append(functions, function(node, nodes[:n], infos[:n], o))
		}
		g.nodes = append(g.nodes, node)
		for _, v := range infos[:n] {
			if slices.Contains(node.Output, v.GetName()) {
				g.infos = append(g.infos, v)
			}
		}
		nodes, infos = nodes[n:], infos[n:]
	}
	return functions
}

// scopeOf returns the scope of a node: its name up to the part of a layer, or
// up to the first slash.
func scopeOf(n *onnxpb.NodeProto) string {
	parts := strings.Split(n.GetName(), "/")
	if len(parts) > 2 && strings.HasPrefix(parts[0], "layer") {
		return parts[0] + "/" + parts[1]
	}
	return parts[0]
}

// call returns the node in place of inner ones that precede rest: it reads what
// they read and do not compute, and computes what others read.
func (g *graph) call(scope string, say labels, inner, rest []*onnxpb.NodeProto) *onnxpb.NodeProto {
	call := &onnxpb.NodeProto{
		OpType: proto.String(functionName(scope, say.sops(scope))),
		Domain: proto.String(functionDomain),
		Name:   proto.String(scope),
	}
	made := map[string]bool{}
	var docs []string
	for _, n := range inner {
		for _, in := range n.GetInput() {
			if !made[in] && !slices.Contains(call.Input, in) {
				call.Input = append(call.Input, in)
			}
		}
		made[n.GetOutput()[0]] = true
		if doc := n.GetDocString(); doc != "" && !slices.Contains(docs, doc) {
			docs = append(docs, doc)
		}
	}
	for _, n := range inner {
		out := n.GetOutput()[0]
		if declares(g.outputs, out) || slices.ContainsFunc(rest, func(n *onnxpb.NodeProto) bool { return slices.Contains(n.GetInput(), out) }) {
			call.Output = append(call.Output, out)
		}
	}
	if len(docs) > 0 {
		call.DocString = proto.String(strings.Join(docs, "\n"))
	}
	return call
}

// functionName is the name of an operation, for a scope and what it computes:
// layer0/attention that computes rank becomes Layer0Attention_rank.
func functionName(scope string, sops []string) string {
	var b strings.Builder
	for part := range strings.SplitSeq(scope, "/") {
		b.WriteString(strings.ToUpper(part[:1]) + part[1:])
	}
	return strings.Join(append([]string{b.String()}, sops...), "_")
}

// function returns the function of a call.
func function(call *onnxpb.NodeProto, inner []*onnxpb.NodeProto, infos []*onnxpb.ValueInfoProto, o Options) *onnxpb.FunctionProto {
	local := func(names []string) []string {
		out := make([]string, len(names))
		for i, name := range names {
			out[i] = strings.TrimPrefix(name, call.GetName()+"/")
		}
		return out
	}
	f := &onnxpb.FunctionProto{
		Name: call.OpType, Domain: call.Domain, DocString: call.DocString,
		Input: local(call.Input), Output: local(call.Output),
		OpsetImport: opsets(o, false),
	}
	for i, n := range inner {
		n = proto.CloneOf(n)
		n.Name, n.Input, n.Output = proto.String(local([]string{n.GetName()})[0]), local(n.Input), local(n.Output)
		f.Node = append(f.Node, n)
		if irVersion(o.Opset) >= minFunctionTypesIR {
			v := proto.CloneOf(infos[i])
			v.Name = proto.String(n.Output[0])
			f.ValueInfo = append(f.ValueInfo, v)
		}
	}
	return f
}

// opsets returns the operator sets that a function, or a model with functions
// or without, is written in.
func opsets(o Options, functions bool) []*onnxpb.OperatorSetIdProto {
	sets := []*onnxpb.OperatorSetIdProto{{Domain: proto.String(""), Version: proto.Int64(int64(o.Opset))}}
	if functions {
		sets = append(sets, &onnxpb.OperatorSetIdProto{Domain: proto.String(functionDomain), Version: proto.Int64(functionVersion)})
	}
	return sets
}
