package corpus

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/raspc/raspc/frontend/generate"
)

// Kept are the outcomes of a chunk, which a file in the folder of work has, too.
type Kept struct {
	Outcomes []Outcome

	file string // in the folder of work
}

// Refs returns a reference to each record.
func (k *Kept) Refs() ([]*Ref, error) {
	var all []*Ref
	at := int64(keyDigits)
	for _, out := range k.Outcomes {
		head, text, err := out.encode()
		if err != nil {
			return nil, err
		}
		at += int64(len(head))
		if r := out.Record; r != nil {
			all = append(all, &Ref{Index: r.Index, Behaviour: r.Behaviour, Graph: r.Graph, file: k.file, at: at, size: int64(len(text))})
		}
		at += int64(len(text))
	}
	return all, nil
}

// Ref is where a record is kept, and what decides whether it stays and in which shard: all of a
// program that an engine has to move.
type Ref struct {
	Index            uint64
	Behaviour, Graph generate.Fingerprint

	file     string // in the folder of work
	at, size int64  // bytes there
}

// Before reports whether a program is to be kept of two of which one is kept.
func (r *Ref) Before(s *Ref) bool { return s == nil || r.Index < s.Index }

// MarshalBinary writes the reference.
func (r *Ref) MarshalBinary() ([]byte, error) {
	b := binary.BigEndian.AppendUint64(nil, r.Index)
	b = append(append(b, r.Behaviour[:]...), r.Graph[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(r.at))
	return append(binary.BigEndian.AppendUint64(b, uint64(r.size)), r.file...), nil
}

// UnmarshalBinary reads what MarshalBinary writes.
func (r *Ref) UnmarshalBinary(b []byte) error {
	const fixed = 8 + 32 + 32 + 8 + 8
	if len(b) < fixed {
		return errors.New("corpus: a reference is too short")
	}
	r.Index, r.at, r.size = be64(b), int64(be64(b[72:])), int64(be64(b[80:]))
	copy(r.Behaviour[:], b[8:])
	copy(r.Graph[:], b[40:])
	r.file = string(b[fixed:])
	return nil
}

// ReadRecords reads the records of references from the folder of work, in the order in which they are kept.
func ReadRecords(work string, refs []*Ref) ([]*Record, error) {
	slices.SortFunc(refs, func(a, b *Ref) int { return cmp.Compare(a.Index, b.Index) })
	all := make([]*Record, len(refs))
	var open *os.File
	defer func() { open.Close() }() // of nil, too
	for i, ref := range refs {
		path := filepath.Join(work, ref.file)
		if open == nil || open.Name() != path {
			open.Close()
			var err error
			if open, err = os.Open(path); err != nil {
				return nil, err
			}
		}
		r, err := ref.read(open)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		all[i] = r
	}
	return all, nil
}

// read reads a record from its file.
func (r *Ref) read(from io.ReaderAt) (*Record, error) {
	text := make([]byte, r.size)
	if _, err := from.ReadAt(text, r.at); err != nil {
		return nil, err
	}
	out := &Record{}
	if err := out.UnmarshalBinary(text); err != nil {
		return nil, err
	}
	if out.Index != r.Index || out.Behaviour != r.Behaviour {
		return nil, fmt.Errorf("another program stands where program %d should", r.Index)
	}
	return out, nil
}
