package values_test

import (
	"testing"

	"github.com/raspc/raspc/frontend/interp"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
	"github.com/raspc/raspc/frontend/values"
)

// TestPossible compares, for pairs and triples of token, position, length and
// a count, what is said to be possible with what occurs on some input. Relations
// of token, position and length are known exactly; with a count more is called
// possible than occurs.
func TestPossible(t *testing.T) {
	heads := map[string]string{
		"plain":  "#: vocab = \"ab\"\n#: max_len = 3\n",
		"causal": "#: vocab = \"ab\"\n#: max_len = 3\n" + causal,
		"bos":    "#: vocab = \"§ab\"\n#: max_len = 3\n#: bos = \"§\"\n",
	}
	for name, head := range heads {
		t.Run(name, func(t *testing.T) {
			p := parse(t, head+`h = selector_width(select(tokens, tokens, ==)); x = (tokens + "") * (indices + length + h);`)
			table := p.infer(t)
			idx, count := p.Graph.Indices(sop.Pos{}), p.id(t, "h")
			length := p.Graph.Width(p.Graph.Full(sop.Pos{}), sop.Pos{})
			for _, tt := range []struct {
				leaves []sop.ID
				exact  bool
			}{
				{[]sop.ID{values.RawToken, idx}, true},
				{[]sop.ID{idx, length}, true},
				{[]sop.ID{values.RawToken, idx, length}, true},
				{[]sop.ID{length, idx}, true},
				{[]sop.ID{count}, false},
				{[]sop.ID{idx, count}, false},
				{[]sop.ID{idx, length, count}, false},
			} {
				p.possible(t, table, tt.leaves, tt.exact)
			}
		})
	}
}

// possible compares the combinations of some variables.
func (p *program) possible(t *testing.T, table *values.Table, leaves []sop.ID, exact bool) {
	t.Helper()
	occurs := p.combinations(t, leaves)
	combo := make([]int, len(leaves))
	var visit func(k int, key string)
	visit = func(k int, key string) {
		if k == len(leaves) {
			may := table.Possible(leaves, combo)
			if occurs[key] && !may || exact && may && !occurs[key] {
				t.Errorf("%v: %s: possible %t, occurs %t", leaves, key, may, occurs[key])
			}
			return
		}
		for i, v := range table.Set(leaves[k]) {
			combo[k] = i
			visit(k+1, key+" "+v.Repr())
		}
	}
	visit(0, "")
}

// combinations lists what values the variables have together, on any input.
func (p *program) combinations(t *testing.T, leaves []sop.ID) map[string]bool {
	var nodes []sop.ID
	for _, l := range leaves {
		if l != values.RawToken {
			nodes = append(nodes, l)
		}
	}
	e := interp.New(p.Graph, p.domain.Causal, nodes...)
	occurs := map[string]bool{}
	for _, in := range every(p.domain) {
		r, err := e.Run(in)
		if err != nil {
			t.Fatal(err)
		}
		for i := range in {
			key := ""
			for _, l := range leaves {
				v := in[i]
				if l != values.RawToken {
					v = r.Sequence(l)[i]
				}
				key += " " + v.Repr()
			}
			occurs[key] = true
		}
	}
	return occurs
}

