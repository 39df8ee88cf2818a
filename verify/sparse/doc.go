// Package sparse evaluates networks on many inputs, fast.
//
// A compiled network visits few residual streams: the positions of all inputs
// together have, after each layer, some hundreds of different ones. So a Session
// numbers the streams that it has seen, by their bits, and remembers what each
// layer made of them. Only a stream in surroundings that are new is computed,
// with the zero weights left out; everything else is looked up.
//
// What a layer makes of a stream depends on the stream and on what its queries
// see: for each head the scores and values of the keys, in any order. These are
// summed as hashes of 128 bits, so that a look-up costs one addition a key. A
// key whose weight vanishes in float32 even beside BOS's, which every query sees,
// has no part in the sum: the softmax subtracts the largest score, which is no
// less than BOS's, and exp is monotone. That is what makes the sums few: of a
// compiled head's keys, those that are not selected vanish.
//
// Inputs share what they begin with. A Session keeps the streams of its last
// input; in a causal network those of a common prefix are still right, at all
// layers, so that inputs in lexicographic order cost what their tree costs. With
// full attention only the embeddings and their keys are.
//
// # Numbers
//
// Every operation's result is rounded to float32, and then to the network's type.
// Norms and softmaxes compute in float32. Sums within one (a product with
// a matrix, the total of a softmax) are formed in float64, in an order that
// depends on the summands alone: which inputs came before changes no bit. A
// runtime that sums in float32, or in another order, is as far from this as it is
// from any other one.
//
// The hashes are not secret. Two different sums of hashes are equal by chance with
// a probability of about 2^-128 for each pair.
package sparse
