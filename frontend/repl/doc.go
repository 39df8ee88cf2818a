// Package repl is the interactive console of RASP: statements come line by
// line, and what they give is printed in the form of Weiss et al. 2021's own
// console, byte for byte where its output is piped.
//
// Where that console stumbles this one does not follow. Statements may share a
// line or be broken anywhere, an unfinished one is reported at the end, what is
// in a dict keeps its key. S-ops that are undefined on the running example are
// kept, and said to be undefined there. Messages of errors have the console's
// form and words of their own.
//
// On a terminal, errors come with their place and help, warnings are shown, and
// the columns of selectors line up.
package repl