// TestWitness finds an input on which a program is undefined, and none where
// the domain leaves it out.
func TestWitness(t *testing.T) {
	tests := []struct {
		name, text, want string // want is the witness, "" where there is none
	}{
		{"defined", letters + "x = tokens;", ""},
		{"a missing key", letters + `x = {"a": 1, "b": 2}[tokens];`, `"c"`},
		{"a rare one", letters + `x = {0: 1, 1: 2, 2: 3}[selector_width(select(tokens, "a", ==))];`, `"a" "a" "a"`},
		{"division by zero", ints + "x = 1 / tokens;", "0"},
		{"two strings selected", letters + "x = aggregate(select(tokens, tokens, ==), tokens);", `"a" "a"`},
		{"strings and numbers", letters + `x = aggregate(select(indices, indices-1, ==), tokens);`, `"a" "a"`},
		{"left out by a pattern", letters + "#: inputs = \"[ab]*\"\nx = {\"a\": 1, \"b\": 2}[tokens];", ""},
		{"left out by BOS", "#: vocab = \"§a\"\n#: bos = \"§\"\n#: max_len = 4\nx = {1: 5, 2: 5, 3: 5, 0: 4}[indices] if tokens == \"a\" else 1;", ""},
		{"found with BOS", "#: vocab = \"§ab\"\n#: bos = \"§\"\n#: max_len = 3\nx = {\"§\": 1, \"a\": 2}[tokens];", `"§" "b"`},
		{"of a vocabulary that is BOS", "#: vocab = [\"§\"]\n#: bos = \"§\"\n#: max_len = 3\nx = 1 / indices;", `"§"`},
		{"a string repeated by a float", letters + "x = tokens * aggregate(full_s, 2);", `"a" "a"`},
		{"a list indexed by a float", letters + `x = ["p", "q", "r"][aggregate(full_s, 2)];`, `"a" "a"`},
		{"strings against numbers", letters + "x = selector_width(select(tokens, indices, <));", `"a"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := parse(t, tt.text)
			if hazards := len(p.infer(t).Hazards()); tt.want != "" && hazards == 0 {
				t.Error("no hazard")
			}
			in, err := values.Witness(p.Graph, p.Output.ID, p.domain)
			if got := spell(in); got != tt.want || (err != nil) != (tt.want != "") {
				t.Errorf("got %s (%v), want %s", got, err, tt.want)
			}
		})
	}
}

// TestAssumptions takes an aggregate for a move where samples speak for it, and
// only then.
func TestAssumptions(t *testing.T) {
	pattern := "#: vocab = \"ab#\"\n#: max_len = 30\n#: inputs = \"[ab]{28}#\"\n"
	tests := []struct {
		name, text    string
		move, assumed bool
	}{
		{"proved", letters + "x = aggregate(select(indices, 0, ==), indices);", true, false},
		{"never two", letters + "#: inputs = \"(abc?)?|c\"\nx = aggregate(select(tokens, tokens, ==), indices);", true, true},
		{"two", letters + "x = aggregate(select(tokens, tokens, ==), indices);", false, false},
		{"two in inputs of the full length only", "#: vocab = \"ab\"\n#: max_len = 40\nx = aggregate(select(length, 40, ==), indices);", false, false},
		{"two in some pairs of many", "#: vocab = 0..40\n#: tokens = int\n#: max_len = 40\nx = aggregate(select(tokens, tokens+39, ==), indices);", false, false},
		{"no sample is an input", pattern + "x = aggregate(select(tokens, \"#\", ==), indices);", false, false},
		{"samples of one token only", letters + "#: inputs = \"a\"\nx = aggregate(select(tokens, tokens, ==), indices);", false, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := parse(t, tt.text)
			f := p.infer(t).Aggregate(p.id(t, "x"))
			if f.Move != tt.move || f.Assumed != tt.assumed {
				t.Errorf("got %+v", f)
			}
		})
	}
}

// TestHazardOfStrings is an aggregate of strings that some row averages.
func TestHazardOfStrings(t *testing.T) {
	p := parse(t, letters+"x = aggregate(select(tokens, tokens, ==), tokens);")
	table, x := p.infer(t), p.id(t, "x")
	if f := table.Aggregate(x); !f.Move || f.Assumed {
		t.Errorf("got %+v", f)
	}
	if h := table.Hazards(); len(h) != 1 || h[0].Node != x {
		t.Errorf("got %+v", h)
	}
	if !value.Equal(table.Set(x)[0], value.Str("a")) {
		t.Error(spell(table.Set(x)))
	}
}
