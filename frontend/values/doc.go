// Package values infers the value set of every s-op: the finite set of values
// that it can take, over all inputs of a vocabulary up to a maximum length and
// all positions. The compiler holds each s-op by such a set.
//
// Sets are true supersets. An elementwise expression is evaluated jointly over
// the variables that it reads (the token, the position, the results of
// aggregates and widths), so that correlated parts do not multiply. Where an
// operator is undefined on a combination, the combination is left out of the
// set and noted as a hazard: whether an input can reach it is asked of the
// reference interpreter, which either finds a witness or leaves an assumption.
package values
