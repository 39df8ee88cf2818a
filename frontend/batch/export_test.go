package batch

// Limit sets what an evaluator may still remember.
func (e *Evaluator) Limit(values, cells int) { e.left = limits{values, cells} }

// Full reports whether a limit was reached.
func (e *Evaluator) Full() bool { return e.full }
