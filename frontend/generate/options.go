package generate

import (
	"fmt"
	"math"
	"slices"

	"github.com/raspc/raspc/frontend/value"
)

// Range is a range of integers, both ends included.
type Range struct{ Min, Max int }

// Mix are the relative weights of operators. One of weight 0 does not occur; for the
// others the weights count where several would do: an operand that has to be a truth
// value is never a sum.
type Mix struct {
	// Of s-ops.
	Arithmetic  float64 // + - * / % and round
	Comparison  float64 // == < <= > >=
	Boolean     float64 // and, or, not
	Conditional float64 // x if c else y
	Map         float64 // dicts and lists at an s-op, and `in`
	Aggregate   float64
	Width       float64 // selector_width

	// Of selectors.
	Equal   float64 // select with ==
	Unequal float64 // select with !=
	Order   float64 // select with < <= > >=
	Full    float64 // full_s
	And     float64 // conjunctions of selectors
	Or      float64
	Not     float64
}

// Options say which programs are sampled.
type Options struct {
	// Seed chooses one of 2^64 sequences of programs.
	Seed uint64
	// Size is the number of operators of a program: of the s-ops and selectors that
	// its output is computed from, beside tokens, indices and constants. `length`
	// is two, as it is the width of a selector.
	Size Range
	// Depth is the largest number of aggregates and widths on a path from the input to
	// the output: a model needs at least so many layers of attention. Depth 0 has none.
	Depth Range
	Mix   Mix
	// Vocab are the tokens: strings or integers, distinct. Where there are none each
	// program draws its own, VocabSize of them: letters from "a" on, or, in a share
	// Ints of the programs, integers from 0 on.
	Vocab     []value.Value
	VocabSize Range
	Ints      float64
	// MaxLen is the length of the longest input.
	MaxLen Range
	// Causal is the share of programs whose selectors look back only.
	Causal float64
	// SameDomain has Mutate leave the longest input and causal attention as they are, for
	// copies that differ in what is computed.
	SameDomain bool
}

// Limits of options.
const (
	MaxSize   = 64 // operators of a program
	MaxDepth  = 8
	MaxVocab  = 26 // tokens
	MaxLength = 32 // tokens of an input
)

// Default returns options for small programs, of which most compile.
func Default() Options {
	return Options{
		Size: Range{3, 12}, Depth: Range{1, 3},
		Mix: Mix{
			Arithmetic: 2, Comparison: 2, Boolean: 2, Conditional: 1.5, Map: 1, Aggregate: 4, Width: 2,
			Equal: 4, Unequal: 0.5, Order: 3, Full: 0.5, And: 4, Or: 2, Not: 1,
		},
		VocabSize: Range{2, 5}, Ints: 0.4, MaxLen: Range{4, 8}, Causal: 0.3,
	}
}

// Check says what is wrong with options, naming the field.
func (o Options) Check() error {
	err := o.checkRanges()
	if err == nil {
		err = o.checkShares()
	}
	if err == nil {
		err = o.checkVocab()
	}
	if err == nil {
		err = o.Mix.check(o.Depth)
	}
	if err != nil {
		return fmt.Errorf("options of generated programs: %w", err)
	}
	return nil
}

func (o Options) checkRanges() error {
	for _, r := range []struct {
		name string
		Range
		least, most int
	}{
		{"Size", o.Size, 1, MaxSize}, {"Depth", o.Depth, 0, MaxDepth}, {"MaxLen", o.MaxLen, 2, MaxLength},
	} {
		if err := r.check(r.name, r.least, r.most); err != nil {
			return err
		}
	}
	if least := 2 * o.Depth.Min; o.Size.Max < least {
		return fmt.Errorf("a program of depth %d has %d operators or more, a selector and what reads it for each level, and Size ends at %d",
			o.Depth.Min, least, o.Size.Max)
	}
	return nil
}

