// Package syntax reads RASP text: a scanner, a parser and the syntax tree.
//
// The language is that of Weiss et al. 2021 as their interpreter reads it, with
// its precedence to the letter: indexing and calls, then the prefix operators
// `not`, `-`, `+`, then `^`, then `*` `/`, then `%`, then `+` `-`, then the
// comparisons, then `and` and `or` at one level, then the conditional, and `in`
// loosest; all binary operators associate to the left. Where that interpreter
// merely stumbles the parser does not follow it: statements may share a line or
// be broken anywhere, and a missing `;` is reported where it is missing.
//
// What RASP itself does not say about a program (its vocabulary, its longest
// input) stands in pragmas, comments on lines of their own that begin with
// `#:`. They are collected beside the statements.
//
// Parse always returns a tree; what was wrong is in the report. Input of any
// kind leads to diagnostics, never to a panic.
package syntax
