package safetensors

import (
	"fmt"

	"github.com/raspc/raspc/export/artifact"
	"github.com/raspc/raspc/export/tensor"
)

// Shard is one file of a list of tensors that is split over several.
type Shard struct {
	File    string // its name
	Tensors []Tensor
}

// Split distributes tensors over files of at most most bytes of data each, as
// Hugging Face's huggingface_hub does: one after the other, a new file where
// the next would be too much; a tensor that is larger by itself has a file of
// its own, and those behind it still join those before. A single file is
// called STEM.safetensors, several are STEM-00001-of-00003.safetensors and so
// on. There is always one.
func Split(stem string, tensors []Tensor, most int64) []Shard {
	var shards []Shard
	var open []Tensor
	room := most
	for _, t := range tensors {
		size := dataSize(t)
		if size > most {
			shards = append(shards, Shard{Tensors: []Tensor{t}})
			continue
		}
		if size > room {
			shards = append(shards, Shard{Tensors: open})
			open, room = nil, most
		}
		open = append(open, t)
		room -= size
	}
	if len(open) > 0 || len(shards) == 0 {
		shards = append(shards, Shard{Tensors: open})
	}
	for i := range shards {
		shards[i].File = shardName(stem, i, len(shards))
	}
	return shards
}

// dataSize returns the bytes of data of a tensor; none without a source, which Write refuses.
func dataSize(t Tensor) int64 {
	if t.Source == nil {
		return 0
	}
	return tensor.Bytes(t.Source)
}

// shardName returns the name of file i of n.
func shardName(stem string, i, n int) string {
	if n == 1 {
		return stem + ".safetensors"
	}
	return fmt.Sprintf("%s-%05d-of-%05d.safetensors", stem, i+1, n)
}

// index is the file that says which shard holds which tensor, as transformers
// reads and writes it.
type index struct {
	Metadata  indexMetadata     `json:"metadata"`
	WeightMap map[string]string `json:"weight_map"` // file by tensor
}

type indexMetadata struct {
	TotalSize int64 `json:"total_size"` // bytes of data of all tensors
}

// Index returns the index of the shards, STEM.safetensors.index.json by
// convention: the file of each tensor and the bytes of data of all. It is an
// error if a name is empty, reserved, not UTF-8 or that of another tensor.
func Index(name string, shards []Shard) (artifact.File, error) {
	all := index{WeightMap: map[string]string{}}
	for _, s := range shards {
		for _, t := range s.Tensors {
			if err := checkName(t.Name); err != nil {
				return artifact.File{}, err
			}
			if _, ok := all.WeightMap[t.Name]; ok {
				return artifact.File{}, fmt.Errorf("safetensors: two tensors named %q", t.Name)
			}
			all.WeightMap[t.Name] = s.File
			all.Metadata.TotalSize += dataSize(t)
		}
	}
	return artifact.JSON(name, all)
}
