// Package generate samples RASP programs: the first part of making corpora of
// transformers whose circuits are known.
//
// A sample is a pure function of the options and a number, so that a corpus can be
// made by any machines in any order, and each of its programs made again by itself:
//
//	p, err := generate.Sample(generate.Default(), 7)
//
// Programs are drawn from the output inwards. An operator is drawn by the weights of
// Options.Mix, then its operands, each with a part of the operators and of the depth
// that are left; now and then an operand is an s-op that is there already. Each new
// s-op is tried on a few inputs at once, and drawn again if it is constant there, is
// undefined, or is the same as another. That only guides: what is drawn is written as
// text, read by package resolve like any program, and then judged. A program
// is refused, and another one drawn, unless
//
//   - it resolves without errors and warnings, and its output depends on every
//     name that it binds;
//   - its output differs from each s-op that it is computed from, the input and the
//     positions among them, depends on the tokens, and is not nearly everywhere the
//     same;
//   - package values proves it defined on every input, with few values to each s-op;
//   - the reference interpreter agrees, on all inputs where they are few, else on a
//     fixed set of them.
package generate
