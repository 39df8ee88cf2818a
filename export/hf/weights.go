package hf

import (
	"fmt"
	"regexp"

	"github.com/raspc/raspc/export/artifact"
	"github.com/raspc/raspc/export/safetensors"
)

// The names of the files from which readers find the weights. Readers that
// find both take the first and may never see the second.
const (
	WeightsFile = weightsStem + ".safetensors"            // all tensors
	IndexFile   = weightsStem + ".safetensors.index.json" // the shard of each tensor
)

const weightsStem = "model"

// DefaultShardSize is the bytes of data in a shard unless another number is
// asked for; huggingface_hub has the same.
const DefaultShardSize = 5_000_000_000

// shardFile matches the names of shards, as safetensors.Split makes them.
var shardFile = regexp.MustCompile(`^` + weightsStem + `-\d{5,}-of-\d{5,}\.safetensors$`)

// IsWeights reports whether a folder's weights may be in a file of this name:
// WeightsFile, IndexFile or a shard.
func IsWeights(name string) bool {
	return name == WeightsFile || name == IndexFile || shardFile.MatchString(name)
}

// weightFiles returns the files of the weights, last the one that readers
// start from.
func weightFiles(tensors []safetensors.Tensor, meta map[string]string, size int64) ([]artifact.File, error) {
	if size < 0 {
		return nil, fmt.Errorf("hf: shards of %d bytes", size)
	}
	if size == 0 {
		size = DefaultShardSize
	}
	shards := safetensors.Split(weightsStem, tensors, size)
	var files []artifact.File
	for _, s := range shards {
		f, err := safetensors.File(s.File, s.Tensors, meta)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	if len(shards) == 1 {
		return files, nil
	}
	index, err := safetensors.Index(IndexFile, shards)
	return append(files, index), err
}
