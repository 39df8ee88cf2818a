package diag

import (
	"bytes"
	"encoding/json"
	"io"
)

// jsonDiagnostic fixes the order of the fields of the command line's contract.
type jsonDiagnostic struct {
	Code     Code     `json:"code"`
	Severity string   `json:"severity"`
	Message  string   `json:"message"`
	File     string   `json:"file"`
	Line     int      `json:"line"`
	Column   int      `json:"column"`
	Notes    []string `json:"notes"`
	Help     string   `json:"help"`

	Class Class           `json:"class,omitempty"`
	Input json.RawMessage `json:"input,omitempty"`
	Fixes []jsonFix       `json:"fixes,omitempty"`
}

type jsonFix struct {
	Title string     `json:"title"`
	Safe  bool       `json:"safe"`
	Edits []jsonEdit `json:"edits"`
}

// jsonEdit replaces what stands from line and column up to, not including, the
// end; where both are one place, it inserts.
type jsonEdit struct {
	File      string `json:"file"`
	Line      int    `json:"line"`
	Column    int    `json:"column"`
	EndLine   int    `json:"end_line"`
	EndColumn int    `json:"end_column"`
	Text      string `json:"text"`
}

// WriteJSON renders the list in reading order, one JSON object a line. A
// diagnostic without a place has an empty file and line and column 0; labels
// follow the notes as "file:line:column: text". What does not apply (class, input,
// fixes) is left out. The cap is that of TextOptions;
// a last line of severity "note" counts those left out.
func WriteJSON(w io.Writer, l List, limit int) error {
	shown, rest := capped(l.Sorted(), limit)
	if rest > 0 {
		more := Diagnostic{Severity: Note, Message: Plural(rest, "more diagnostic")}
		shown = append(shown[:len(shown):len(shown)], more)
	}
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	for _, d := range shown {
		if err := enc.Encode(toJSON(d)); err != nil {
			return err
		}
	}
	_, err := w.Write(buf.Bytes())
	return err
}

func toJSON(d Diagnostic) jsonDiagnostic {
	p := d.Primary.Pos()
	out := jsonDiagnostic{
		Code: d.Code, Severity: d.Severity.String(), Message: d.Message,
		Line: p.Line, Column: p.Column, Notes: []string{}, Help: d.Help,
	}
	if !d.Primary.IsZero() {
		out.File = d.Primary.Source.Name()
	}
	out.Notes = append(out.Notes, d.Notes...)
	for _, label := range d.Labels {
		out.Notes = append(out.Notes, label.Span.String()+": "+label.Text)
	}
	out.Class, out.Input = d.Class(), d.Witness()
	for _, f := range d.Fixes {
		out.Fixes = append(out.Fixes, fixToJSON(f))
	}
	return out
}

func fixToJSON(f Fix) jsonFix {
	out := jsonFix{Title: f.Title, Safe: f.Safe, Edits: []jsonEdit{}}
	for _, e := range f.Edits {
		from, to := e.Span.Pos(), e.Span.EndPos()
		out.Edits = append(out.Edits, jsonEdit{e.Span.Source.Name(), from.Line, from.Column, to.Line, to.Column, e.Text})
	}
	return out
}
