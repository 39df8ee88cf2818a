package interp

// Limit lowers the limits of an evaluator's runs.
func (e *Evaluator) Limit(work, room int) { e.limits = limits{work, room} }
