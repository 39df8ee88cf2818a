package onnx

import (
	"fmt"
	"io"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/raspc/raspc/export/tensor"
)

// writeModel writes the model file. Lengths come from the plan, contents
// follow as they are produced.
func (p *plan) writeModel(w io.Writer) error {
	b := append([]byte(nil), p.head...)
	b = appendFieldStart(b, fieldModelGraph, p.graphSize)
	b = append(b, p.graph...)
	if _, err := w.Write(b); err != nil {
		return err
	}
	for _, t := range p.tensors {
		if err := t.write(w); err != nil {
			return err
		}
	}
	_, err := w.Write(p.tail)
	return err
}

// write writes the initializer as a field of the graph.
func (t plannedTensor) write(w io.Writer) error {
	b := appendFieldStart(nil, fieldGraphInitializer, t.size())
	b = append(b, t.header...)
	if t.inline {
		b = appendFieldStart(b, fieldTensorRawData, tensor.Bytes(t.src))
	}
	if _, err := w.Write(b); err != nil {
		return err
	}
	if t.inline {
		return t.writeElements(w)
	}
	return nil
}

// writeElements writes the dense bytes of the tensor.
func (t plannedTensor) writeElements(w io.Writer) error {
	n, err := t.src.WriteTo(w)
	if err != nil {
		return fmt.Errorf("initializer %s: %w", t.name, err)
	}
	if want := tensor.Bytes(t.src); n != want {
		return fmt.Errorf("initializer %s: %d bytes written, not %d", t.name, n, want)
	}
	return nil
}

// appendFieldStart appends the tag and length of a field of n bytes.
func appendFieldStart(b []byte, field protowire.Number, n int64) []byte {
	b = protowire.AppendTag(b, field, protowire.BytesType)
	return protowire.AppendVarint(b, uint64(n))
}

// writeData writes the data file: the external tensors at their offsets, with
// zeros between them.
func (p *plan) writeData(w io.Writer) error {
	var at int64
	for _, t := range p.tensors {
		if t.inline {
			continue
		}
		if _, err := w.Write(make([]byte, t.offset-at)); err != nil {
			return err
		}
		if err := t.writeElements(w); err != nil {
			return err
		}
		at = t.offset + tensor.Bytes(t.src)
	}
	return nil
}
