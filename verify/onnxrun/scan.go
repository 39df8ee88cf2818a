package onnxrun

import (
	"errors"
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/raspc/raspc/export/onnx/onnxpb"
)

// maxDepth is how deep messages may nest. A model without subgraphs nests
// eight deep.
const maxDepth = 16

// scan walks the wire format of a model without allocating, and bounds what
// unmarshalling it will allocate: two bytes of file can become a message of
// some hundred bytes, and one byte a number of eight.
func scan(data []byte, l Limits) error {
	s := scanner{fields: l.Fields, numbers: l.Elements}
	return s.message(data, (&onnxpb.ModelProto{}).ProtoReflect().Descriptor(), 0)
}

// scanner counts down what is still allowed.
type scanner struct {
	fields  int64
	numbers int64 // in packed lists
}

// errTruncated reports data that is not a protobuf message.
var errTruncated = errors.New("the file is truncated or is not an ONNX model")

// message scans one message.
func (s *scanner) message(data []byte, md protoreflect.MessageDescriptor, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("messages nest deeper than %d", maxDepth)
	}
	for len(data) > 0 {
		if s.fields--; s.fields < 0 {
			return errors.New("the file has more protobuf fields than the limit allows")
		}
		num, typ, n := protowire.ConsumeTag(data)
		if n < 0 {
			return errTruncated
		}
		data = data[n:]
		if typ != protowire.BytesType {
			// Groups, which protobuf has long given up, are not in ONNX.
			if typ == protowire.StartGroupType || typ == protowire.EndGroupType {
				return errTruncated
			}
			if n = protowire.ConsumeFieldValue(num, typ, data); n < 0 {
				return errTruncated
			}
			data = data[n:]
			continue
		}
		content, n := protowire.ConsumeBytes(data)
		if n < 0 {
			return errTruncated
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
	case fd.Kind() == protoreflect.BytesKind || fd.Kind() == protoreflect.StringKind:
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
		return errors.New("the file has more numbers than the limit allows")
	}
	return nil
}
