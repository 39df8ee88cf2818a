package raspc

import (
	"fmt"
	"strings"

	"github.com/raspc/raspc/frontend/diag"
)

// Page explains the code of a diagnostic.
type Page = diag.Page

// Explain returns the page of a code such as E0401, in upper or lower case.
// Where there is no such code the error is a ChoiceError that names the one
// most likely meant.
func Explain(code string) (Page, error) {
	if p, ok := diag.Explain(diag.Code(strings.ToUpper(code))); ok {
		return p, nil
	}
	unknown := &ChoiceError{fmt.Errorf("unknown code %q", code), "raspc explain lists the codes"}
	var known []string
	for _, info := range diag.Codes() {
		known = append(known, string(info.Code))
	}
	if near := diag.Nearest(code, known); near != "" {
		unknown.Help = fmt.Sprintf("did you mean %s? raspc explain lists all", near)
	}
	return Page{}, unknown
}

// Pages returns the pages of all codes, ascending.
func Pages() []Page {
	var all []Page
	for _, info := range diag.Codes() {
		if p, ok := diag.Explain(info.Code); ok {
			all = append(all, p)
		}
	}
	return all
}
