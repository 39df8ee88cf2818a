package tracr_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/interp"
	"github.com/raspc/raspc/frontend/resolve"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/tracr"
	"github.com/raspc/raspc/frontend/value"
)

// length is that of the inputs of the programs here, whose tokens are all alike.
const length = 5

// resolved is a program of some nodes behind the tokens and the indices.
func resolved(t interface{ Fatalf(string, ...any) }, causal bool, nodes ...string) *resolve.Program {
	all := append([]string{`{"op": "tokens"}`, `{"op": "indices"}`}, nodes...)
	text := fmt.Sprintf(`{"format": "raspc-sop", "version": 1, "vocab": ["a"], "max_len": %d, "causal": %t, "output": %d, "nodes": [%s]}`,
		length, causal, len(all)-1, strings.Join(all, ","))
	p, list := tracr.Resolve(diag.NewSource("t.sop.json", text), resolve.Options{})
	if err := list.Err(); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return p
}

// evaluated runs a program on the longest input.
func evaluated(p *resolve.Program) (*interp.Result, error) {
	return interp.New(p.Graph, p.Settings.Causal.Value, p.Output.ID).Run(slices.Repeat([]value.Value{value.Str("a")}, length))
}

// run resolves a program, and evaluates it.
func run(t interface{ Fatalf(string, ...any) }, causal bool, nodes ...string) (*resolve.Program, *interp.Result) {
	p := resolved(t, causal, nodes...)
	r, err := evaluated(p)
	if err != nil {
		t.Fatalf("%v in\n%s", err, sop.Dump(p.Graph))
	}
	return p, r
}

// values are what functions give in random tables.
var values = []string{`null`, `true`, `false`, `0`, `1`, `-3`, `{"float": "1/3"}`, `{"float": "1"}`, `"x"`, `""`, `{"tuple": [1, "x"]}`, `{"tuple": []}`}

// TestTables: a table of one or of two s-ops gives what stands in it, whether it is
// read as an operator or as a table.
func TestTables(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		few := rapid.SliceOfN(rapid.SampledFrom(values), 1, 4).Draw(t, "values")
		first, second := rapid.SliceOfN(rapid.SampledFrom(few), length, length).Draw(t, "first"), rapid.SliceOfN(rapid.SampledFrom(values), length, length).Draw(t, "second")
		rows := map[string]string{} // one for each pair that meets
		want := make([]string, length)
		for i := range length {
			pair := equalForm(t, first[i]) + "," + equalForm(t, second[i])
			if _, ok := rows[pair]; !ok {
				rows[pair] = fmt.Sprintf("[%s, %s, %s]", first[i], second[i], rapid.SampledFrom(values).Draw(t, "result"))
			}
			want[i] = rows[pair]
		}
		var table []string
		for _, row := range rows {
			table = append(table, row)
		}
		slices.Sort(table)
		p, r := run(t, false, onIndices(first), onIndices(second), `{"op": "sequence_map", "args": [2, 3], "table": [`+strings.Join(table, ",")+`]}`)
		for i, got := range r.Sequence(p.Output.ID) {
			var row []json.RawMessage
			if err := json.Unmarshal([]byte(want[i]), &row); err != nil {
				t.Fatal(err)
			}
			if v := parsed(t, string(row[2])); !value.Identical(got, v) {
				t.Fatalf("position %d: %s, the table %s says %s\n%s", i, got.Repr(), table, v.Repr(), sop.Dump(p.Graph, p.Output.ID))
			}
		}
	})
}

// onIndices is a node that has the given values at the positions.
func onIndices(values []string) string {
	rows := make([]string, len(values))
	for i, v := range values {
		rows[i] = fmt.Sprintf("[%d, %s]", i, v)
	}
	return `{"op": "map", "args": [1], "table": [` + strings.Join(rows, ",") + `]}`
}

