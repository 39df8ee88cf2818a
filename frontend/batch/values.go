package batch

import (
	"math/bits"

	"github.com/raspc/raspc/frontend/value"
)

// none is the number of no value.
const none = 0

// values numbers different values from 1.
type values struct {
	all   []value.Value // by number
	ids   map[identity]uint16
	kinds kinds // that occur
}

// identity is equal for values that are identical.
type identity struct {
	value.Key
	kind value.Kind
}

// kinds is a set of kinds of values.
type kinds uint8

func kindOf(v value.Value) kinds { return 1 << v.Kind() }

const (
	texts   kinds = 1 << value.KindString
	numeric kinds = 1<<value.KindInt | 1<<value.KindFloat
	bools   kinds = 1 << value.KindBool
)

// mixed reports whether values of these kinds form no sequence.
func (k kinds) mixed() bool { return k&texts != 0 && k != texts }

func newValues() values {
	return values{all: make([]value.Value, 1), ids: map[identity]uint16{}}
}

// number returns the number of a value, and whether it is a new one; where there
// may be none, that of a new value is none.
func (n *values) number(v value.Value, more bool) (number uint16, isNew bool) {
	id := identity{v.Key(), v.Kind()}
	number, known := n.ids[id]
	if known || !more {
		return number, false
	}
	number = uint16(len(n.all))
	n.all, n.ids[id] = append(n.all, v), number
	n.kinds |= kindOf(v)
	return number, true
}

// long reports whether a value takes notable memory or time.
func long(v value.Value) bool {
	const bytes = 48
	return len(v.Text()) > bytes || v.Rat().BitLen() > 8*bytes
}

// table holds what an operator gave for two numbers: none where that is not known.
type table struct {
	cells []uint16
	shift int // cells of a row, as a power of two
}

// fit makes room for numbers below rows and below columns. It reports false, and
// changes nothing, where the table would have more cells than most.
func (t *table) fit(rows, columns, most int) bool {
	shift := max(t.shift, bits.Len(uint(columns-1)))
	if shift == t.shift && rows<<shift <= len(t.cells) {
		return true
	}
	size := max(2*len(t.cells), rows<<shift)
	if size > most {
		return false
	}
	cells := make([]uint16, size)
	for i, number := range t.cells {
		if number != none {
			cells[i>>t.shift<<shift|i&(1<<t.shift-1)] = number
		}
	}
	t.shift, t.cells = shift, cells
	return true
}

// cell is that of two numbers.
func (t *table) cell(a, b uint16) *uint16 { return &t.cells[int(a)<<t.shift|int(b)] }
