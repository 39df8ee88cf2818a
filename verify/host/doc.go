// Package host takes a transformer apart that a circuit was grafted into: a program's
// weights in columns, heads and neurons of their own, and all others, which may be
// anything, in the rest. It checks on the weights that the two are apart, and bounds
// what the rest can do to the circuit by way of norms, which look at all columns.
//
// Where the circuit stands is a hint: what a wrong one leads to is an error, or a
// circuit that computes something else.
package host
