package raspc

import "github.com/raspc/raspc/frontend/value"

// example returns a short input that the program is meant for, as spellings:
// the first of the longest length up to 3 that a small search finds. It is nil
// where there is none.
func (m *Model) example() []string {
	d := m.result.Domain
	const longest, most = 3, 5000
	for n := min(longest, d.MaxLen); n > 0; n-- {
		digits := make([]int, n)
		for range most {
			in := make([]value.Value, n)
			words := make([]string, n)
			for i, at := range digits {
				// Different tokens first: a b c before a a a.
				in[i] = d.Vocab[(at+i)%len(d.Vocab)]
				words[i] = in[i].Display()
			}
			if d.Accept == nil || d.Accept(in) {
				return words
			}
			if !increment(digits, len(d.Vocab)) {
				break
			}
		}
	}
	return nil
}

// increment counts up in the given base and reports whether it did not wrap.
func increment(digits []int, base int) bool {
	for i := len(digits) - 1; i >= 0; i-- {
		if digits[i]++; digits[i] < base {
			return true
		}
		digits[i] = 0
	}
	return false
}
