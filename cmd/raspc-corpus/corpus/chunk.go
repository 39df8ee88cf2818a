package corpus

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"

	"github.com/raspc/raspc/internal/atomicfile"
)

// Chunk is a run of programs that are made together, and whose outcomes are kept in a file of
// their own until the dataset is complete: what an interrupted run has to make again is a chunk.
type Chunk struct{ From, To uint64 } // numbers, To not among them

// ChunkPrograms is the length of a chunk.
const ChunkPrograms = 32

// Chunks divides the programs.
func (o Options) Chunks() []Chunk {
	var all []Chunk
	for n := uint64(o.Programs()); len(all)*ChunkPrograms < int(n); {
		from := uint64(len(all) * ChunkPrograms)
		all = append(all, Chunk{from, min(n, from+ChunkPrograms)})
	}
	return all
}

// Making makes the outcomes of a chunk's part, in the order of the numbers.
type Making func(ctx context.Context, part Chunk) ([]Outcome, error)

// MakeHere is a Making in this process.
func (o Options) MakeHere(ctx context.Context, part Chunk) ([]Outcome, error) {
	var all []Outcome
	for i := part.From; i < part.To; i++ {
		out, err := o.Make(ctx, i)
		if err != nil {
			return nil, err
		}
		all = append(all, out)
	}
	return all, nil
}

// partPrograms is how many programs of a chunk are made one after the other, where others are
// made beside them.
const partPrograms = 8

// MakeChunk returns the outcomes of a chunk: those that are kept in the folder work, or new ones,
// which it keeps there. It has at most workers parts made at a time.
func (o Options) MakeChunk(ctx context.Context, work string, c Chunk, workers int, making Making) (*Kept, error) {
	key, err := o.chunkKey(c)
	if err != nil {
		return nil, err
	}
	k := &Kept{file: fmt.Sprintf("%012d-%s", c.From, key[:32])}
	path := filepath.Join(work, k.file)
	if all, ok := readChunk(path, key); ok {
		k.Outcomes = all
		return k, nil
	}
	if k.Outcomes, err = makeParts(ctx, c, workers, making); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(work, 0o777); err != nil {
		return nil, err
	}
	return k, writeChunk(path, key, k.Outcomes)
}

// chunkKey tells what the outcomes depend on. Programs in files may have changed since.
func (o Options) chunkKey(c Chunk) (string, error) {
	parts := [][]byte{[]byte(o.Digest()), fmt.Append(nil, c)}
	if o.Count == 0 {
		for i := c.From; i < c.To; i++ {
			text, err := o.readFile(o.fileOf(i))
			if err != nil {
				return "", err
			}
			parts = append(parts, []byte(text))
		}
	}
	return digest(parts...), nil
}

// makeParts makes the parts of a chunk beside each other.
func makeParts(ctx context.Context, c Chunk, workers int, making Making) ([]Outcome, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var parts []Chunk
	for from := c.From; from < c.To; from += partPrograms {
		parts = append(parts, Chunk{from, min(c.To, from+partPrograms)})
	}
	made := make([][]Outcome, len(parts))
	slots := make(chan struct{}, max(1, workers)) // bounds how much is done at a time
	var all sync.WaitGroup
	for i, part := range parts {
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			if ctx.Err() != nil {
				return
			}
			var err error
			if made[i], err = making(ctx, part); err != nil {
				cancel(err)
			}
		})
	}
	all.Wait()
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	var outcomes []Outcome
	for _, part := range made {
		outcomes = append(outcomes, part...)
	}
	return outcomes, nil
}

// EncodeOutcomes writes outcomes so that DecodeOutcomes reads them.
func EncodeOutcomes(all []Outcome) ([]byte, error) {
	var b []byte
	for _, out := range all {
		head, text, err := out.encode()
		if err != nil {
			return nil, err
		}
		b = append(append(b, head...), text...)
	}
	return b, nil
}

// encode writes an outcome: its kind and its length, and behind that what it is.
func (out Outcome) encode() (head, text []byte, err error) {
	kind := byte('R')
	if out.Record != nil {
		text, err = out.Record.MarshalBinary()
	} else {
		kind = 'F'
		text, err = json.Marshal(out.Failure)
	}
	return binary.AppendUvarint([]byte{kind}, uint64(len(text))), text, err
}

// DecodeOutcomes reads what EncodeOutcomes writes. Records keep b.
func DecodeOutcomes(b []byte) ([]Outcome, error) {
	var all []Outcome
	for len(b) > 0 {
		n, size := binary.Uvarint(b[1:])
		if size <= 0 || n > uint64(len(b)-1-size) {
			return nil, errors.New("corpus: outcomes are cut off")
		}
		kind, text := b[0], b[1+size:][:n]
		b = b[1+size+int(n):]
		var out Outcome
		var err error
		switch kind {
		case 'R':
			out.Record = &Record{}
			err = out.Record.UnmarshalBinary(text)
		case 'F':
			out.Failure = &Failure{}
			err = json.Unmarshal(text, out.Failure)
		default:
			err = errors.New("corpus: an outcome of no kind")
		}
		if err != nil {
			return nil, err
		}
		all = append(all, out)
	}
	return all, nil
}

// keyDigits is the length of the digest in front of what is kept.
const keyDigits = 64

// writeChunk keeps outcomes, behind a digest of the key and of themselves.
func writeChunk(path, key string, all []Outcome) error {
	b, err := EncodeOutcomes(all)
	if err != nil {
		return err
	}
	return atomicfile.Write(path, func(w io.Writer) error {
		_, err := w.Write(append([]byte(digest([]byte(key), b)), b...))
		return err
	})
}

// readChunk reads outcomes that are kept. What is damaged is not there.
func readChunk(path, key string) ([]Outcome, bool) {
	text, err := os.ReadFile(path)
	if err != nil || len(text) < keyDigits {
		return nil, false
	}
	sum, b := text[:keyDigits], text[keyDigits:]
	if !bytes.Equal(sum, []byte(digest([]byte(key), b))) {
		return nil, false
	}
	all, err := DecodeOutcomes(b)
	return all, err == nil
}
