package verify

import (
	"errors"
	"fmt"
	"slices"

	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/frontend/sop"
)

// constants are what columns hold that are no s-op's: at every token, and at BOS.
var constants = map[string]struct{ token, bos float64 }{"bos": {0, 1}, "real": {1, 0}}

// named holds the columns that the manifest names for the output to those that are looked
// at and proved: all behind the last layer that hold the variables named with them.
func (c *circuit) named(r *manifest.Port) error {
	if r == nil {
		return errors.New("output.reads is missing, which names the columns of the output")
	}
	var want []int
	told := false
	for _, name := range r.Variables {
		columns, output := c.standing(name)
		if _, constant := constants[name]; !output && !constant || len(columns) == 0 {
			return fmt.Errorf("output.reads: the variable %q holds nothing of the output behind the last layer", name)
		}
		want, told = append(want, columns...), told || output
	}
	slices.Sort(want)
	switch have := slices.Sorted(slices.Values(r.Columns)); {
	case !told:
		return errors.New("output.reads names no variable that holds the output")
	case !slices.Equal(have, want):
		return fmt.Errorf("output.reads names the columns %s, its variables stand in %s", manifest.RunsOf(have), manifest.RunsOf(want))
	}
	return nil
}

// standing are the columns that hold a variable or a constant behind the last layer, and
// whether it is the output.
func (c *circuit) standing(name string) (columns []int, output bool) {
	end := c.stage(2 * len(c.net.Layers))
	for i := range c.variables {
		v := &c.variables[i]
		if v.Name != name {
			continue
		}
		for _, col := range v.columns {
			if col.to > end {
				columns = append(columns, col.index)
			}
		}
		return columns, c.tells(v)
	}
	for _, col := range c.subject.man.Columns {
		if col.Variable == name {
			columns = append(columns, col.Index)
		}
	}
	return columns, false
}

// tells reports whether a variable is the program's output, which may be its input.
func (c *circuit) tells(v *variable) bool {
	return v.id == c.subject.output || v.id == raw && c.subject.graph.Node(c.subject.output).Op == sop.Tokens
}

// read reports whether a variable is the output where readers find it: there it may be held
// in other ways, too, and less exactly.
func (c *circuit) read(v *variable) bool {
	r := c.subject.man.Output.Reads
	return c.tells(v) && (r == nil || slices.Contains(r.Variables, v.Name))
}

// constant reports a column that the manifest says to hold a constant, and that does not.
func (c *circuit) constant() error {
	if ref := c.subject.man.Host.Reference; ref != nil {
		if token, bos, ok := c.parts.Constant(*ref); !ok || token != 0 || bos != 0 {
			return fmt.Errorf("the reference, column %d, does not always hold 0", *ref)
		}
	}
	for _, col := range c.subject.man.Columns {
		want, is := constants[col.Variable]
		if !is {
			continue
		}
		if token, bos, ok := c.parts.Constant(col.Index); !ok || token != want.token || bos != want.bos {
			return fmt.Errorf("column %d is to hold %s, %g at every token and %g at BOS, and does not always", col.Index, col.Variable, want.token, want.bos)
		}
	}
	return nil
}
