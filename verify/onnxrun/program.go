package onnxrun

import (
	"fmt"
	"math"
	"slices"

	"github.com/raspc/raspc/export/onnx/onnxpb"
	"github.com/raspc/raspc/verify/fault"
)

// program is a graph that is ready to run.
type program struct {
	steps     []step
	constants []*value         // by node id; nil where a value is given or computed
	names     map[string]int64 // node ids
}

// compile turns a graph that checkModel has accepted into a program.
func compile(g *onnxpb.GraphProto, opset int64, dir *folder) (*program, error) {
	b, err := decodeGraph(g, opset)
	if err != nil {
		return nil, err
	}
	p := &program{steps: b.steps, names: b.names, constants: make([]*value, b.nodes)}
	// Each element is at least a byte of a file, which has to be there before memory
	// is taken for it.
	left := newBudget(Limits{Elements: maxInitializers, Work: math.MaxInt64})
	for _, t := range g.GetInitializer() {
		v, err := decodeTensor(left, t, dir)
		if err != nil {
			return nil, fmt.Errorf("initializer %q: %w", t.GetName(), err)
		}
		p.constants[p.names[t.GetName()]] = v
		t.RawData = nil // the message is not needed any more; let its bytes go
	}
	if dir != nil {
		if err := dir.disjoint(); err != nil {
			return nil, err
		}
	}
	p.planFrees(g.GetOutput())
	return p, nil
}

// planFrees notes after which step each computed value is of no more use.
func (p *program) planFrees(outputs []*onnxpb.ValueInfoProto) {
	last := make(map[int64]int)
	for i, s := range p.steps {
		for _, id := range s.outputs {
			last[id] = i
		}
		for _, id := range s.inputs {
			if id >= 0 && p.constants[id] == nil {
				last[id] = i
			}
		}
	}
	for _, v := range outputs {
		delete(last, p.names[v.GetName()])
	}
	for id, i := range last {
		p.steps[i].frees = append(p.steps[i].frees, id)
	}
}

// run executes all steps on the given inputs and returns the values by node
// id: the outputs are among them, others may be nil.
func (p *program) run(b *budget, inputs map[string]*value) ([]*value, error) {
	values := slices.Clone(p.constants)
	for name, v := range inputs {
		values[p.names[name]] = v
	}
	for _, s := range p.steps {
		if err := s.run(b, values); err != nil {
			return nil, fault.New(fault.Failing, "%s: %w", s.label, err)
		}
	}
	return values, nil
}

// run executes one step.
func (s step) run(b *budget, values []*value) error {
	in := make([]*value, len(s.inputs))
	for i, id := range s.inputs {
		if id >= 0 {
			in[i] = values[id]
		}
	}
	out, err := s.kernel(b, in)
	if err != nil {
		return err
	}
	for i, id := range s.outputs {
		values[id] = out[i]
	}
	for _, id := range s.frees {
		b.release(int64(values[id].size()))
		values[id] = nil
	}
	return nil
}
