// Package onnx writes a decoder as an ONNX model.
//
// The graph holds the plain decoder, without norms: MatMul, Add, Relu,
// Softmax, Where, Gather, Reshape, Transpose and the few operations that
// build the mask. Weights and constants are initializers, never Constant
// nodes, so that every tensor in the file has a name.
//
// # Interface
//
//	input_ids       int64   [batch, sequence]           BOS first, PAD on the right
//	attention_mask  int64   [batch, sequence]           1 where there is a token, 0 on PAD
//	logits          float32 [batch, sequence, outputs]
//
// batch and sequence are free. A sequence longer than the position table is an
// error of the Gather that reads it, not a wrong answer. Logits at PAD
// positions mean nothing, but are finite.
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
