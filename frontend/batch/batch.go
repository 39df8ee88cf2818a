package batch

import (
	"github.com/raspc/raspc/frontend/interp"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
)

// Evaluator evaluates an s-op on batches of inputs, and remembers from one to the
// next what operators gave. It is for one goroutine.
type Evaluator struct {
	plain  *interp.Evaluator
	output sop.ID
	causal bool
	mixed  bool   // see sop.NewMixed
	steps  []step // in the order of evaluation; the last one is the output
	left   limits
	full   bool // nothing is left: all inputs are evaluated by plain

	input  step   // the tokens
	length int    // that there is room for
	lanes  int    // how many inputs there is room for
	count  int    // the inputs at hand
	failed []bool // which of them are left to plain
	tokens []value.Value
	out    []value.Value
}

// limits bound what is remembered of all nodes together.
type limits struct {
	values int // that s-ops take; their numbers have 16 bits
	cells  int // of tables
}

// usual are the limits of every evaluator: some 16 MiB.
var usual = limits{values: 1<<16 - 1, cells: 1 << 22}

// mostRoom is how many numbers and rows the columns of a batch hold.
const mostRoom = 1 << 18

// mostLanes is how many inputs are evaluated together: few enough that columns
// stay in the processor's caches.
const mostLanes = 512

// mostPositions is the longest input of a batch: a row of a selector is a word.
const mostPositions = 64

// New prepares the evaluation of an s-op on inputs of tokens from an alphabet.
// With causal set, every selector is intersected with key position <= query
// position.
func New(g *sop.Graph, causal bool, output sop.ID, alphabet []value.Value) *Evaluator {
	e := &Evaluator{plain: interp.New(g, causal, output), output: output, causal: causal, mixed: g.Mixed(), left: usual}
	order := g.Reachable(output)
	e.steps = make([]step, len(order))
	at := map[sop.ID]*step{}
	for i, id := range order {
		s := &e.steps[i]
		s.e, s.node, s.values = e, g.Node(id), newValues()
		for k, a := range s.node.Args {
			s.args[k] = at[a]
		}
		if s.node.Op == sop.Tokens {
			s.args[0] = &e.input
		}
		at[id] = s
	}
	e.input.values = newValues()
	e.input.values.all = append(e.input.values.all, alphabet...)
	e.full = len(alphabet) > e.left.values
	return e
}

// Run evaluates inputs of one length, which stand one after the other as places in
// the alphabet. It calls each with the values of the s-op on every input, which
// the next call overwrites, or with the error that interp's Run gives; an error of
// each ends the run.
func (e *Evaluator) Run(inputs []int, length int, each func(number int, out []value.Value, err error) error) error {
	if e.full || length > mostPositions || length == 0 {
		return e.plainly(inputs, length, each)
	}
	e.fit(length, len(inputs)/length)
	for first := 0; first*length < len(inputs); first += e.lanes {
		some := inputs[first*length : min(len(inputs), (first+e.lanes)*length)]
		e.evaluate(some)
		for i := range e.count {
			out, err := e.result(some, i)
			if err := each(first+i, out, err); err != nil {
				return err
			}
		}
	}
	return nil
}

// plainly is Run by the reference interpreter.
func (e *Evaluator) plainly(inputs []int, length int, each func(number int, out []value.Value, err error) error) error {
	for i := range len(inputs) / max(1, length) {
		out, err := e.alone(inputs[i*length : (i+1)*length])
		if err := each(i, out, err); err != nil {
			return err
		}
	}
	return nil
}

// alone evaluates one input by the reference interpreter.
func (e *Evaluator) alone(input []int) ([]value.Value, error) {
	e.tokens = e.tokens[:0]
	for _, place := range input {
		e.tokens = append(e.tokens, e.input.values.all[place+1])
	}
	r, err := e.plain.Run(e.tokens)
	if err != nil {
		return nil, err
	}
	return r.Sequence(e.output), nil
}

// fit makes room for a number of inputs of a length, or for as many of them as are
// evaluated together.
func (e *Evaluator) fit(length, inputs int) {
	lanes := max(1, min(inputs, mostLanes, mostRoom/(length*(len(e.steps)+1))))
	if e.length == length && e.lanes >= lanes {
		return
	}
	e.length, e.lanes = length, lanes
	e.failed = make([]bool, e.lanes)
	e.input.seq = columns[uint16](length, e.lanes)
	for i := range e.steps {
		e.steps[i].fit(length, e.lanes)
	}
}

// evaluate evaluates all nodes on some inputs.
func (e *Evaluator) evaluate(inputs []int) {
	e.count = len(inputs) / e.length
	clear(e.failed)
	for p, c := range e.input.seq {
		same := true
		for i := range e.count {
			same = same && inputs[i*e.length+p] == inputs[p]
		}
		c.shape(same, e.count)
		for i := range c.of {
			c.of[i] = uint16(inputs[i*e.length+p] + 1)
		}
	}
	for i := range e.steps {
		if !e.steps[i].run() {
			e.fail(0, true)
			return
		}
	}
}

// result is what became of an input.
func (e *Evaluator) result(inputs []int, i int) ([]value.Value, error) {
	if e.failed[i] {
		return e.alone(inputs[i*e.length : (i+1)*e.length])
	}
	last := &e.steps[len(e.steps)-1]
	e.out = e.out[:0]
	for _, c := range last.seq {
		e.out = append(e.out, last.values.all[c.at(i)])
	}
	return e.out, nil
}

// fail leaves an input to the reference interpreter: all inputs, where it stands
// for them.
func (e *Evaluator) fail(i int, all bool) {
	if !all {
		e.failed[i] = true
		return
	}
	for i := range e.count {
		e.failed[i] = true
	}
}

// number returns the number of a value, and none where it is not to be remembered.
func (e *Evaluator) number(of *values, v value.Value) uint16 {
	if long(v) {
		return none
	}
	number, isNew := of.number(v, e.left.values > 0)
	if isNew {
		e.left.values--
	}
	e.full = e.full || number == none
	return number
}

// room makes room in a table for numbers below rows and below columns, and reports
// whether it is not too much.
func (e *Evaluator) room(t *table, rows, columns int) bool {
	before := len(t.cells)
	if !t.fit(rows, columns, before+e.left.cells) {
		e.full = true
		return false
	}
	e.left.cells -= len(t.cells) - before
	return true
}
