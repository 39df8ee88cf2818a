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
}

// WriteJSON renders the list in reading order, one JSON object a line. A
// diagnostic without a place has an empty file and line and column 0; labels
// follow the notes as "file:line:column: text". The cap is that of TextOptions;
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
	return out
}
