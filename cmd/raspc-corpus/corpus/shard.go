package corpus

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/parquet-go/parquet-go"

	"github.com/raspc/raspc"
	"github.com/raspc/raspc/export/safetensors"
	"github.com/raspc/raspc/export/tensor"
	"github.com/raspc/raspc/internal/atomicfile"
	"github.com/raspc/raspc/verify/hfrun/stfile"
)

// madeOf is the name under which both files of a shard say what they were made of.
const madeOf = "raspc.made_of"

// Written is a shard that is on the disk.
type Written struct {
	Shard    Shard  `json:"-"`
	Split    string `json:"split"`
	Programs int    `json:"programs"`
	Files    []File `json:"files"`
}

// File is a file of a dataset.
type File struct {
	Name   string `json:"name"` // with slashes
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// WriteShard writes the two files of a shard, whatever the order of the records, unless they are there
// already and were made of the same. Neither is seen under its name before it is complete.
func (o Options) WriteShard(dir string, s Shard, records []*Record) (*Written, error) {
	slices.SortFunc(records, func(a, b *Record) int { return cmp.Compare(a.ID(), b.ID()) })
	made, err := o.digestOf(records)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Join(dir, Folder), 0o777); err != nil {
		return nil, err
	}
	for _, f := range []struct {
		name  string
		made  func(path string) string
		write func(w io.Writer, made string, s Shard, records []*Record) error
	}{{s.Tensors(), tensorsMadeOf, o.writeTensors}, {s.Rows(), rowsMadeOf, writeRows}} {
		place := filepath.Join(dir, filepath.FromSlash(f.name))
		if f.made(place) == made {
			continue
		}
		if err := atomicfile.Write(place, func(w io.Writer) error { return f.write(w, made, s, records) }); err != nil {
			return nil, err
		}
	}
	w := &Written{Shard: s, Split: Splits()[s.Split], Programs: len(records)}
	for _, name := range []string{s.Rows(), s.Tensors()} {
		f, err := fileAt(dir, name)
		if err != nil {
			return nil, err
		}
		w.Files = append(w.Files, f)
	}
	return w, nil
}

// digestOf tells what a shard is made of.
func (o Options) digestOf(records []*Record) (string, error) {
	parts := [][]byte{[]byte(o.Digest())}
	for _, r := range records {
		b, err := r.MarshalBinary()
		if err != nil {
			return "", err
		}
		parts = append(parts, b)
	}
	return digest(parts...), nil
}

// writeTensors writes the file of weights.
func (o Options) writeTensors(w io.Writer, made string, _ Shard, records []*Record) error {
	var all []tensor.Named
	for _, r := range records {
		weights, err := r.Weights()
		if err == nil {
			all, err = place(all, r.ID(), weights, o.Weights)
		}
		if err != nil {
			return err
		}
	}
	f, err := safetensors.File("shard", all, map[string]string{madeOf: made, "raspc": raspc.Version, "weights": o.Weights})
	if err != nil {
		return err
	}
	return f.Write(w)
}

// writeRows writes the Parquet file.
func writeRows(w io.Writer, made string, s Shard, records []*Record) error {
	out := parquet.NewGenericWriter[Row](w, parquet.Compression(&parquet.Zstd), parquet.CreatedBy("raspc", raspc.Version, ""),
		parquet.KeyValueMetadata(madeOf, made))
	for _, r := range records {
		row, err := r.Row()
		if err != nil {
			return err
		}
		row.Weights = filepath.Base(s.Tensors())
		if _, err := out.Write([]Row{*row}); err != nil {
			return err
		}
	}
	return out.Close()
}

// tensorsMadeOf says what a file was made of; "" where there is none, or it does not say.
func tensorsMadeOf(path string) string {
	f, err := stfile.Open(path)
	if err != nil {
		return ""
	}
	made, _ := f.Metadata(madeOf)
	return made
}

func rowsMadeOf(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	f, err := parquet.OpenFile(bytes.NewReader(text), int64(len(text)))
	if err != nil {
		return ""
	}
	made, _ := f.Lookup(madeOf)
	return made
}

// fileAt describes a file of a dataset.
func fileAt(dir, name string) (File, error) {
	f, err := os.Open(filepath.Join(dir, filepath.FromSlash(name)))
	if err != nil {
		return File{}, err
	}
	defer f.Close()
	h := sha256.New()
	n, err := io.Copy(h, f)
	return File{Name: name, Bytes: n, SHA256: hex.EncodeToString(h.Sum(nil))}, err
}
