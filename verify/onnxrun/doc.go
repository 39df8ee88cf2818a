// Package onnxrun executes ONNX model files in Go, so that an exported model
// can be checked as it lies on disk, by code that knows nothing of how it was
// made.
//
// onnx-go decodes the graph: nodes, names, edges and attributes. Everything
// that touches the content of tensors is done here, because a model file is
// not to be trusted and onnx-go's tensors fail badly on hostile ones. In
// order:
//
//  1. scan walks the protobuf wire format and bounds what decoding it can
//     allocate;
//  2. the message is unmarshalled by the generated code of
//     export/onnx/onnxpb, and check refuses what cannot be run faithfully:
//     other domains and opsets, subgraphs, sparse tensors, names defined twice
//     or used before they are defined. Functions have been put in the place of
//     their calls;
//  3. onnx-go reads a copy of the graph without tensors into backend, which
//     turns each operation into a step;
//  4. initializers are decoded, external ones from inside the model's own
//     folder only;
//  5. Run executes the steps.
//
// # Numbers
//
// Floating-point tensors are held as float64. Each operation is computed in
// float64 (products by gonum) and its result rounded to the element type of
// the file. That is at least as exact as a float32 runtime, and weights that
// vanish in float32, such as the attention paid to a hidden key, vanish here.
package onnxrun
