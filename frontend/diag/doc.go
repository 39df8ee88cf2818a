// Package diag is how every stage speaks to the user: source files and spans
// in them, diagnostics with stable codes, and their renderings as text (the
// source line with carets, a note, a help line) and as JSON.
//
// A stage collects diagnostics in a [Report] and hands back a [List], which is
// an error as soon as one of them is of severity [Error]. Codes are listed in
// one table (codes.go); a code, once published, keeps its meaning.
package diag
