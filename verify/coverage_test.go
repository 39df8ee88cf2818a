package verify

import (
	"strings"
	"testing"

	"github.com/raspc/raspc/frontend/pattern"
)

// TestScope says how far a verdict goes.
func TestScope(t *testing.T) {
	l, err := pattern.New(pattern.Spec{Tokens: []string{"a", "b"}, BOS: -1, MaxLen: 60})
	if err != nil {
		t.Fatal(err)
	}
	exist := func(n int) *pattern.Count { c := l.Count(n); return &c }
	none := new(pattern.Count)
	short := []Covered{{1, 2, exist(1), true}, {2, 4, exist(2), true}}
	for want, f := range map[string]FileReport{
		"every input": {ExhaustiveTo: 2, MaxLen: 2, Lengths: short},
		"every input up to length 2 and on 3 of each other length up to 4, out of 8 to 16": {ExhaustiveTo: 2, MaxLen: 4,
			Lengths: append(short[:2:2], Covered{3, 3, exist(3), false}, Covered{4, 3, exist(4), false})},
		"every input up to length 2 and of 1 longer length and on 3 of length 6, out of 64": {ExhaustiveTo: 2, MaxLen: 6,
			Lengths: append(short[:2:2], Covered{3, 0, none, true}, Covered{4, 0, none, true}, Covered{5, 1, exist(1), true}, Covered{6, 3, exist(6), false})},
		"1 to 3 inputs of each length up to 2": {MaxLen: 2, Lengths: []Covered{{1, 1, nil, false}, {2, 3, nil, false}}},
		"every input of 1 length and on 7 of each other length up to 60, out of 2 to 1.2e18": {MaxLen: 60,
			Lengths: []Covered{{1, 7, exist(1), false}, {2, 4, exist(2), true}, {60, 7, exist(60), false}}},
	} {
		if got := f.scope(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// TestCoverage is what the line of a file says.
func TestCoverage(t *testing.T) {
	for want, f := range map[string]FileReport{
		"3 inputs, every one up to length 2":                         {Inputs: 3, ExhaustiveTo: 2, Longest: 2, MaxLen: 2},
		"1 input, of lengths up to 9 of 10":                          {Inputs: 1, Longest: 9, MaxLen: 10},
		"2 inputs, every one up to length 1 of 10":                   {Inputs: 2, ExhaustiveTo: 1, Longest: 1, MaxLen: 10},
		"5 inputs, every one up to length 1 and some up to 10 of 10": {Inputs: 5, ExhaustiveTo: 1, Longest: 10, MaxLen: 10},
	} {
		if got := f.summary(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// TestOpen: few inputs that are not all decide nothing, and the reason is given.
func TestOpen(t *testing.T) {
	for _, tt := range []struct {
		f    FileReport
		want string // part of the reason; empty where the runs decide
	}{
		{FileReport{Inputs: 3, ExhaustiveTo: 2, MaxLen: 2}, ""},
		{FileReport{Inputs: 0, ExhaustiveTo: 2, MaxLen: 2}, "no input was tried"},
		{FileReport{Inputs: LeastInputs, ExhaustiveTo: 1, MaxLen: 9}, ""},
		{FileReport{Inputs: LeastInputs - 1, ExhaustiveTo: 8, MaxLen: 9}, "499 inputs tried, neither all nor 500"},
		{FileReport{Inputs: 10_000, ExhaustiveTo: 0, MaxLen: 9}, "not even every input of length 1"},
		{FileReport{Inputs: 3, ExhaustiveTo: 2, MaxLen: 2, Weak: 1}, "1 output right by less than 1e-05"},
	} {
		if got := tt.f.open(); !strings.Contains(got, tt.want) || (got == "") != (tt.want == "") {
			t.Errorf("%+v: %q, want %q", tt.f, got, tt.want)
		}
	}
}

// TestBudgets: a small budget gives no verdict but a difference.
func TestBudgets(t *testing.T) {
	for budget, want := range map[int]Result{1: Undecided, 3: Undecided, 38: Undecided, 39: Equivalent, 0: Equivalent} {
		r, err := verified(t, &fake{label: copied}, copying(nil), Options{Budget: budget})
		if err != nil || r.Result != want {
			t.Errorf("%d inputs: %v, %v", budget, r.Result, err)
		}
	}
}

// TestWeigh: a proof needs no more runs and no larger margins; without one there is no
// verdict but a difference.
func TestWeigh(t *testing.T) {
	yes, no := &Certificate{Files: []FileProof{{Proved: true}}}, &Certificate{Files: []FileProof{{Proved: true}, {}}}
	for _, tt := range []struct {
		runs Result
		c    *Certificate
		want Result
	}{
		{Equivalent, yes, Equivalent}, {Undecided, yes, Equivalent}, {Different, yes, Different},
		{Equivalent, no, Undecided}, {Undecided, no, Undecided}, {Different, no, Different},
	} {
		r := &Report{Result: tt.runs, Certificate: tt.c}
		if r.weigh(); r.Result != tt.want {
			t.Errorf("%s, proved %v: %s", tt.runs, tt.c.Proved(), r.Result)
		}
	}
}
