// Package verify decides whether exported files compute their program. It
// reads the files back from the disk, executes them with code of its own, and
// compares them, position by position, with the reference interpreter.
//
// Inputs are tried exhaustively, shortest first, as far as the budget goes;
// beyond that, boundary cases and seeded random inputs of all lengths follow.
// A verdict always says how far it was exhaustive.
//
// Inputs are many, so they are run by verify/sparse on the network that a file
// holds. The runners of the files' formats, onnxrun and hfrun, read the files more
// literally and run some of the inputs as well; the two must agree.
//
// The package knows nothing of the compiler. Of the manifest it believes the
// program and its settings, which together are the specification, and the
// spelling of ids and labels, without which a file has no meaning.
package verify
