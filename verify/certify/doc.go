// Package certify proves, from the weights in a file, that a transformer
// computes its program on every input up to a length.
//
// It follows the network layer by layer. Of each column of the residual stream
// it knows an exact function of the program's own quantities at that position
// (the token, the index, the length, and the aggregates that came before) and a
// bound on how far float32 arithmetic, in any order of summation, may lie from
// it. A head is understood when the keys that it attends to are those of a
// selector of the program, for all values that queries and keys may have; an
// MLP when its neurons' inputs take finitely many values. What is not
// understood is undecided, never assumed.
//
// Nothing that the compiler says of a model is used: the value sets, the
// matching of heads and aggregates and all bounds are found here.
//
// Files:
//
//	network.go   a transformer as a file holds it
//	onnx.go      networks from ONNX graphs
//	atoms.go     the quantities that functions are functions of
//	lin.go       sums of functions of atoms
//	states.go    which values some functions can take together
//	program.go   the program in terms of atoms
//	claims.go    what is proved of selectors
//	pairs.go     scores and selectors over all pairs of query and key
//	heads.go     what a head computes, and how inexactly
//	mlps.go      what neurons compute, and how inexactly
//	output.go    logits against the program's output
package certify
