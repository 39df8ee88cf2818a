package lower

import (
	"fmt"
	"strings"

	"github.com/raspc/raspc/craft"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
)

// operand is a categorical read of an s-op: the variable it is a function of,
// or none for a constant, and for each value of the variable the number of the
// s-op's value in its set, or undefined.
type operand struct {
	v     varID
	cells []int32
	set   []value.Value
}

// maxOneHot bounds the directions of one computed one-hot variable.
const maxOneHot = 1 << 12

// precision is how exact a computed one-hot variable has to be.
type precision bool

const (
	loose   precision = false // for a reader that takes the largest
	uniform precision = true  // for a head that averages: keys have to weigh the same
)

// choice reads an s-op as a choice among its values.
func (b *builder) choice(id sop.ID, p precision) (operand, error) {
	n := len(b.table.Set(id))
	return b.choiceOf(id, allApart(n), n, p)
}

// choiceOf reads an s-op as a choice among classes of its values, given by the
// class of each value: whoever asks makes no difference within a class. Where
// the read is free it tells all values apart; where it takes an MLP, that holds
// classes.
func (b *builder) choiceOf(id sop.ID, class []int32, count int, p precision) (operand, error) {
	set := b.table.Set(id)
	if _, ok := b.single(id); ok {
		return operand{none, []int32{0}, set}, nil
	}
	if leaves := b.leaves(id); len(leaves) == 1 {
		v, err := b.variable(leaves[0])
		if err != nil {
			return operand{}, err
		}
		if b.v(v).Encoding != craft.Numeric {
			return operand{v, b.tabulate(id, leaves).out, set}, nil
		}
	}
	first := make([]int32, count) // a value of each class
	for i := len(class) - 1; i >= 0; i-- {
		first[class[i]] = int32(i)
	}
	if o, ok := b.heldChoice(id, p); ok {
		return o, nil
	}
	v, err := b.madeChoice(id, class, count, p)
	if err == nil {
		return operand{v, first, set}, nil
	}
	if o, ok := b.ofSteps(id, p); ok {
		return o, nil
	}
	return operand{}, err
}

// ofSteps reads a function of one number as a choice by the steps of the
// number, which are exact where a one-hot variable is not that many steps
// touch.
func (b *builder) ofSteps(id sop.ID, p precision) (operand, bool) {
	leaf, ok, err := b.oneNumber(id)
	if !ok || err != nil || leaf == id {
		return operand{}, false
	}
	o, err := b.choice(leaf, p)
	return operand{o.v, b.tabulate(id, []sop.ID{leaf}).out, b.table.Set(id)}, err == nil
}

// heldChoice reads a function of one number from a choice of all its values that
// is held already, and as exactly.
func (b *builder) heldChoice(id sop.ID, p precision) (operand, bool) {
	leaf, ok, err := b.oneNumber(id)
	if !ok || err != nil {
		return operand{}, false
	}
	v, ok := b.held(leaf, fmt.Sprint(allApart(len(b.table.Set(leaf)))), p)
	if !ok {
		return operand{}, false
	}
	return operand{v, b.tabulate(id, []sop.ID{leaf}).out, b.table.Set(id)}, true
}

// held returns the variable of a choice that was made with the precision, or a
// better one.
func (b *builder) held(id sop.ID, class string, p precision) (varID, bool) {
	v, ok := b.onehot[choiceKey{id, class, uniform}]
	if !ok && p == loose {
		v, ok = b.onehot[choiceKey{id, class, loose}]
	}
	return v, ok
}

// allApart puts each value in a class of its own.
func allApart(n int) []int32 {
	class := make([]int32, n)
	for i := range class {
		class[i] = int32(i)
	}
	return class
}

// madeChoice returns the computed variable of some classes.
func (b *builder) madeChoice(id sop.ID, class []int32, count int, p precision) (varID, error) {
	key := choiceKey{id, fmt.Sprint(class), p}
	if v, ok := b.held(id, key.class, p); ok {
		return v, nil
	}
	if count > maxOneHot {
		return none, b.errorf(id, "fewer tokens or a shorter maximum length make the set smaller",
			"%s has %d values, too many to hold one-hot (%d at most)", b.graph.Describe(id), count, maxOneHot)
	}
	w := wanted{id: id, enc: craft.Categorical, precision: p, name: b.name(id), set: b.table.Set(id)}
	if count < len(class) {
		w.class, w.members = class, membersOf(b.table.Set(id), class, count)
		w.set = classNames(w.members)
	}
	v, err := b.make(w)
	if err == nil {
		b.onehot[key] = v
	}
	return v, err
}

// choiceKey names a computed choice.
type choiceKey struct {
	id        sop.ID
	class     string
	precision precision
}

// membersOf lists the values of each class.
func membersOf(set []value.Value, class []int32, count int) [][]value.Value {
	members := make([][]value.Value, count)
	for i, c := range class {
		members[c] = append(members[c], set[i])
	}
	return members
}

// classNames gives each class a value: its only member, or a text that lists
// its members.
func classNames(members [][]value.Value) []value.Value {
	const most = 4 // members in a text
	names := make([]value.Value, len(members))
	for c, vs := range members {
		if len(vs) == 1 {
			names[c] = vs[0]
			continue
		}
		var texts []string
		for i, v := range vs {
			if i == most {
				texts = append(texts, fmt.Sprintf("%d more", len(vs)-most))
				break
			}
			texts = append(texts, v.Display())
		}
		names[c] = value.Str(strings.Join(texts, " or "))
	}
	return names
}
