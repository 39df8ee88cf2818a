// Package batch evaluates an s-op of a graph on many inputs, fast. The reference
// interpreter, package interp, says what is right; on every input the two give the
// same.
//
// All inputs of a batch have one length. Each node is evaluated on all of them
// before the next one, so that what it takes to see to a node is paid once, and
// not for each input. Two things make the rest cheap.
//
// Each s-op numbers the values that it has taken, of which compiled programs have
// few. An operator is applied to values that are new to it; from then on its
// result is looked up in a table, by the numbers of its arguments. A mean is a
// chain of sums, which are numbered and looked up, too.
//
// At each position a node has a column: one number, or row of a selector, for each
// input. Where all inputs have the same one, it holds that alone, and what follows
// from such columns only is worked out once. Inputs that are counted through
// differ in their last positions: at the first ones they share the tokens, and all
// that depends on nothing else.
//
// Nothing goes wrong here: an input on which an operator fails, or gives a long
// number or text, is left to the reference interpreter. So are all inputs of more
// than 64 positions, and all inputs once an s-op has taken too many values.
package batch
