package values_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/resolve"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
	"github.com/raspc/raspc/frontend/values"
)

// program is a resolved test program with its domain.
type program struct {
	*resolve.Program
	domain values.Domain
}

func parse(t testing.TB, text string) *program {
	t.Helper()
	p, list := resolve.Run(diag.NewSource("test.rasp", text), resolve.Options{})
	if err := list.Err(); err != nil {
		t.Fatal(err)
	}
	return &program{p, domainOf(p.Settings)}
}

func domainOf(s resolve.Settings) values.Domain {
	d := values.Domain{Vocab: s.Alphabet(), MaxLen: s.MaxLen.Value, Causal: s.Causal.Value, Accept: s.Accept()}
	if s.BOS.Set {
		d.BOS = &s.BOS.Value
	}
	return d
}

// infer is the table of a program's output.
func (p *program) infer(t testing.TB) *values.Table {
	t.Helper()
	table, err := values.Infer(p.Graph, p.Output.ID, p.domain)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// id finds the s-op or selector of a name.
func (p *program) id(t testing.TB, name string) sop.ID {
	t.Helper()
	b, ok := p.Lookup(name)
	if !ok {
		t.Fatalf("no %s in the program", name)
	}
	switch v := b.Value.(type) {
	case resolve.SOp:
		return v.ID
	case resolve.Selector:
		return v.ID
	}
	t.Fatalf("%s is no s-op and no selector", name)
	return 0
}

// ints and letters are the heads of programs over small domains.
const (
	ints    = "#: tokens = int\n#: vocab = [0, 1, 3]\n#: max_len = 4\n"
	letters = "#: vocab = \"abc\"\n#: max_len = 4\n"
	causal  = "#: causal = on\n"
)

// spell writes a set as one line: exact numbers, quoted strings.
func spell(set []value.Value) string {
	parts := make([]string, len(set))
	for i, v := range set {
		switch {
		case v.Kind() == value.KindFloat:
			parts[i] = v.Rat().String()
		case v.Kind() == value.KindString:
			parts[i] = fmt.Sprintf("%q", v.Text())
		default:
			parts[i] = v.Repr()
		}
	}
	return strings.Join(parts, " ")
}

// every yields all inputs of the domain.
func every(d values.Domain) [][]value.Value {
	var all [][]value.Value
	for n := 1; n <= d.MaxLen; n++ {
		digits := make([]int, n)
		for more := true; more; more = next(digits, len(d.Vocab)) {
			in := make([]value.Value, n)
			for i, k := range digits {
				in[i] = d.Vocab[k]
			}
			all = append(all, in)
		}
	}
	return slices.DeleteFunc(all, func(in []value.Value) bool {
		for i, v := range in {
			if d.BOS != nil && value.Equal(v, *d.BOS) != (i == 0) {
				return true
			}
		}
		return d.Accept != nil && !d.Accept(in)
	})
}

func next(digits []int, base int) bool {
	for i := len(digits) - 1; i >= 0; i-- {
		if digits[i]++; digits[i] < base {
			return true
		}
		digits[i] = 0
	}
	return false
}
