package batch

// column is what inputs have at one position: an element for each, or one for all
// of them.
type column[T any] struct {
	of   []T
	mask int // 0 where one element stands for all, else -1
	room []T
}

type (
	numbers = column[uint16] // of values of an s-op; none where an operator failed
	rows    = column[uint64] // of a selector, the lowest bit for position 0
)

// columns makes room at each of some positions.
func columns[T any](positions, lanes int) []*column[T] {
	all, room := make([]*column[T], positions), make([]T, positions*lanes)
	for i := range all {
		all[i] = &column[T]{room: room[i*lanes : (i+1)*lanes]}
	}
	return all
}

// at returns the element of an input.
func (c *column[T]) at(i int) T { return c.of[i&c.mask] }

// same reports whether one element stands for all inputs.
func (c *column[T]) same() bool { return c.mask == 0 }

// shape makes room for the elements of so many inputs.
func (c *column[T]) shape(same bool, inputs int) {
	c.of, c.mask = c.room[:inputs], -1
	if same {
		c.of, c.mask = c.room[:1], 0
	}
}

// set makes one element stand for all inputs.
func (c *column[T]) set(x T) {
	c.shape(true, 1)
	c.of[0] = x
}
