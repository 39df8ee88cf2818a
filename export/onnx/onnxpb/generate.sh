#!/bin/sh
# Regenerates onnx.pb.go from the official onnx.proto.
#
# The schema ships inside the Python package onnx. Its protobuf package is
# renamed from "onnx" to "raspc.onnx": a process may register a message name
# once, and onnx-go registers the original names. The renaming does not change
# one byte of what is read or written.
#
# Needs python3 with venv, and go. Versions are pinned, so that the result is
# the same wherever it is made.
set -eu

onnx=1.23.2
grpcio_tools=1.85.1
protoc_gen_go=v1.36.10
module=github.com/raspc/raspc/export/onnx/onnxpb

here=$(cd "$(dirname "$0")" && pwd)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

python3 -m venv "$tmp/venv"
"$tmp/venv/bin/pip" install --quiet "onnx==$onnx" "grpcio-tools==$grpcio_tools"
GOBIN="$tmp/bin" go install "google.golang.org/protobuf/cmd/protoc-gen-go@$protoc_gen_go"

schema=$("$tmp/venv/bin/python" -c 'import onnx, os; print(os.path.join(os.path.dirname(onnx.__file__), "onnx.proto"))')
mkdir "$tmp/raspc"
sed 's/^package onnx;$/package raspc.onnx;/' "$schema" >"$tmp/raspc/onnx.proto"

PATH="$tmp/bin:$PATH" "$tmp/venv/bin/python" -m grpc_tools.protoc \
	--proto_path="$tmp" \
	--go_out="$tmp" --go_opt=paths=source_relative --go_opt="Mraspc/onnx.proto=$module" \
	raspc/onnx.proto
gofmt "$tmp/raspc/onnx.pb.go" >"$here/onnx.pb.go"
