package corpus

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"github.com/klauspost/compress/zstd"

	"github.com/raspc/raspc"
	"github.com/raspc/raspc/frontend/generate"
	"github.com/raspc/raspc/frontend/resolve"
)

// Record is a program and its model on their way to a shard.
type Record struct {
	Index            uint64
	Behaviour, Graph generate.Fingerprint
	row, weights     []byte // JSON of a Row, and a file of tensors; compressed
}

// record gathers what is known of a program.
func (o Options) record(p Program, resolved *resolve.Program, l *raspc.Lens, v verdict) (*Record, error) {
	r := &Record{Index: p.Index}
	if err := r.fingerprint(p, resolved); err != nil {
		return nil, err
	}
	row, err := o.row(p, resolved, l, v, r)
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(row)
	if err != nil {
		return nil, err
	}
	r.row, r.weights = compress(text), compress(l.Weights)
	return r, nil
}

func (r *Record) fingerprint(p Program, resolved *resolve.Program) (err error) {
	if p.drawn != nil {
		r.Behaviour, r.Graph = p.drawn.Behaviour, p.drawn.Graph
		return nil
	}
	r.Graph = generate.GraphOf(resolved.Graph, resolved.Output.ID)
	r.Behaviour, err = generate.BehaviourOf(resolved)
	return err
}

// ID names the program in its dataset: what it computes decides.
func (r *Record) ID() string { return r.Behaviour.String()[:32] }

// Row returns what stands in Parquet.
func (r *Record) Row() (*Row, error) {
	text, err := decompress(r.row)
	if err != nil {
		return nil, err
	}
	row := &Row{}
	return row, json.Unmarshal(text, row)
}

// Weights returns the content of a file of tensors.
func (r *Record) Weights() ([]byte, error) { return decompress(r.weights) }

// MarshalBinary writes the record.
func (r *Record) MarshalBinary() ([]byte, error) {
	b := binary.BigEndian.AppendUint64(nil, r.Index)
	b = append(append(b, r.Behaviour[:]...), r.Graph[:]...)
	b = binary.BigEndian.AppendUint32(b, uint32(len(r.row)))
	return append(append(b, r.row...), r.weights...), nil
}

// fixed is how many bytes stand before a record's row.
const fixed = 8 + 32 + 32 + 4

// UnmarshalBinary reads what MarshalBinary writes. The record keeps b.
func (r *Record) UnmarshalBinary(b []byte) error {
	if len(b) < fixed {
		return errors.New("corpus: a record is too short")
	}
	r.Index = binary.BigEndian.Uint64(b)
	copy(r.Behaviour[:], b[8:])
	copy(r.Graph[:], b[40:])
	n := int(binary.BigEndian.Uint32(b[72:]))
	if n > len(b)-fixed {
		return errors.New("corpus: a record is too short")
	}
	r.row, r.weights = b[fixed:fixed+n], b[fixed+n:]
	return nil
}

// Records are read once or twice, so that they are compressed quickly rather than well.
var (
	encoder = sync.OnceValue(func() *zstd.Encoder {
		e, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest))
		if err != nil {
			panic("corpus: " + err.Error())
		}
		return e
	})
	decoder = sync.OnceValue(func() *zstd.Decoder {
		d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(0))
		if err != nil {
			panic("corpus: " + err.Error())
		}
		return d
	})
)

func compress(b []byte) []byte { return encoder().EncodeAll(b, nil) }

func decompress(b []byte) ([]byte, error) {
	out, err := decoder().DecodeAll(b, nil)
	if err != nil {
		return nil, fmt.Errorf("corpus: a damaged record: %w", err)
	}
	return out, nil
}
