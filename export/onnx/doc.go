// Package onnx writes a decoder as an ONNX model.
//
// The graph holds the plain decoder, without norms: MatMul, Add, Relu,
// Softmax, Where, Gather, Reshape, Transpose and the few operations that
// build the mask. Weights and constants are initializers, never Constant
// nodes, so that every tensor in the file has a name.
//
// # Interface
//
//	input_ids        int64   [batch, sequence]           BOS first, PAD on the right
//	attention_mask   int64   [batch, sequence]           1 where there is a token, 0 on PAD
//	logits           float32 [batch, sequence, outputs]
//	hidden_states.i  float32 [batch, sequence, d_model]  if asked for
//
// batch and sequence are free. A sequence longer than the position table is an
// error of the Gather that reads it, not a wrong answer. Outputs at PAD
// positions mean nothing, but are finite. A model whose output is a number
// calls it values instead of logits: it is no score of anything. Ids and mask
// are int32 if asked for.
//
// hidden_states.0 is the residual stream before the first layer, the sum of both
// embeddings, and hidden_states.i the stream after i layers: the last one is
// what the unembedding reads.
//
// # What is said of the parts
//
// The output of every node is declared with its type and shape, as a value or
// an output. Nodes are named by scope: layer0/attention/q/rows. Initializers
// have the names of parameters: layer0.attn.q.weight. Doc strings of nodes,
// inputs, outputs and the graph say which s-ops they compute.
//
// Scopes are names: viewers list them, and some do not draw them (Netron 9.3.3
// does not). What they draw are functions of the model. The option Functions makes one of
// each scope, and the graph one of calls: positions, embedding, mask, then
// attention and MLP of each layer. It is no default, because functions below IR
// version 10, which is that of opset 21, cannot declare the types of their
// values, and because not everything that reads ONNX files knows functions.
// Runtimes put them in the place of their calls; done so under the names of
// scopes, it gives the graph that is written without the option.
//
// # Masking
//
// The score of a hidden key is replaced by the lowest finite float32, from
// which the subtraction of any row maximum leaves the exponential of a huge
// negative number: exactly 0. A finite number rather than -Inf keeps a row in
// which every key is hidden finite, too.
//
// # Streaming
//
// Dense initializers are never held in memory. Their sizes are known
// beforehand, so that the lengths protobuf asks for can be written first;
// then each tensor streams through one buffer. A model beyond the size that
// protobuf readers accept keeps its weights in a second file.
package onnx
