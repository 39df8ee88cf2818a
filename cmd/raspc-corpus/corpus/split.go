package corpus

import (
	"cmp"
	"fmt"
	"math"
	"path"

	"github.com/raspc/raspc/frontend/generate"
)

// Splits names the splits, in the order of Options.Shares.
func Splits() []string { return []string{"train", "validation", "test"} }

// Shard is a part of a split: two files.
type Shard struct {
	Split  int // of Splits
	Number int
	Of     int // shards in the split
}

// name is that of both files, without what follows the dot; as Hugging Face's hub spells it.
func (s Shard) name() string {
	return fmt.Sprintf("%s-%05d-of-%05d", Splits()[s.Split], s.Number, s.Of)
}

// Folder is where shards are in a dataset.
const Folder = "data"

// Rows is the path of the Parquet file in a dataset, with slashes.
func (s Shard) Rows() string { return path.Join(Folder, s.name()+".parquet") }

// Tensors is the path of the safetensors file.
func (s Shard) Tensors() string { return path.Join(Folder, s.name()+".safetensors") }

// Compare orders shards by splits and numbers.
func (s Shard) Compare(t Shard) int {
	return cmp.Or(cmp.Compare(s.Split, t.Split), cmp.Compare(s.Number, t.Number))
}

// of is how many shards a split has: one at least, where it has a share at all.
func (o Options) of(split int) int {
	if o.Shares[split] == 0 {
		return 0
	}
	return max(1, int(math.Round(o.Shares[split]*float64(o.Programs())/float64(o.ShardPrograms))))
}

// Shards are all shards of a dataset, those that stay empty, too.
func (o Options) Shards() []Shard {
	var all []Shard
	for split := range o.Shares {
		of := o.of(split)
		for n := range of {
			all = append(all, Shard{split, n, of})
		}
	}
	return all
}

// ShardOf is the shard of a program. The first half of its behaviour's 128 bits decides on the split, so
// that programs that behave alike are in one split in all datasets of equal shares, and the other on the
// shard.
func (o Options) ShardOf(behaviour generate.Fingerprint) Shard {
	at := float64(be64(behaviour[:])>>11) / (1 << 53)
	split, end := 0, o.Shares[0]
	for split < len(o.Shares)-1 && (at >= end || o.Shares[split] == 0) {
		split++
		end += o.Shares[split]
	}
	for o.Shares[split] == 0 { // rounding led beyond the last share
		split--
	}
	of := o.of(split)
	return Shard{split, int(be64(behaviour[8:]) % uint64(of)), of}
}
