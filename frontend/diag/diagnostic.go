package diag

import "fmt"

// Severity says how bad a diagnostic is.
type Severity uint8

// The severities, worst first.
const (
	Error Severity = iota
	Warning
	Note
)

// String gives the word that renderings use.
func (s Severity) String() string {
	switch s {
	case Error:
		return "error"
	case Warning:
		return "warning"
	default:
		return "note"
	}
}

// Label is a remark attached to a place other than the primary one.
type Label struct {
	Span Span
	Text string
}

// Diagnostic is one message to the user. It is a value: the With methods
// return changed copies. It implements error so that a stage that stops at the
// first problem can return it as is.
type Diagnostic struct {
	Code     Code
	Severity Severity
	// Message is one sentence without a full stop.
	Message string
	// Primary is where the problem is; the zero Span if it is nowhere in particular.
	Primary Span
	// Text is written behind the carets under Primary; may be empty.
	Text   string
	Labels []Label
	Notes  []string
	// Help says what to do about it; may be empty.
	Help string
	// Fixes are changes of the source that do what Help says, or keep the program
	// as it is and quiet a warning; may be empty.
	Fixes []Fix

	witness witness
}

// New makes a diagnostic with the severity that its code has in the table.
func New(code Code, at Span, format string, args ...any) Diagnostic {
	return Diagnostic{
		Code:     code,
		Severity: code.severity(),
		Message:  fmt.Sprintf(format, args...),
		Primary:  at,
	}
}

// WithText sets the remark under the primary span.
func (d Diagnostic) WithText(format string, args ...any) Diagnostic {
	d.Text = fmt.Sprintf(format, args...)
	return d
}

// WithLabel adds a remark at another place.
func (d Diagnostic) WithLabel(at Span, format string, args ...any) Diagnostic {
	// The full slice expression keeps copies of d independent of each other.
	d.Labels = append(d.Labels[:len(d.Labels):len(d.Labels)], Label{Span: at, Text: fmt.Sprintf(format, args...)})
	return d
}

// WithNote adds a line of background.
func (d Diagnostic) WithNote(format string, args ...any) Diagnostic {
	d.Notes = append(d.Notes[:len(d.Notes):len(d.Notes)], fmt.Sprintf(format, args...))
	return d
}

// WithHelp sets the line that says what to do.
func (d Diagnostic) WithHelp(format string, args ...any) Diagnostic {
	d.Help = fmt.Sprintf(format, args...)
	return d
}

// Kind returns the kind of the diagnostic's code.
func (d Diagnostic) Kind() Kind { return d.Code.Kind() }

// Error gives the diagnostic on one line: "file:line:column: error[CODE]: message".
func (d Diagnostic) Error() string {
	head := fmt.Sprintf("%s[%s]: %s", d.Severity, d.Code, d.Message)
	if d.Primary.IsZero() {
		return head
	}
	return d.Primary.String() + ": " + head
}
