package interp_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/raspc/raspc/frontend/interp"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
)

// TestRoom: what would take too much memory is refused before it is taken.
func TestRoom(t *testing.T) {
	for _, c := range []struct {
		name, graph string
		length      int
		room        int // in MiB; 0 for the usual limit
	}{
		{"a matrix", "n0 = indices\nn1 = select n0 == n0\nn2 = width n1", 1_000_000, 0},
		{"sequences", "n0 = indices" + steps(1000), 100_000, 0},
		{"texts", "n0 = tokens_str\nn1 = const 10000\nn2 = mul n0 n1", 200, 1},
		{"long numbers", "n0 = indices\nn1 = const 30000\nn2 = const 3\nn3 = pow n2 n1\nn4 = add n3 n0", 200, 1},
	} {
		g, _ := parse(t, c.graph)
		e, room := interp.New(g, false, sop.ID(g.Len()-1)), 1024
		if c.room > 0 {
			room = c.room
			e.Limit(1<<33, room<<20)
		}
		_, err := e.Run(repeated(c.length))
		var limit *interp.LimitError
		if !errors.As(err, &limit) || limit.Length != c.length || limit.Most != fmt.Sprintf("%d MiB of memory", room) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// TestWork counts the steps of runs, each a little below its limit and above.
func TestWork(t *testing.T) {
	for _, c := range []struct {
		name, graph string
		length      int
		work        int // between half of this and this
	}{
		{"comparisons", "n0 = indices\nn1 = select n0 == n0\nn2 = width n1", 1000, 1_100_000},
		{"means", "n0 = indices\nn1 = const 1\nn2 = select n1 == n1\nn3 = aggregate n2 n0", 1000, 2_100_000},
		{"searches", "n0 = indices\nn1 = in n0 [" + strings.Repeat("7.5, ", 999) + "7.5]", 1000, 1_100_000},
		{"long texts", "n0 = tokens_str\nn1 = const 64000\nn2 = mul n0 n1\nn3 = select n2 == n2\nn4 = width n3", 100, 11_000_000},
		{"long fractions", "n0 = indices\nn1 = const 300\nn2 = const 7/3\nn3 = pow n2 n1\nn4 = add n3 n0\nn5 = const 1\nn6 = select n5 == n5\n" +
			"n7 = aggregate n6 n4", 100, 17_000_000},
	} {
		g, _ := parse(t, c.graph)
		e := interp.New(g, false, sop.ID(g.Len()-1))
		e.Limit(c.work, 1<<30)
		if _, err := e.Run(repeated(c.length)); err != nil {
			t.Errorf("%s take more than %d steps: %v", c.name, c.work, err)
		}
		e.Limit(c.work/2, 1<<30)
		var limit *interp.LimitError
		if _, err := e.Run(repeated(c.length)); !errors.As(err, &limit) || !strings.Contains(limit.Most, "steps") {
			t.Errorf("%s take less than %d steps: %v", c.name, c.work/2, err)
		}
	}
}

// steps adds nodes, each of which adds n0 to the one before.
func steps(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "\nn%d = add n0 n%d", i+1, i)
	}
	return b.String()
}

// repeated is an input of so many tokens "a".
func repeated(n int) []value.Value {
	input := make([]value.Value, n)
	for i := range input {
		input[i] = value.Str("a")
	}
	return input
}
