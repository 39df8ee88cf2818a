package craft

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/raspc/raspc/frontend/value"
)

// Direction is a named basis direction. Value is empty for the one direction
// of a numeric variable. Step says that the direction is 1 from Value on.
type Direction struct {
	Variable string
	Value    string
	Step     bool
}

// String returns "variable=value", "variable>=value" or "variable".
func (d Direction) String() string {
	switch {
	case d.Value == "":
		return d.Variable
	case d.Step:
		return d.Variable + ">=" + d.Value
	}
	return d.Variable + "=" + d.Value
}

// Space is an ordered list of basis directions.
type Space []Direction

// Entry is one non-zero weight of a map, from a direction of one space to a
// direction of another.
type Entry struct {
	From, To int
	W        value.Rat
}

// Map is a linear map between two spaces, as its non-zero weights sorted by
// (From, To). The spaces are known from where the map stands.
type Map []Entry

// NewMap sorts the entries, adds up weights with the same ends, and drops
// zeros.
func NewMap(entries []Entry) Map {
	slices.SortStableFunc(entries, func(a, b Entry) int {
		return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
	})
	var m Map
	for _, e := range entries {
		if n := len(m); n > 0 && m[n-1].From == e.From && m[n-1].To == e.To {
			m[n-1].W = m[n-1].W.Add(e.W)
			continue
		}
		m = append(m, e)
	}
	return slices.DeleteFunc(m, func(e Entry) bool { return e.W.Sign() == 0 })
}

// check verifies that the map goes between spaces of the given sizes.
func (m Map) check(name string, from, to int) error {
	for i, e := range m {
		switch {
		case e.From < 0 || e.From >= from || e.To < 0 || e.To >= to:
			return fmt.Errorf("%s: entry %d -> %d is outside %d x %d", name, e.From, e.To, from, to)
		case e.W.Sign() == 0:
			return fmt.Errorf("%s: entry %d -> %d is zero", name, e.From, e.To)
		case i > 0 && (m[i-1].From > e.From || m[i-1].From == e.From && m[i-1].To >= e.To):
			return fmt.Errorf("%s: entries are not sorted at %d -> %d", name, e.From, e.To)
		}
	}
	return nil
}
