// Package lower turns an s-op graph and its value sets into a craft program.
//
// Every s-op is read in one of two ways. As a number it is a functional: a
// linear form over residual directions. As a choice among values it is an
// operand: a categorical variable and a table from that variable's values.
// Reads are linear, so a function of one categorical variable costs nothing in
// either form, and neither does a sum of functions of different variables read
// as a number. Whatever is neither becomes a variable of its own, computed by
// an MLP.
//
// One construction stands in one file:
//
//	affine.go      sums of functions of variables, as functionals
//	forms.go       the functionals of which a function may be one
//	jumps.go       piecewise constant functions of one functional
//	hinges.go      piecewise linear ones; products by squares
//	gates.go       products and choices with a one-hot factor
//	rectangles.go  functions of several categorical variables
//	tables.go      selectors as score tables; conjunction adds scores
//	covers.go      tables as few blocks: the dimensions of a score
//	matchings.go   those of equality
//	moves.go       aggregates that copy one value
//	means.go       aggregates that average
//	sums.go        widths, as sum heads
//	product.go     disjunctions: tables of what decides them, or product tables
//	recode.go      choices held as the heads that move read them
//	unembed.go     logits
//
// Each construction states why it is exact, and each bounds the float32 error
// of what it writes (Variable.Noise), so that a program whose errors could
// reach the gap between two values is refused instead of compiled wrong.
//
// Selected keys score exactly 0. Every missing conjunct costs C, the BOS key
// scores -C/2 as the default of aggregates, and exp(-C/2) is 0 in float32. At
// the BOS position every direction holds a known constant, which each reader
// subtracts by a weight on the bos direction.
package lower
