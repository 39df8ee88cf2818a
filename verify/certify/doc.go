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
// Files, in the order of a proof:
//
//	proof.go       what is to be proved; layer by layer
//	inputs.go      the program's inputs
//	program.go     the program in terms of atoms (atoms.go), as functions (exact.go)
//	totals.go      sums over keys; places.go those that positions alone decide
//	claims.go      what is proved of selectors; running.go of what counts
//	reach.go       what occurs on all inputs, where only some are meant
//	lin.go         functions of atoms, as sums
//	states.go      which values functions can take together; rules.go what excludes some
//	reads.go       what linear forms read of the stream, and how inexactly
//	pairs.go       what is asked about all pairs of query and key, part by part
//	relations.go   scores and selectors over classes of queries and keys
//	measured.go    scores and their errors
//	heads.go       what a head selects and averages; sums.go what it adds up; fit.go
//	attention.go   a layer's heads
//	mlps.go        a layer's neurons
//	norms.go       layer norms
//	types.go       types of 16 bits
//	output.go      logits against the program's output
//	bounds.go      the arithmetic of errors
//	names.go       what messages call s-ops, atoms and scores
package certify
