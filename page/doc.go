// Package page writes a web page about a model and the program that it should compute:
// one HTML file that needs no other. Who opens it can type an input and see what the
// program's s-ops are worth, by the program and in the model's columns, and what heads
// and neurons do.
//
// The page computes both sides itself, in JavaScript: oracle.mjs evaluates the graph of
// s-ops with exact rationals, as frontend/interp does, and forward.mjs runs the weights in
// their type, as verify/sparse does. scripts/web/page holds them to these. A page is a way
// to look at a model, and no verdict: that is for verify.
//
// All of a program and of a model's labels is written by strangers. Text goes into the
// page by html/template, data as JSON in which no tag can begin, and the scripts set
// text only. A content security policy names the page's own script and style by their
// hashes, and forbids everything else, the network included.
package page
