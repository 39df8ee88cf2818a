package diag

// Fix is a change of the source that answers a diagnostic.
type Fix struct {
	// Title says what the fix does: "write `not (a == b)`".
	Title string
	// Edits are the changes, in places that do not overlap.
	Edits []Edit
	// Safe is set where the program means the same after the fix, so that it may
	// be made without asking.
	Safe bool
}

// Edit replaces the text at a span; an empty span inserts.
type Edit struct {
	Span Span
	Text string
}

// WithFix adds a fix. Several fixes of one diagnostic are alternatives.
func (d Diagnostic) WithFix(f Fix) Diagnostic {
	d.Fixes = append(d.Fixes[:len(d.Fixes):len(d.Fixes)], f)
	return d
}