func (r Range) check(name string, least, most int) error {
	if r.Min < least || r.Max > most || r.Min > r.Max {
		return fmt.Errorf("%s is %d..%d, and has to be a range within %d..%d", name, r.Min, r.Max, least, most)
	}
	return nil
}

func (o Options) checkShares() error {
	for _, s := range []struct {
		name  string
		share float64
	}{{"Ints", o.Ints}, {"Causal", o.Causal}} {
		if !(s.share >= 0 && s.share <= 1) { // NaN is no share either
			return fmt.Errorf("%s is %v, and has to be a share from 0 to 1", s.name, s.share)
		}
	}
	return nil
}

func (o Options) checkVocab() error {
	if len(o.Vocab) == 0 {
		return o.VocabSize.check("VocabSize", 2, MaxVocab)
	}
	if len(o.Vocab) < 2 || len(o.Vocab) > MaxVocab {
		return fmt.Errorf("a vocabulary has 2 to %d tokens, and Vocab has %d", MaxVocab, len(o.Vocab))
	}
	for i, v := range o.Vocab {
		switch {
		case v.Kind() != value.KindString && v.Kind() != value.KindInt:
			return fmt.Errorf("tokens are strings or integers, and Vocab holds %s", v.Repr())
		case v.Kind() != o.Vocab[0].Kind():
			return fmt.Errorf("tokens are of one kind, and Vocab holds %s and %s", o.Vocab[0].Repr(), v.Repr())
		case slices.ContainsFunc(o.Vocab[:i], func(w value.Value) bool { return value.Equal(v, w) }):
			return fmt.Errorf("tokens are distinct, and Vocab holds %s twice", v.Repr())
		case v.IsString() && !spellable(v.Text()):
			return fmt.Errorf("a program has no way to write the token %s of Vocab", v.Repr())
		}
	}
	return nil
}

// spellable reports whether a string can stand in the text of a program, which
// has no escapes.
func spellable(s string) bool {
	return !slices.ContainsFunc([]rune(s), func(r rune) bool { return r < ' ' || r == '"' || r == '\u007f' || r == '\ufffd' })
}

// weight is a weight with the name of its field.
type weight struct {
	name  string
	value float64
}

func (m Mix) sops() []weight {
	return []weight{
		{"Arithmetic", m.Arithmetic}, {"Comparison", m.Comparison}, {"Boolean", m.Boolean}, {"Conditional", m.Conditional},
		{"Map", m.Map}, {"Aggregate", m.Aggregate}, {"Width", m.Width},
	}
}

func (m Mix) selectors() []weight {
	return []weight{
		{"Equal", m.Equal}, {"Unequal", m.Unequal}, {"Order", m.Order}, {"Full", m.Full}, {"And", m.And}, {"Or", m.Or}, {"Not", m.Not},
	}
}

func (m Mix) check(depth Range) error {
	for _, w := range slices.Concat(m.sops(), m.selectors()) {
		if !(w.value >= 0) || math.IsInf(w.value, 1) {
			return fmt.Errorf("the weight Mix.%s is %v, and has to be 0 or more", w.name, w.value)
		}
	}
	if sum(m.sops()) == 0 {
		return fmt.Errorf("all weights of Mix for s-ops are 0")
	}
	if depth.Max == 0 {
		return nil
	}
	if m.Aggregate+m.Width == 0 && depth.Min > 0 {
		return fmt.Errorf("programs of depth %d have aggregates or widths, and the weights of both in Mix are 0", depth.Min)
	}
	if m.Aggregate+m.Width > 0 && m.Equal+m.Unequal+m.Order+m.Full == 0 {
		return fmt.Errorf("aggregates and widths read selectors, and in Mix the weights of Equal, Unequal, Order and Full are 0")
	}
	return nil
}

func sum(ws []weight) float64 {
	total := 0.0
	for _, w := range ws {
		total += w.value
	}
	return total
}
