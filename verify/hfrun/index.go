package hfrun

import (
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/raspc/raspc/verify/fault"
	"github.com/raspc/raspc/verify/hfrun/stfile"
	"github.com/raspc/raspc/verify/strictjson"
)

// index is what the index of a sharded folder says.
type index struct {
	total  uint64              // bytes of data in all shards
	shards map[string][]string // the tensors of each file, sorted
}

// parseShards reads an index and, with open, the files that it names. Each has
// to hold exactly the tensors that the index places there, so that readers
// which go by the index and readers which open every file find the same. A
// file is checked before the next is opened: no tensor is held twice.
func parseShards(text []byte, open func(name string) (*stfile.File, error)) (*tensors, error) {
	idx, err := parseIndex(text)
	if err != nil {
		return nil, fault.In(IndexFile, err)
	}
	all := &tensors{start: IndexFile, in: map[string]file{}}
	total := uint64(0)
	for _, name := range slices.Sorted(maps.Keys(idx.shards)) {
		f, err := open(name)
		if err != nil {
			return nil, err
		}
		if err := sameNames(f.Names(), idx.shards[name]); err != nil {
			return nil, fault.In(name, err)
		}
		for _, t := range f.Names() {
			all.in[t] = file{name, f}
		}
		total += f.Size()
	}
	if total != idx.total {
		return nil, fault.In(IndexFile, fault.New(fault.Disagreeing, "total_size is %d, the shards have %d bytes of tensors", idx.total, total))
	}
	return all, nil
}

// sameNames compares the tensors of a shard, sorted, with those that the index
// places there, sorted as well.
func sameNames(have, want []string) error {
	for _, name := range have {
		if _, ok := slices.BinarySearch(want, name); !ok {
			return fault.New(fault.Disagreeing, "tensor %q is in the file, and %s does not place it there", name, IndexFile)
		}
	}
	for _, name := range want {
		if _, ok := slices.BinarySearch(have, name); !ok {
			return fault.New(fault.Disagreeing, "tensor %q is missing, which %s places there", name, IndexFile)
		}
	}
	return nil
}

// parseIndex checks everything about the text of an index that can be known
// without the shards. Once the text has passed as a whole its members need no
// second look for what strictjson refuses.
func parseIndex(text []byte) (*index, error) {
	members, err := strictjson.Object(text)
	if err != nil {
		return nil, err
	}
	for key := range members {
		if key != "metadata" && key != "weight_map" {
			return nil, fault.New(fault.Unexpected, "unknown member %q", key)
		}
	}
	idx := &index{}
	if idx.total, err = totalSize(members["metadata"]); err != nil {
		return nil, fmt.Errorf("metadata: %w", err)
	}
	if idx.shards, err = weightMap(members["weight_map"]); err != nil {
		return nil, fmt.Errorf("weight_map: %w", err)
	}
	return idx, nil
}

// totalSize reads the metadata. Its other members, such as the number of
// parameters, do not say where a tensor is.
func totalSize(text json.RawMessage) (uint64, error) {
	members, err := object[json.RawMessage](text)
	if err != nil {
		return 0, err
	}
	size, ok := members["total_size"]
	if !ok {
		return 0, fault.New(fault.Missing, "no total_size")
	}
	n, err := strconv.ParseUint(string(size), 10, 64)
	if err != nil {
		return 0, fault.New(fault.WrongType, "total_size is %.40s, not a natural number", size)
	}
	return n, nil
}

// weightMap reads the file of each tensor and returns the tensors of each file.
func weightMap(text json.RawMessage) (map[string][]string, error) {
	files, err := object[*string](text)
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fault.New(fault.Missing, "no tensors")
	}
	shards := map[string][]string{}
	for _, tensor := range slices.Sorted(maps.Keys(files)) {
		name := files[tensor]
		if name == nil || !isPlain(*name) {
			return nil, fault.New(fault.OutsideFolder, "the file of %q is not the name of a file in the folder", tensor)
		}
		shards[*name] = append(shards[*name], tensor)
	}
	return shards, nil
}

// object reads a member that is an object of values of type V.
func object[V any](text json.RawMessage) (map[string]V, error) {
	if text == nil {
		return nil, fault.New(fault.Missing, "missing")
	}
	var members map[string]V
	if err := json.Unmarshal(text, &members); err != nil {
		return nil, fault.New(fault.WrongType, "%w", err)
	}
	if members == nil {
		return nil, fault.New(fault.WrongType, "null where an object is wanted")
	}
	return members, nil
}

// isPlain reports whether a name is that of a file in its folder, whatever the
// system takes for a separator.
func isPlain(name string) bool {
	return filepath.IsLocal(name) && name != "." && !strings.ContainsAny(name, "/\\:\x00")
}
