package diag

import "encoding/json"

// Class says when a program with an error is wrong.
type Class string

// The classes of errors. Warnings and notes are of none.
const (
	// Always wrong: no input can help.
	Always Class = "always"
	// OnExample: wrong on the running example of a console, which other inputs may
	// not share.
	OnExample Class = "example"
	// OnInput: wrong on some input, which the diagnostic shows; others may be fine.
	OnInput Class = "input"
)

// Class returns when the program is wrong; "" for what is no error.
func (d Diagnostic) Class() Class {
	switch {
	case d.Severity != Error:
		return ""
	case d.witness.class == "":
		return Always
	}
	return d.witness.class
}

// Witness returns the input on which the program is wrong, as JSON; nil where
// it is wrong always.
func (d Diagnostic) Witness() json.RawMessage { return d.witness.input }

// WithWitness says that the program is wrong on an input. The class is
// OnExample or OnInput. The input is anything that becomes a JSON array of
// tokens.
func (d Diagnostic) WithWitness(c Class, input any) Diagnostic {
	text, err := json.Marshal(input)
	if err != nil { // then the message alone shows it
		text = nil
	}
	d.witness = witness{c, text}
	return d
}

// witness is an input that shows an error.
type witness struct {
	class Class
	input json.RawMessage
}
