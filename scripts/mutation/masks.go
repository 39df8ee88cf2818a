package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/raspc/raspc"
	"github.com/raspc/raspc/export/onnx/onnxpb"
)

// dropMask takes away what hides keys from queries, or a part of it.
func dropMask(ctx context.Context, s *subject, rng *rand.Rand) (*mutant, error) {
	if s.format == raspc.FormatONNX {
		return onWeights(unmask)(ctx, s, rng)
	}
	setting := [...]struct {
		name  string
		value any
	}{{"is_causal", false}, {"is_decoder", true}, {"attention_mask", nil}}[rng.IntN(3)]
	data, err := edited(s.files[configFile], func(members map[string]any) { members[setting.name] = setting.value })
	return &mutant{what: configFile + " sets " + setting.name, files: map[string][]byte{configFile: data}}, err
}

// unmask changes the graph around the mask.
func unmask(w *weights, rng *rand.Rand) string {
	switch rng.IntN(6) {
	case 0: // in one layer
		nodes := w.nodes("Where")
		if len(nodes) == 0 {
			return ""
		}
		where := one(rng, nodes...)
		w.redirect(where.Output[0], where.Input[1])
		return "softmax takes " + where.Input[1] + " with no mask"
	case 1:
		return w.bypass("And", "", 0) // no mask but PAD's
	case 2:
		return w.bypass("And", "", 1) // no mask but the causal one
	case 3:
		return w.maskedScore(0)
	case 4:
		return w.maskedScore(float32(-rng.IntN(64)))
	}
	for _, n := range w.nodes("LessOrEqual") {
		slices.Reverse(n.Input)
		return n.Output[0] + " looks ahead"
	}
	return ""
}

// nodes returns the nodes of an operation; none of a file that is no graph.
func (w *weights) nodes(op string) []*onnxpb.NodeProto {
	var all []*onnxpb.NodeProto
	for _, n := range w.model.GetGraph().GetNode() {
		if n.GetOpType() == op {
			all = append(all, n)
		}
	}
	return all
}

// redirect has the readers of one value read another one.
func (w *weights) redirect(from, to string) {
	for _, n := range w.model.Graph.Node {
		for i, in := range n.Input {
			if in == from {
				n.Input[i] = to
			}
		}
	}
}

// bypass leaves out a node of an operation that reads a value, any for "": its
// readers read one of its inputs. It returns "" where there is no such node.
func (w *weights) bypass(op, reading string, input int) string {
	for _, n := range w.nodes(op) {
		if reading == "" || slices.Contains(n.Input, reading) {
			w.redirect(n.Output[0], n.Input[input])
			return n.Output[0] + " becomes " + n.Input[input]
		}
	}
	return ""
}

// maskedScore changes the score of hidden keys.
func (w *weights) maskedScore(v float32) string {
	for _, t := range w.model.Graph.Initializer {
		if t.GetName() == "const.masked_score" {
			t.RawData = binary.LittleEndian.AppendUint32(nil, math.Float32bits(v))
			return fmt.Sprintf("hidden keys have the score %g", v)
		}
	}
	return ""
}
