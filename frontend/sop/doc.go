// Package sop is the typed s-op graph: what a RASP program means once names,
// functions and loops are gone.
//
// A graph is a list of hash-consed nodes with dense ids; a node's arguments
// have smaller ids than the node. Each node is an s-op (a function from an
// input of length n to n values) or a selector (a function from an input to
// an n x n boolean matrix, row = query, column = key). Structurally equal
// nodes are one node, so shared subexpressions are shared by construction.
//
// The operators follow Weiss, Goldberg, Yahav 2021, "Thinking Like
// Transformers", section 3, as their interpreter implements them, with one
// addition: the width of a selector is a primitive.
package sop
