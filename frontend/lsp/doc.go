// Package lsp is a language server: it tells editors about RASP programs over
// the Language Server Protocol, version 3.17.
//
// Messages travel by github.com/sourcegraph/jsonrpc2, which is maintained, hands
// them over in the order in which they were sent, and brings no other module
// into the build. The protocol's types are written out here, as far as they are
// used: of the libraries that have them all, the last releases are from 2022 and
// 2024, and the younger brings more than a dozen modules along.
//
// What an editor asks is answered from a view, an immutable state of a
// document, which is taken when the question arrives; the answer is worked out
// beside the reading of messages. Names are looked up in the syntax tree
// (index.go), which works while a text is being typed. What a name is worth, its
// type and value set, is found by resolving the statements that are whole
// (analysis.go). Diagnostics are computed after each change and published when
// they are ready, unless the document has changed again.
package lsp