func parsed(t interface{ Fatal(...any) }, spelled string) value.Value {
	v, err := tracr.ParseValue(spelled)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// equalForm is what equal values share.
func equalForm(t *rapid.T, spelled string) string {
	v := parsed(t, spelled)
	for _, other := range values {
		if value.Equal(parsed(t, other), v) {
			return other
		}
	}
	return spelled
}

// TestRelations: a predicate selects what its rows say, in whatever form it is written.
func TestRelations(t *testing.T) {
	forms := map[sop.Op]int{}
	rapid.Check(t, func(t *rapid.T) {
		causal := rapid.Bool().Draw(t, "causal")
		cells := rapid.SliceOfN(rapid.SampledFrom([]string{"00000", "10000", "01000", "11000", "11100", "00110", "11111", "01010"}), length, length).Draw(t, "rows")
		p, r := run(t, causal, `{"op": "select", "args": [1, 1], "predicate": {"keys": [0, 1, 2, 3, 4], "queries": [0, 1, 2, 3, 4], "rows": ["`+strings.Join(cells, `", "`)+`"]}}`)
		forms[p.Graph.Node(p.Output.ID).Op]++
		m := r.Matrix(p.Output.ID)
		for q := range length {
			for k := range length {
				if want := cells[k][q] == '1' && (!causal || k <= q); m.At(q, k) != want {
					t.Fatalf("key %d, query %d: %t for rows %v\n%s", k, q, m.At(q, k), cells, sop.Dump(p.Graph, p.Output.ID))
				}
			}
		}
	})
	if forms[sop.Select] == 0 || forms[sop.SelOr] == 0 {
		t.Errorf("not both single comparisons and disjunctions: %v", forms)
	}
}

// TestHoles: what a table leaves out of a partial node's values is undefined, and so is what
// a function or a predicate fails for, whatever shorter form the table has.
func TestHoles(t *testing.T) {
	const first = `{"op": "select", "args": [1, 1], "predicate": "=="}` // each position its own
	partial := []string{first, `{"op": "aggregate", "args": [2, 1], "default": 0, "partial": true}`}
	failing := []string{`{"op": "map", "args": [1], "table": [[0, 0], [1, 1], [2, 2], [3, 3], [4, {"error": "E"}]]}`}
	for _, tt := range []struct {
		name  string
		nodes []string
	}{
		{"a sum", append(partial, `{"op": "sequence_map", "args": [3, 1], "table": [[0, 0, 0], [1, 1, 2], [2, 2, 4], [3, 3, 6]]}`)},
		{"of the other alone", append(partial, `{"op": "map", "args": [1], "table": [[0, 0], [1, 1], [2, 0], [3, 1], [4, 0]]}`,
			`{"op": "sequence_map", "args": [3, 4], "table": [[0, 0, 7], [1, 1, 8], [2, 0, 7], [3, 1, 8]]}`)},
		{"an order", append(partial, `{"op": "select", "args": [3, 3], "predicate": {"keys": [0, 1], "queries": [0, 1], "rows": ["01", "00"]}}`)},
		{"nothing", append(partial, `{"op": "select", "args": [3, 1], "predicate": {"keys": [0], "queries": [0, 1, 2, 3, 4], "rows": ["00000"]}}`)},
		{"everything", append(partial, `{"op": "select", "args": [1, 3], "predicate": {"keys": [0, 1, 2, 3, 4], "queries": [0], "rows": ["1", "1", "1", "1", "1"]}}`)},
		{"an order of what fails", append(failing, `{"op": "select", "args": [2, 2], "predicate": "<"}`)},
		{"a predicate that fails and selects nothing else", []string{`{"op": "select", "args": [1, 1], "predicate": {"keys": [0, 1, 2, 3, 4], "queries": [0, 1, 2, 3, 4], "rows": ["0000!", "0000!", "0000!", "0000!", "0000!"]}}`}},
	} {
		p := resolved(t, false, tt.nodes...)
		var undefined *interp.Undefined
		if _, err := evaluated(p); !errors.As(err, &undefined) {
			t.Errorf("%s: %v in\n%s", tt.name, err, sop.Dump(p.Graph))
		}
	}
}

// TestUndefined: an error says what the file says of the values that it is for.
func TestUndefined(t *testing.T) {
	const odd = `{"op": "map", "name": "odd", "args": [1], "table": [[0, false], [1, true], [2, false], [3, true], [4, false]]}`
	const third = `{"op": "map", "args": [1], "table": [[0, 0], [1, 1], [2, 2], [3, 0], [4, 1]]}`
	const both = `{"op": "sequence_map", "name": "both", "args": [2, 3], "table": [[false, 0, "p"], [true, 1, "q"], [false, 2, "r"], [true, 0, "s"]%s]}`
	for _, tt := range []struct {
		nodes []string
		want  string
	}{
		{[]string{`{"op": "map", "name": "half", "args": [1], "table": [[0, 0], [1, 0], [2, {"error": "ValueError: no"}], [3, 0], [4, 0]]}`},
			"`half` is undefined for 2: ValueError: no (at position 2)"},
		{[]string{`{"op": "map", "args": [1], "table": [[0, 0], [1, 0]]}`}, "the table has no value for 2 (at position 2)"},
		{[]string{odd, third, fmt.Sprintf(both, `, [false, 1, {"error": "KeyError: 4"}]`)}, "`both` is undefined for False and 1: KeyError: 4 (at position 4)"},
		{[]string{odd, third, fmt.Sprintf(both, "")}, "the table of `both` has no value for False and 1 (at position 4)"},
		{[]string{`{"op": "select", "name": "near", "args": [1, 1], "predicate": {"keys": [0, 1, 2, 3, 4], "queries": [0, 1, 2, 3, 4], "rows": ["!!!!!", "01000", "00100", "00010", "00001"]}}`},
			"the predicate of `near` has no value for 0 (at position 0)"},
	} {
		if _, err := evaluated(resolved(t, false, tt.nodes...)); err == nil || err.Error() != tt.want {
			t.Errorf("%v, not %s, of %s", err, tt.want, tt.nodes)
		}
	}
}

// TestValues holds files to a number of values, for their memory.
func TestValues(t *testing.T) {
	text := `{"format": "raspc-sop", "version": 1, "vocab": [` + strings.Repeat("0,", 3<<20) + `0]}`
	if _, list := tracr.Resolve(diag.NewSource("t.sop.json", text), resolve.Options{}); len(list) != 1 || list[0].Code != diag.ImportTooLarge || !strings.Contains(list[0].Message, "values") {
		t.Errorf("%v", list)
	}
}

// TestForms shows which graph is built of a node: that of the RASP front end, where it
// has one.
func TestForms(t *testing.T) {
	grid := func(f func(i, j int) string) string {
		var rows []string
		for i := range length {
			for j := range length {
				rows = append(rows, fmt.Sprintf("[%d, %d, %s]", i, j, f(i, j)))
			}
		}
		return "[" + strings.Join(rows, ",") + "]"
	}
	pairs := func(table string) []string { // of the indices and the same in another place
		return []string{`{"op": "map", "args": [1], "table": [[0,0],[1,1],[2,2],[3,3],[4,4]]}`, `{"op": "sequence_map", "args": [1, 2], "table": ` + table + "}"}
	}
	linear := func(factors string) []string {
		return []string{`{"op": "linear", "args": [1, 1], "factors": [` + factors + `]}`}
	}
	predicate := func(rows ...string) []string {
		return []string{`{"op": "select", "args": [1, 1], "predicate": {"keys": [0, 1, 2, 3, 4], "queries": [0, 1, 2, 3, 4], "rows": ["` + strings.Join(rows, `", "`) + `"]}}`}
	}
	for _, tt := range []struct {
		name  string
		nodes []string
		want  string
	}{
		{"sum", pairs(grid(func(i, j int) string { return fmt.Sprint(i + j) })), "add n1 n2"},
		{"difference the other way round", pairs(grid(func(i, j int) string { return fmt.Sprint(j - i) })), "sub n2 n1"},
		{"difference of pairs that meet", pairs("[[0, 0, 4], [1, 0, 5], [1, 1, 4], [2, 0, 6], [2, 1, 5], [2, 2, 4], [3, 3, 4], [4, 4, 4]]"), "add n3 n4"},
		{"no sum", pairs("[[0, 0, 4], [1, 0, 5], [0, 1, 7], [1, 1, 9], [2, 2, 4], [3, 3, 4], [4, 4, 5]]"), "lookup n5 {0: 4, 5: 5, 1: 7, 6: 9, 12: 4, 18: 4, 24: 5}"},
		{"order", pairs(grid(func(i, j int) string { return fmt.Sprint(i > j) })), "compare n2 < n1"},
		{"of one argument", pairs(grid(func(i, _ int) string { return fmt.Sprint(i % 2) })), "lookup n1 {0: 0, 1: 1, 2: 0, 3: 1, 4: 0}"},
		{"previous position", predicate("01000", "00100", "00010", "00001", "00000"), "select n1 == n2"},
		{"earlier positions", predicate("01111", "00111", "00011", "00001", "00000"), "select n1 < n1"},
		{"everything", predicate("11111", "11111", "11111", "11111", "11111"), "select n2 == n2"},
		{"difference of s-ops", linear("1, -1"), "sub n1 n1"},
		{"half", linear(`{"float": "1/2"}, 1`), "add n3 n1"},
	} {
		p, _ := run(t, false, tt.nodes...)
		line := strings.TrimSpace(strings.Split(strings.Split(sop.Dump(p.Graph), fmt.Sprintf("\nn%d = ", p.Output.ID))[1], "  #")[0])
		if line != tt.want {
			t.Errorf("%s: %q, not %q", tt.name, line, tt.want)
		}
	}
}
