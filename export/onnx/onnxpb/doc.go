// Package onnxpb holds the protobuf messages of the ONNX file format, as
// generated from the official schema under the protobuf package raspc.onnx.
//
// It is used by the writer in export/onnx and by the reader in
// verify/onnxrun, which share nothing else.
package onnxpb

//go:generate ./generate.sh
