package craft

import "github.com/raspc/raspc/frontend/value"

// RoleKind is what a neuron is for.
type RoleKind string

// The kinds of neurons; the constructions of craft/lower say why each is exact.
const (
	Jump      RoleKind = "jump"      // a step of a linear form: 0 on one side of a place, 1 on the other
	Rectangle RoleKind = "rectangle" // 1 where each of some variables has one of some values
	Bend      RoleKind = "bend"      // what a linear form exceeds a place by: the slope changes there
	Gate      RoleKind = "gate"      // a linear form, or a constant, where a variable has one of some values
	Copy      RoleKind = "copy"      // a linear form, of which a constant is taken away
)

// Role is the part that one neuron has in the function that its MLP computes.
type Role struct {
	Kind RoleKind
	// At is the place of a jump or bend: where the step is complete, and where
	// the slope changes. Of a gate or copy it is the least value of the form.
	At value.Rat
	// Below says that a jump opens below its place instead of above.
	Below bool
	// Saturates says that the neuron is the second of two that make a step: it
	// takes away what the first exceeds 1 by.
	Saturates bool
	// Offset says that a gate gives the least value of the form, and not the form.
	Offset bool
	// Factor is what a gate multiplies by.
	Factor value.Rat
	// Where are the values of the variables for which a rectangle or gate opens.
	Where []Where
}

// Where is a choice of values.
type Where struct {
	Variable int   // in the program's variables
	Values   []int // value numbers, increasing
}
