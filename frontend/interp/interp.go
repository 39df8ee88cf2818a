package interp

import (
	"errors"
	"fmt"
	"slices"

	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
)

// Evaluator evaluates some nodes of a graph. It holds no state between runs
// and is safe for concurrent use.
type Evaluator struct {
	steps  []step
	slots  slots
	causal bool
	mixed  bool // see sop.NewMixed
	seqs   int  // how many steps are s-ops
	limits limits
}

// step is a node to evaluate; its arguments are known by the steps that
// evaluate them, all of which come before it.
type step struct {
	node *sop.Node
	args [3]int
	// places are those of the keys of a dict that is looked up in.
	places map[value.Key]int
}

// slots finds the step of a node by its id. Where there is none it holds -1.
type slots []int

func (s slots) of(id sop.ID) int {
	if id < 0 || int(id) >= len(s) {
		return -1
	}
	return s[id]
}

// New prepares the evaluation of the given nodes. With causal set, every
// selector is intersected with key position <= query position.
func New(g *sop.Graph, causal bool, outputs ...sop.ID) *Evaluator {
	order := g.Reachable(outputs...)
	e := &Evaluator{causal: causal, mixed: g.Mixed(), steps: make([]step, len(order)), limits: usual}
	if len(order) > 0 {
		e.slots = slices.Repeat(slots{-1}, int(order[len(order)-1])+1)
	}
	for i, id := range order {
		e.slots[id] = i
		s := step{node: g.Node(id)}
		for k, a := range s.node.Args {
			s.args[k] = e.slots[a]
		}
		if s.node.Op == sop.Lookup && s.node.Table.Dict {
			s.places = places(s.node.Table.Keys)
		}
		if !s.node.Selector() {
			e.seqs++
		}
		e.steps[i] = s
	}
	return e
}

// places returns where each key stands first.
func places(keys []value.Value) map[value.Key]int {
	at := make(map[value.Key]int, len(keys))
	for i, k := range slices.Backward(keys) {
		at[k.Key()] = i
	}
	return at
}

// Undefined says that a program has no meaning on an input, and where it
// first goes wrong.
type Undefined struct {
	Node     sop.ID
	Position int // -1 when the whole sequence is at fault
	Err      *value.Error
}

func (u *Undefined) Error() string {
	if u.Position < 0 {
		return u.Err.Msg
	}
	return fmt.Sprintf("%s (at position %d)", u.Err.Msg, u.Position)
}

// Unwrap gives the operator's error.
func (u *Undefined) Unwrap() error { return u.Err }

// Run evaluates the nodes on an input of at least one element, under the
// patches. The error is an *Undefined when the program has no meaning on it, a
// *LimitError when finding out takes too much time or memory, and a *PatchError
// where a patch is of no evaluated s-op or of no position.
func (e *Evaluator) Run(input []value.Value, patches ...Patch) (*Result, error) {
	if len(input) == 0 {
		return nil, &Undefined{Position: -1, Err: value.Errorf(value.TypeError, "an input holds at least one token")}
	}
	b := &budget{e.limits, e.limits, len(input)}
	if err := b.store(e.room(len(input))); err != nil {
		return nil, err
	}
	r := e.newResult(len(input))
	input, err := e.patch(r.cells, input, patches)
	if err != nil {
		return nil, err
	}
	for i := range e.steps {
		s, c := &e.steps[i], &r.cells[i]
		var pos int
		var err error
		if c.mat != nil {
			pos, err = e.selector(s, r.cells, c.mat, b)
		} else {
			pos, err = e.sequence(s, r.cells, input, c, b)
		}
		if err != nil {
			return nil, failed(s.node.ID, pos, err)
		}
	}
	return r, nil
}

// failed is what a run ends in when a step fails.
func failed(id sop.ID, pos int, err error) error {
	var wrong *value.Error
	var limit *LimitError
	switch {
	case errors.As(err, &wrong):
		return &Undefined{Node: id, Position: pos, Err: wrong}
	case errors.As(err, &limit):
		return limit
	}
	panic("interp: an operator failed with an error of unknown kind: " + err.Error())
}
