package onnxrun

import (
	"errors"
	"io"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/raspc/raspc/export/onnx/onnxpb"
	"github.com/raspc/raspc/verify/fault"
)

// maxDepth is how deep messages may nest. A model without subgraphs nests
// eight deep.
const maxDepth = 16

// scan walks the wire format of a model without allocating, and bounds what
// unmarshalling it will allocate: two bytes of file can become a message of
// some hundred bytes, and one byte a number of eight.
func scan(data []byte, l Limits) error {
	if len(data) == 0 {
		return fault.New(fault.Truncated, "the file is empty")
	}
	s := scanner{fields: l.Fields, numbers: l.Elements}
	return s.message(data, (&onnxpb.ModelProto{}).ProtoReflect().Descriptor(), 0)
}

// scanner counts down what is still allowed.
type scanner struct {
	fields  int64
	numbers int64 // in packed lists
}

// errMalformed reports data that is not a protobuf message.
var errMalformed = fault.New(fault.Malformed, "not an ONNX model: the content is no protobuf message")

// wire turns an error of protowire into a fault. Only where the outermost
// message lacks bytes does the file.
func wire(n, depth int) error {
	if depth == 0 && errors.Is(protowire.ParseError(n), io.ErrUnexpectedEOF) {
		return fault.New(fault.Truncated, "the file is truncated")
	}
	return errMalformed
}

// message scans one message.
func (s *scanner) message(data []byte, md protoreflect.MessageDescriptor, depth int) error {
	if depth > maxDepth {
		return fault.New(fault.TooLarge, "messages nest deeper than %d", maxDepth)
	}
	for len(data) > 0 {
		if s.fields--; s.fields < 0 {
			return fault.New(fault.TooLarge, "the file has more protobuf fields than the limit allows")
		}
		num, typ, n := protowire.ConsumeTag(data)
		if n < 0 {
			return wire(n, depth)
		}
		data = data[n:]
		if typ != protowire.BytesType {
			// Groups, which protobuf has long given up, are not in ONNX.
			if typ == protowire.StartGroupType || typ == protowire.EndGroupType {
				return errMalformed
			}
			if n = protowire.ConsumeFieldValue(num, typ, data); n < 0 {
				return wire(n, depth)
			}
			data = data[n:]
			continue
		}
		content, n := protowire.ConsumeBytes(data)
		if n < 0 {
			return wire(n, depth)
		}
		data = data[n:]
		if err := s.content(content, md.Fields().ByNumber(num), depth); err != nil {
			return err
		}
	}
	return nil
}

// content scans a length-delimited field; fd is nil if it is unknown.
func (s *scanner) content(data []byte, fd protoreflect.FieldDescriptor, depth int) error {
	switch {
	case fd == nil:
		return nil
	case fd.Kind() == protoreflect.MessageKind:
		return s.message(data, fd.Message(), depth+1)
	case fd.Kind() == protoreflect.BytesKind:
		return nil
	case fd.Kind() == protoreflect.StringKind:
		if !utf8.Valid(data) {
			return fault.New(fault.Malformed, "not an ONNX model: %s is not UTF-8", fd.Name())
		}
		return nil
	}
	// A packed list has at most one number a byte, and every number ends in a
	// byte without the continuation bit.
	for _, c := range data {
		if c < 0x80 {
			s.numbers--
		}
	}
	if s.numbers < 0 {
		return fault.New(fault.TooLarge, "the file has more numbers than the limit allows")
	}
	return nil
}
