package certify

import "github.com/raspc/raspc/frontend/value"

// maxInputs bounds the inputs that are run to learn what they lead to.
const maxInputs = 1 << 16

// fewInputs reports whether there are at most maxInputs sequences of tokens.
func (s Spec) fewInputs() bool {
	total, power := 0, 1
	for range s.MaxLen {
		if power *= len(s.Vocab); power > maxInputs {
			return false
		}
		total += power
	}
	return total <= maxInputs
}

// everyInput visits all sequences of token ids, whether the program admits them
// or not. They are one slice for each length, which changes.
func (s Spec) everyInput(visit func(ids []int32)) {
	for n := 1; n <= s.MaxLen; n++ {
		ids := make([]int32, n)
		for more := true; more; more = increment(ids, len(s.Vocab)) {
			visit(ids)
		}
	}
}

func increment(ids []int32, base int) bool {
	for i := range ids {
		if ids[i]++; int(ids[i]) < base {
			return true
		}
		ids[i] = 0
	}
	return false
}

// admits reports whether the program is for an input: its own BOS stands at index
// 0 and nowhere else, and the input is one that it accepts.
func (s Spec) admits(in []value.Value) bool {
	if s.BOS != nil {
		for i, v := range in {
			if (i == 0) != value.Equal(v, *s.BOS) {
				return false
			}
		}
	}
	return s.Accept == nil || s.Accept(in)
}
